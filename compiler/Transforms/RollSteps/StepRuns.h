// Finds runs of equal steps in straight-line code.
#ifndef ACIE_TRANSFORMS_ROLLSTEPS_STEPRUNS_H
#define ACIE_TRANSFORMS_ROLLSTEPS_STEPRUNS_H

#include <optional>
#include <vector>

#include "compiler/Dialect/Plan/PlanDialect.h"
#include "llvm/ADT/DenseMap.h"

namespace acie::transforms {

/// Where the operations of all steps at one place of the step find one of their operands.
struct StepOperand {
  /// Steps back to the one that computes it, 0 in the same; none: from outside of the run.
  std::optional<int> lag;
  int position = 0;  // with a lag: of what computes it, in its step
  /// From outside: with a lag, of the first `lag` steps; else of every step.
  std::vector<mlir::Value> values;

};

/// Steps of `period` operations each, from place `start` of the order on.
struct StepRun {
  int start = 0, period = 0, steps = 0;
  std::vector<StepOperand> operands;  // of the step's operations, one after the other
  std::vector<bool> kept;             // of each of its operations: whether what stands behind the run reads many steps of it

  int end() const { return start + period * steps; }
};

/// Looks at the body of a cluster. Operations are put into an order in which each stands with the latest step that it
/// needs something of: a column `x[7]` or the noise `u[7]` belong to step 7. What only some steps do and no step builds on, the
/// pairwise sum of a series, comes last. Names decide about the order alone; what a run is follows from the operations.
class StepRuns {
 public:
  StepRuns(plan::ClusterOp cluster, int minSteps);

  /// Operations but constants, in order.
  const std::vector<mlir::Operation *> &order() const { return nodes; }
  /// From the first to the last, without a common operation.
  std::vector<StepRun> find();
  /// How many steps before the run's last one a value is computed that is still needed behind it; none: nothing reads it there.
  std::optional<int> neededBehind(const StepRun &run, int node) const;
  bool isStored(int node) const { return stored[node]; }
  /// The place of an operation in the order; −1: it is none of them.
  int numberOf(mlir::Operation *op) const;
  int numberOf(mlir::Value value) const { return numberOf(value.getDefiningOp()); }

 private:
  /// What a value from outside is: all values of one place are of a kind.
  enum class Leaf { Node, Input, Scalar, Constant };

  void sortBySteps();
  std::vector<bool> findBuiltOn(const std::vector<int> &steps) const;
  Leaf leafOf(mlir::Value value) const;
  bool agree(mlir::Operation *op, mlir::Value first, mlir::Value other) const;
  bool sameForm(mlir::Operation *a, mlir::Operation *b) const;
  bool matchStep(StepRun &run, int step) const;
  bool matchOperand(const StepRun &run, StepOperand &operand, int step, mlir::Operation *op, mlir::Value value) const;
  void cutToAgreement(StepRun &run) const;
  void cutToUses(StepRun &run) const;
  StepRun grow(int start, int period);
  std::vector<int> periodsAt(int start) const;

  plan::ClusterOp cluster;
  unsigned inputs;  // how many arguments of the body are elements of buffers; the rest are per-run values
  int minSteps;
  std::vector<mlir::Operation *> nodes;
  std::vector<int> stepOf;                 // of each node; −1: of none
  std::vector<bool> stored;                // yielded by the cluster
  std::vector<std::vector<int>> users;     // of each node
  std::vector<int> nextAlike;              // the next node with the same neighbourhood; −1: none
  llvm::DenseMap<int, int> firstOfStep;
  llvm::DenseMap<mlir::Operation *, int> numbers;
  llvm::DenseMap<mlir::Operation *, mlir::DictionaryAttr> attributes;
  int64_t budget = 0;                      // operations that may still be compared
};

/// Longest memory of a step.
inline constexpr int kMostLag = 8;

}  // namespace acie::transforms

#endif  // ACIE_TRANSFORMS_ROLLSTEPS_STEPRUNS_H
