#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Dialect/Plan/PlanDialect.h"
#include "compiler/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"

namespace acie::transforms {
#define GEN_PASS_DEF_FUSEEPILOGUES
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
bool fuseBias(plan::ClusterOp cluster, unsigned index) {
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

/// What the cluster does to its one input, where that is an activation.
plan::Activation activationOf(plan::ClusterOp cluster) {
  Block &body = cluster.getBody().front();
  Operation *made = cast<plan::YieldOp>(body.getTerminator()).getValues().front().getDefiningOp();
  if (!made) return plan::Activation::None;
  BlockArgument x = body.getArgument(0);
  if (isa<ir::TanhOp>(made) && made->getOperand(0) == x) return plan::Activation::Tanh;
  if (isa<ir::SigmoidOp>(made) && made->getOperand(0) == x) return plan::Activation::Sigmoid;
  if (!isa<arith::MulFOp>(made)) return plan::Activation::None;
  Value other = made->getOperand(0) == x ? made->getOperand(1) : made->getOperand(1) == x ? made->getOperand(0) : Value();
  Operation *factor = other ? other.getDefiningOp() : nullptr;
  if (!factor || factor->getNumOperands() != 1 || factor->getOperand(0) != x) return plan::Activation::None;
  if (isa<ir::NormCdfOp>(factor)) return plan::Activation::Gelu;
  return isa<ir::SigmoidOp>(factor) ? plan::Activation::Silu : plan::Activation::None;
}

/// Whether the cluster is gone, an activation of the product.
bool fuseActivation(plan::ClusterOp cluster) {
  if (cluster.getInputs().size() != 1 || !cluster.getScalars().empty() || cluster.getOutputs().size() != 1) return false;
  auto product = cluster.getInputs().front().getDefiningOp<plan::TensorOp>();
  if (!product || product.getKind() != plan::TensorKind::Contract || product.getActivation() || !product.getOutput().hasOneUse() ||
      product->getBlock() != cluster->getBlock() || product.getOutput().getType() != cluster.getOutputs().front().getType())
    return false;
  plan::Activation activation = activationOf(cluster);
  if (activation == plan::Activation::None) return false;
  product.setActivation(activation);
  cluster.getOutputs().front().replaceAllUsesWith(product.getOutput());
  cluster.erase();
  return true;
}

/// A cluster that is left with handing on what a product makes.
void eraseIfNothingIsLeft(plan::ClusterOp cluster) {
  if (cluster.getInputs().size() != 1 || cluster.getOutputs().size() != 1) return;
  Value input = cluster.getInputs().front();
  auto product = input.getDefiningOp<plan::TensorOp>();
  Block &body = cluster.getBody().front();
  if (!product || product.getKind() != plan::TensorKind::Contract || product->getBlock() != cluster->getBlock() ||
      input.getType() != cluster.getOutputs().front().getType() || cast<plan::YieldOp>(body.getTerminator()).getValues().front() != body.getArgument(0))
    return;
  cluster.getOutputs().front().replaceAllUsesWith(input);
  cluster.erase();
}

struct FuseEpiloguesPass : acie::transforms::impl::FuseEpiloguesBase<FuseEpiloguesPass> {
  void runOnOperation() override {
    getOperation().walk([](plan::ClusterOp cluster) {
      for (unsigned index = 0; index < cluster.getInputs().size();)
        if (!fuseBias(cluster, index)) ++index;
      if (!fuseActivation(cluster)) eraseIfNothingIsLeft(cluster);
    });
  }
};

}  // namespace
