// Simplification that keeps every bit of every result.
#ifndef ACIE_TRANSFORMS_SUPPORT_SIMPLIFY_H
#define ACIE_TRANSFORMS_SUPPORT_SIMPLIFY_H

#include "llvm/ADT/DenseSet.h"
#include "mlir/IR/OperationSupport.h"

namespace acie::transforms {

/// Merges operations that compute the same from the same operands, wherever they come from in the source.
class CommonOperations {
 public:
  /// Replaces and erases `op` if an equal one without effects was met before; operations are met in block order.
  bool merge(mlir::Operation &op);

 private:
  struct Equal : llvm::DenseMapInfo<mlir::Operation *> {
    static unsigned getHashValue(const mlir::Operation *op);
    static bool isEqual(const mlir::Operation *a, const mlir::Operation *b);
  };
  llvm::DenseSet<mlir::Operation *, Equal> seen;
};

/// Folds, merges equal operations and removes dead ones in a straight-line block. One pass each: operands stand before
/// their users, so nothing is visited twice.
void simplify(mlir::Block &block);

/// Removes operations without effects that nothing uses.
void removeDead(mlir::Block &block);

}  // namespace acie::transforms

#endif  // ACIE_TRANSFORMS_SUPPORT_SIMPLIFY_H
