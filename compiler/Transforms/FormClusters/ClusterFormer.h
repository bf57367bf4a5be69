// Groups the operations of a block into clusters: one loop over a space, and over the elements of tensors of one shape.
#ifndef ACIE_TRANSFORMS_FORMCLUSTERS_CLUSTERFORMER_H
#define ACIE_TRANSFORMS_FORMCLUSTERS_CLUSTERFORMER_H

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "compiler/Transforms/FormClusters/Placement.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"
#include "mlir/IR/IRMapping.h"

namespace acie::transforms {

/// Works in three steps: demand() what the block is for, collect() finds what that needs, emitClusters() writes the plan's
/// operations. Columns, parameters and what a loop hands in are put into `buffer` in between.
class ClusterFormer {
 public:
  /// `name` begins the names of the clusters, numbered from `ordinal` on.
  ClusterFormer(mlir::Block &block, mlir::OpBuilder builder, std::string name, int &ordinal)
      : block(block), b(builder), name(std::move(name)), ordinal(ordinal) {}

 protected:
  struct Cluster {
    llvm::SetVector<mlir::Value> results;          // what it yields
    llvm::DenseSet<mlir::Operation *> operations;  // its body
    llvm::SetVector<mlir::Value> inputs;           // values of the block that it reads from buffers
  };

  /// Asks for a buffer of `value` at `place`.
  void demand(mlir::Value value, Place place);
  /// Asks for a column, or for a reduction or operation on tensors and its operands.
  void need(mlir::Operation *op);
  void collect();
  void emitClusters();

  plan::BufferType bufferType(mlir::Type element, plan::Space space) const {
    return plan::BufferType::get(b.getContext(), element, space);
  }

  /// Buffers by value and place.
  struct Buffers {
    std::map<std::pair<void *, Place>, mlir::Value> map;
    mlir::Value &operator[](std::pair<mlir::Value, Place> key) { return map[{key.first.getAsOpaquePointer(), key.second}]; }
    mlir::Value lookup(std::pair<mlir::Value, Place> key) const {
      auto found = map.find({key.first.getAsOpaquePointer(), key.second});
      return found == map.end() ? mlir::Value() : found->second;
    }
    bool contains(std::pair<mlir::Value, Place> key) const { return static_cast<bool>(lookup(key)); }
  };

  mlir::Block &block;
  mlir::OpBuilder b;
  std::string name;
  int &ordinal;
  bool hasDraws = false;
  bool report = false;  // a remark per cluster
  std::optional<Placement> placement;
  Buffers buffer;
  llvm::SetVector<mlir::Operation *> buffers;   // columns, reductions and operations on tensors that are needed
  llvm::DenseSet<mlir::Operation *> withError;  // estimates whose standard error is an output
  llvm::DenseSet<mlir::Operation *> slots;
  llvm::DenseMap<mlir::Operation *, mlir::Value> scalars, errors;

 private:
  mlir::Value bufferOf(mlir::Operation *op, mlir::Value operand) const;
  Place operandPlace(mlir::Operation *op, mlir::Value operand) const;
  void collect(const Place &place, Cluster &cluster);
  void emitReductions();
  void emitTensorOperation(mlir::Operation *op, const Place &to);
  void emitLoop(ir::LoopOp loop, const Place &to);
  /// Forms the body of `loop` into that of `made`; `same`: buffers of what all steps read.
  void formBody(ir::LoopOp loop, plan::LoopOp made, llvm::ArrayRef<mlir::Value> same, plan::Space space);
  mlir::Value copy(mlir::Value from, plan::Space space);
  void emit(const Place &place, Cluster &cluster);
  void copyElement(mlir::Operation &op, mlir::OpBuilder &inside, mlir::IRMapping &mapping);
  llvm::StringRef suffix(plan::Space space) const;

  std::map<Place, Cluster> clusters;
};

}  // namespace acie::transforms

#endif  // ACIE_TRANSFORMS_FORMCLUSTERS_CLUSTERFORMER_H
