#include "compiler/Dialect/Secret/SecretTypes.h"
#include "compiler/Transforms/SecretPasses.h"

namespace acie::transforms {
#define GEN_PASS_DEF_INFERRANGES
#include "compiler/Transforms/SecretPasses.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie;

namespace {

struct InferRangesPass : acie::transforms::impl::InferRangesBase<InferRangesPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    WalkResult walk = module.walk([&](Operation *op) {
      const auto bounds = secret::inferBounds(op);
      if (!bounds) return WalkResult::advance();
      Value result = op->getResult(0);
      result.setType(secret::withBounds(result.getType(), *bounds));
      auto cipher = dyn_cast<secret::CipherType>(result.getType());
      if (!cipher) return WalkResult::advance();
      auto key = module.lookupSymbol<secret::KeyOp>(cipher.getKey());
      if (!key) {
        op->emitError("no key is called ") << cipher.getKey();
        return WalkResult::interrupt();
      }
      if (bounds->magnitude() <= sema::plaintext_limit(key.getBits())) return WalkResult::advance();
      op->emitError("may wrap around: needs ") << sema::bits_of(bounds->magnitude()) << " bits, and " << cipher.getKey() << " has "
                                               << sema::bits_of(sema::plaintext_limit(key.getBits()));
      return WalkResult::interrupt();
    });
    if (walk.wasInterrupted()) signalPassFailure();
  }
};

}  // namespace
