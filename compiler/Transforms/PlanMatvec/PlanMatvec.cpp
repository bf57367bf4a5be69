#include "compiler/Dialect/Secret/SecretTypes.h"
#include "compiler/Transforms/SecretPasses.h"
#include "kernels/crypto/paillier/Matvec.h"
#include "mlir/IR/Builders.h"

namespace acie::transforms {
#define GEN_PASS_DEF_PLANMATVEC
#include "compiler/Transforms/SecretPasses.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie;

namespace {

struct PlanMatvecPass : acie::transforms::impl::PlanMatvecBase<PlanMatvecPass> {
  void runOnOperation() override {
    getOperation().walk([&](secret::MatvecOp op) {
      if (isa<secret::CipherType>(op.getType())) plan(op);
    });
  }

  void plan(secret::MatvecOp op) {
    std::vector<int64_t> weights = secret::constantMatrix(op.getMatrix());
    if (weights.empty()) return;
    ArrayRef<int64_t> shape = secret::shapeOf(op.getMatrix().getType());
    size_t rows = shape[0], columns = shape[1];
    if (op.getReversed()) {
      std::vector<int64_t> turned(weights.size());
      for (size_t r = 0; r < rows; ++r)
        for (size_t c = 0; c < columns; ++c) turned[c * rows + r] = weights[r * columns + c];
      weights = std::move(turned);
      std::swap(rows, columns);
    }
    auto chosen = paillier::Matvec::create(weights, rows, columns);
    if (!chosen.ok()) return;  // a size that the run refuses too, in words
    const paillier::MatvecPlan &plan = chosen->plan();
    Builder b(&getContext());
    op->setAttr("method", b.getStringAttr(std::string(paillier::name_of(plan.method))));
    op->setAttr("window", b.getI64IntegerAttr(plan.window));
    op->setAttr("products", b.getI64IntegerAttr(plan.products));
    op->setAttr("squarings", b.getI64IntegerAttr(plan.squarings));
    op->setAttr("inverted_rows", b.getI64IntegerAttr(plan.inverted_rows));
    op->setAttr("numbers", b.getI64IntegerAttr(static_cast<int64_t>(plan.numbers)));
    op->setAttr("cost", b.getF64FloatAttr(plan.cost()));
  }
};

}  // namespace
