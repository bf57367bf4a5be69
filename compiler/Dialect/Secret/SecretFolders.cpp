// What needs not be computed.

#include "compiler/Dialect/Secret/SecretTypes.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace acie::secret;

OpFoldResult GatherOp::fold(FoldAdaptor) {
  if (getOperand().getType() != getType()) return {};
  for (auto [place, index] : llvm::enumerate(getIndices()))
    if (index != static_cast<int64_t>(place)) return {};
  return getOperand();
}

namespace {

/// A gather of a gather is one.
struct GatherOnce : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getOperand().getDefiningOp<GatherOp>();
    if (!inner) return failure();
    SmallVector<int64_t> indices;
    for (int64_t index : op.getIndices()) indices.push_back(inner.getIndices()[index]);
    rewriter.replaceOpWithNewOp<GatherOp>(op, op.getType(), inner.getOperand(), indices);
    return success();
  }
};

}  // namespace

void GatherOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) { patterns.add<GatherOnce>(context); }

OpFoldResult NegateOp::fold(FoldAdaptor) {
  auto inner = getOperand().getDefiningOp<NegateOp>();
  if (inner && inner.getOperand().getType() == getType()) return inner.getOperand();
  return {};
}

OpFoldResult AddPlainOp::fold(FoldAdaptor) {
  const acie::sema::Bounds term = boundsOf(getRight().getType());
  if (term.low == 0 && term.high == 0 && getLeft().getType() == getType()) return getLeft();
  return {};
}
