#include "compiler/Transforms/Support/Simplify.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Dialect.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace acie::transforms {

unsigned CommonOperations::Equal::getHashValue(const Operation *op) {
  return OperationEquivalence::computeHash(const_cast<Operation *>(op), OperationEquivalence::directHashValue,
                                           OperationEquivalence::ignoreHashValue,
                                           OperationEquivalence::IgnoreLocations);
}

bool CommonOperations::Equal::isEqual(const Operation *a, const Operation *b) {
  if (a == b) return true;
  if (a == getEmptyKey() || a == getTombstoneKey() || b == getEmptyKey() || b == getTombstoneKey()) return false;
  return OperationEquivalence::isEquivalentTo(const_cast<Operation *>(a), const_cast<Operation *>(b),
                                              OperationEquivalence::IgnoreLocations);
}

bool CommonOperations::merge(Operation &op) {
  if ((op.getNumRegions() != 0 && !op.hasTrait<OpTrait::IsIsolatedFromAbove>()) || !isMemoryEffectFree(&op)) return false;
  auto [position, isNew] = seen.insert(&op);
  if (isNew) return false;
  op.replaceAllUsesWith(*position);
  op.erase();
  return true;
}

/// Replaces `op` by what it folds to; false if it does not fold.
static bool foldAway(Operation &op) {
  if (op.hasTrait<OpTrait::ConstantLike>()) return false;
  SmallVector<OpFoldResult> folded;
  if (failed(op.fold(folded)) || folded.size() != op.getNumResults()) return false;
  OpBuilder builder(&op);
  SmallVector<Value> values;
  for (auto [result, value] : llvm::zip(op.getResults(), folded)) {
    if (auto existing = dyn_cast<Value>(value)) {
      values.push_back(existing);
      continue;
    }
    auto attribute = cast<Attribute>(value);
    Operation *constant =
        op.getDialect()->materializeConstant(builder, attribute, result.getType(), op.getLoc());
    if (!constant) return false;
    values.push_back(constant->getResult(0));
  }
  op.replaceAllUsesWith(values);
  return true;
}

void removeDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op)) op.erase();
}

void simplify(Block &block) {
  for (Operation &op : block)
    if (op.hasTrait<OpTrait::IsIsolatedFromAbove>() && isMemoryEffectFree(&op))
      for (Region &region : op.getRegions())
        for (Block &inside : region) simplify(inside);
  for (Operation &op : llvm::make_early_inc_range(block))
    if (foldAway(op) && isOpTriviallyDead(&op)) op.erase();
  CommonOperations common;
  for (Operation &op : llvm::make_early_inc_range(block)) common.merge(op);
  removeDead(block);
}

}  // namespace acie::transforms
