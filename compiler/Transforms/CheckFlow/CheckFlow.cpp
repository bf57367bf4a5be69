#include "compiler/Dialect/Secret/SecretTypes.h"
#include "compiler/Transforms/SecretPasses.h"

namespace acie::transforms {
#define GEN_PASS_DEF_CHECKFLOW
#include "compiler/Transforms/SecretPasses.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie;

namespace {

struct CheckFlowPass : acie::transforms::impl::CheckFlowBase<CheckFlowPass> {
  void runOnOperation() override {
    bool sound = true;
    getOperation().walk([&](Operation *op) { sound = checked(op) && sound; });
    if (!sound) signalPassFailure();
  }

  bool checked(Operation *op) {
    if (auto decrypt = dyn_cast<secret::DecryptOp>(op)) {
      auto cipher = cast<secret::CipherType>(decrypt.getOperand().getType());
      auto key = getOperation().lookupSymbol<secret::KeyOp>(cipher.getKey());
      if (!key) return op->emitError("no key is called ") << cipher.getKey(), false;
      if (key.getHolder() != cipher.getParty())
        return op->emitError("decrypts at ") << cipher.getParty() << " what only " << key.getHolder() << " may", false;
    }
    if (op->getNumResults() != 1) return true;
    StringRef here = secret::partyOf(op->getResult(0).getType());
    for (Value operand : op->getOperands()) {
      StringRef there = secret::partyOf(operand.getType());
      if (there.empty() || there == here) continue;
      const bool allowed = isa<secret::RevealOp>(op) || (isa<secret::MoveOp>(op) && isa<secret::CipherType>(operand.getType()));
      if (!allowed) return op->emitError("uses at ") << here << " a value of " << there, false;
    }
    return true;
  }
};

}  // namespace
