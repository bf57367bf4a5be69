#include "compiler/Dialect/Secret/SecretTypes.h"
#include "compiler/Transforms/SecretPasses.h"
#include "mlir/IR/Builders.h"

namespace acie::transforms {
#define GEN_PASS_DEF_INSERTSEAL
#include "compiler/Transforms/SecretPasses.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie;

namespace {

struct InsertSealPass : acie::transforms::impl::InsertSealBase<InsertSealPass> {
  void runOnOperation() override {
    SmallVector<secret::MoveOp> moves;
    getOperation().walk([&](secret::MoveOp move) { moves.push_back(move); });
    for (secret::MoveOp move : moves) {
      Value leaving = move.getOperand();
      auto cipher = cast<secret::CipherType>(leaving.getType());
      if (cipher.getState() == secret::State::Sealed) continue;
      // Fresh from encryption, and this is its only way out.
      const bool fresh = leaving.getDefiningOp<secret::ConcealOp>() && leaving.hasOneUse();
      if (!fresh) {
        OpBuilder builder(move);
        auto sealed = builder.create<secret::SealOp>(move.getLoc(), secret::withState(cipher, secret::State::Sealed), leaving);
        move.getOperandMutable().assign(sealed.getResult());
      }
    }
  }
};

}  // namespace
