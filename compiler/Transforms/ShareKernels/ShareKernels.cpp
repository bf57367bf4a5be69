#include "compiler/Dialect/Plan/PlanDialect.h"
#include "compiler/Transforms/Passes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OperationSupport.h"

namespace acie::transforms {
#define GEN_PASS_DEF_SHAREKERNELS
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie;

namespace {

/// Two clusters that one kernel can serve have equal keys; whether it can is for `alike` to say.
size_t keyOf(plan::ClusterOp cluster) {
  llvm::hash_code key = llvm::hash_combine(cluster.getInputs().size(), cluster.getScalars().size(), cluster.getOutputs().size());
  for (Operation &op : cluster.getBody().front())
    key = llvm::hash_combine(key, op.getName().getAsOpaquePointer(), op.getRawDictionaryAttrs().getAsOpaquePointer());
  return key;
}

bool alike(plan::ClusterOp a, plan::ClusterOp b) {
  if (a.getInterleave() != b.getInterleave() || a.getScalars().size() != b.getScalars().size()) return false;
  for (auto [left, right] : llvm::zip(a.getScalars(), b.getScalars())) {
    auto x = left.getDefiningOp<plan::ScalarOp>(), y = right.getDefiningOp<plan::ScalarOp>();
    if (!x || !y || x.getIndex() != y.getIndex()) return false;
  }
  return OperationEquivalence::isRegionEquivalentTo(&a.getBody(), &b.getBody(), OperationEquivalence::IgnoreLocations);
}

struct ShareKernelsPass : acie::transforms::impl::ShareKernelsBase<ShareKernelsPass> {
  void runOnOperation() override {
    llvm::DenseMap<size_t, SmallVector<plan::ClusterOp, 1>> kernels;
    int ordinal = 0;
    getOperation().walk([&](plan::ClusterOp cluster) {
      SmallVector<plan::ClusterOp, 1> &candidates = kernels[keyOf(cluster)];
      auto found = llvm::find_if(candidates, [&](plan::ClusterOp other) { return alike(cluster, other); });
      if (found != candidates.end()) {
        cluster.setOrdinal(found->getOrdinal());
        return;
      }
      cluster.setOrdinal(ordinal++);
      candidates.push_back(cluster);
    });
  }
};

}  // namespace
