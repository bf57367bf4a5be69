#include "compiler/Dialect/Secret/SecretTypes.h"
#include "compiler/Transforms/SecretPasses.h"
#include "llvm/ADT/SetVector.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

namespace acie::transforms {
#define GEN_PASS_DEF_SPLITPARTIES
#include "compiler/Transforms/SecretPasses.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie;

namespace {

/// Where an operation is carried out.
StringRef placeOf(Operation &op) {
  return secret::partyOf(op.getNumResults() == 1 ? op.getResult(0).getType() : op.getOperand(0).getType());
}

struct SplitPartiesPass : acie::transforms::impl::SplitPartiesBase<SplitPartiesPass> {
  void runOnOperation() override {
    SmallVector<secret::GraphOp> graphs(getOperation().getOps<secret::GraphOp>());
    for (secret::GraphOp graph : graphs) {
      if (graph.getParty()) continue;
      llvm::SetVector<StringRef> parties;
      for (Operation &op : graph.getBody().front()) {
        parties.insert(placeOf(op));
        if (op.getNumOperands() > 0) parties.insert(secret::partyOf(op.getOperand(0).getType()));
      }
      for (StringRef party : parties) split(graph, party);
      graph.erase();
    }
  }

  void split(secret::GraphOp graph, StringRef party) {
    OpBuilder b(graph);
    auto own = b.create<secret::GraphOp>(graph.getLoc(), (graph.getSymName() + "." + party).str(), b.getStringAttr(party));
    b.setInsertionPointToEnd(&own.getBody().emplaceBlock());
    IRMapping mapping;
    int64_t number = 0;
    for (Operation &op : graph.getBody().front()) {
      if (!isa<secret::MoveOp, secret::RevealOp>(op)) {
        if (placeOf(op) == party) b.clone(op, mapping);
        continue;
      }
      Value from = op.getOperand(0), to = op.getResult(0);
      if (secret::partyOf(from.getType()) == party)
        b.create<secret::SendOp>(op.getLoc(), mapping.lookup(from), secret::partyOf(to.getType()), number,
                                 isa<secret::RevealOp>(op));
      if (secret::partyOf(to.getType()) == party)
        mapping.map(to, b.create<secret::ReceiveOp>(op.getLoc(), to.getType(), secret::partyOf(from.getType()), number).getResult());
      ++number;
    }
  }
};

}  // namespace
