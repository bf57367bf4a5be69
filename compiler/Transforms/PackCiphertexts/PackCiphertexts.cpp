#include "compiler/Dialect/Secret/SecretTypes.h"
#include "compiler/Transforms/SecretPasses.h"
#include "mlir/IR/Builders.h"

namespace acie::transforms {
#define GEN_PASS_DEF_PACKCIPHERTEXTS
#include "compiler/Transforms/SecretPasses.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie;

namespace {

constexpr int kWidestSlot = 63;

struct PackCiphertextsPass : acie::transforms::impl::PackCiphertextsBase<PackCiphertextsPass> {
  void runOnOperation() override {
    SmallVector<secret::MoveOp> moves;
    getOperation().walk([&](secret::MoveOp move) { moves.push_back(move); });
    for (secret::MoveOp move : moves) pack(move);
  }

  void pack(secret::MoveOp move) {
    auto cipher = cast<secret::CipherType>(move.getOperand().getType());
    if (cipher.getState() != secret::State::Derived || cipher.getSlots() != 0 || secret::elementsOf(cipher) < 2) return;
    if (!llvm::all_of(move.getResult().getUsers(), [](Operation *user) { return isa<secret::DecryptOp>(user); })) return;
    auto key = getOperation().lookupSymbol<secret::KeyOp>(cipher.getKey());
    const int bits = sema::bits_of(secret::boundsOf(cipher).magnitude()) + 1;  // and a sign
    if (!key || bits > kWidestSlot) return;
    OpBuilder builder(move);
    auto packed = builder.create<secret::PackOp>(move.getLoc(), secret::withSlots(cipher, bits), move.getOperand());
    move.getOperandMutable().assign(packed.getResult());
    move.getResult().setType(cast<secret::CipherType>(secret::withParty(packed.getType(), secret::partyOf(move.getType()))));
  }
};

}  // namespace
