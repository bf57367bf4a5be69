#include "compiler/Dialect/Plan/PlanDialect.h"
#include "compiler/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"

namespace acie::transforms {
#define GEN_PASS_DEF_FUSEBIASES
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie;

namespace {

plan::BufferType bufferOf(Value value) { return cast<plan::BufferType>(value.getType()); }

RankedTensorType tensorOf(Value value) { return dyn_cast<RankedTensorType>(bufferOf(value).getElementType()); }

/// A matrix times a vector, as far as no bias is in it yet.
bool takesBias(plan::TensorOp product) {
  if (!product || product.getKind() != plan::TensorKind::Contract || product.getInputs().size() != 2) return false;
  RankedTensorType a = tensorOf(product.getInputs()[0]), b = tensorOf(product.getInputs()[1]);
  return a.getRank() == 2 && b.getRank() == 2 && b.getShape().back() == 1;
}

/// Takes `product + bias` out of the cluster's body; false where that is not all that the cluster does with the product.
bool fuse(plan::ClusterOp cluster, unsigned index) {
  auto product = cluster.getInputs()[index].getDefiningOp<plan::TensorOp>();
  if (!takesBias(product) || !product.getOutput().hasOneUse()) return false;
  BlockArgument argument = cluster.getBody().getArgument(index);
  if (!argument.hasOneUse()) return false;
  auto sum = dyn_cast<arith::AddFOp>(*argument.getUsers().begin());
  if (!sum) return false;
  auto bias = dyn_cast<BlockArgument>(sum.getLhs() == argument ? sum.getRhs() : sum.getLhs());
  if (!bias || bias == argument || bias.getArgNumber() >= cluster.getInputs().size()) return false;
  Value buffer = cluster.getInputs()[bias.getArgNumber()];
  // The same for every point, so that it is one vector for the whole product.
  if (bufferOf(buffer).getSpace() != plan::Space::Table || buffer.getType() == product.getOutput().getType() ||
      tensorOf(buffer) != tensorOf(product.getOutput()))
    return false;
  if (Operation *made = buffer.getDefiningOp(); made && made->getBlock() == product->getBlock() && !made->isBeforeInBlock(product)) return false;
  product.getInputsMutable().append(buffer);
  sum.replaceAllUsesWith(argument);
  sum.erase();
  if (bias.use_empty()) {
    unsigned gone = bias.getArgNumber();
    cluster.getInputsMutable().erase(gone);
    cluster.getBody().front().eraseArgument(gone);
  }
  return true;
}

struct FuseBiasesPass : acie::transforms::impl::FuseBiasesBase<FuseBiasesPass> {
  void runOnOperation() override {
    getOperation().walk([](plan::ClusterOp cluster) {
      for (unsigned index = 0; index < cluster.getInputs().size();)
        if (!fuse(cluster, index)) ++index;
    });
  }
};

}  // namespace
