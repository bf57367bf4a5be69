// Solving a block of operations for one of its arguments: an equation for its noise, or the step of a loop for its part.
#ifndef ACIE_TRANSFORMS_INVERTMECHANISM_STEPSOLVER_H
#define ACIE_TRANSFORMS_INVERTMECHANISM_STEPSOLVER_H

#include "compiler/Dialect/Acie/AcieDialect.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "mlir/IR/Builders.h"

namespace acie::transforms {

/// Builds, where `b` stands, what the operations of `block` that are free of `unknown` compute, from the values that `known`
/// has of its other arguments; then the inverse.
class StepSolver {
 public:
  using Refuse = llvm::function_ref<void(mlir::Operation *, const llvm::Twine &)>;

  struct Solution {
    mlir::Value noise;
    mlir::Value logJacobian;  // log |d root / d noise|, null if not wanted
  };

  /// `refuse` is told the operation in the way, and why.
  StepSolver(mlir::OpBuilder b, mlir::Location loc, mlir::Block &block, mlir::Value unknown,
             llvm::DenseMap<mlir::Value, mlir::Value> known, bool wantsJacobian, Refuse refuse);

  /// Solves inside = target for the unknown, one operation after the other.
  mlir::FailureOr<Solution> solve(mlir::Value inside, mlir::Value target);

  /// Solves root = target where the unknown occurs several times, linearly.
  mlir::FailureOr<Solution> solveAffine(mlir::Value root, mlir::Value target);

  /// The value, outside the block, of one that is free of the unknown.
  mlir::Value valueOf(mlir::Value inside) const { return known.lookup(inside); }

 private:
  /// slope · unknown + offset, with values outside the block; null is zero.
  struct Linear {
    mlir::Value slope, offset;
  };

  bool depends(mlir::Value value) const { return dependent.contains(value); }
  void copyOut(mlir::Operation &op);
  mlir::LogicalResult fail(mlir::Operation *op, const llvm::Twine &reason);
  bool meetsSplat(mlir::Value inside) const;
  bool isPath(mlir::Value inside) const;
  mlir::Value inOneLine(mlir::Value tensor);
  mlir::Value bestElement(mlir::Value targets, mlir::Value weight);
  std::optional<Linear> onTensors(mlir::Operation &op, llvm::ArrayRef<Linear> x);
  mlir::FailureOr<mlir::Value> solveLoop(ir::LoopOp loop, unsigned result, unsigned operand, mlir::Value target);
  mlir::Value onlyIfScaled(mlir::Operation *op, unsigned index, mlir::Value solution);
  mlir::Value unlessInfinite(mlir::Value solution, mlir::Value scale);
  mlir::FailureOr<Solution> solveSelect(mlir::Operation *select, mlir::Value target);
  std::optional<Linear> combineForms(mlir::Operation &op, llvm::ArrayRef<Linear> x);
  template <class Op>
  mlir::Value combine(mlir::Value a, mlir::Value c);
  template <class Op>
  mlir::Value scale(mlir::Value a, mlir::Value factor);
  mlir::Value choose(mlir::Value condition, mlir::Value yes, mlir::Value no);
  mlir::Value constantLike(mlir::Value like, double number);
  mlir::Value constant(double number);
  mlir::Value widen(mlir::Value value);

  mlir::OpBuilder b;
  mlir::Location loc;
  mlir::Block &block;
  mlir::Value unknown;
  llvm::DenseSet<mlir::Value> dependent;
  llvm::DenseMap<mlir::Value, mlir::Value> known;
  bool wantsJacobian;
  Refuse refuse;
};

}  // namespace acie::transforms

#endif  // ACIE_TRANSFORMS_INVERTMECHANISM_STEPSOLVER_H
