#include <map>

#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Support/Simplify.h"
#include "compiler/Transforms/Support/WorldGraph.h"
#include "mlir/IR/BuiltinOps.h"

namespace acie::transforms {
#define GEN_PASS_DEF_SHAREWORLDS
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie::ir;
using namespace acie::transforms;

namespace {

/// Replaces an observed evaluation by the evidence, where its parents are factual, or by a choice made when running.
/// Returns the plain evaluation that is left, if any.
EvalOp resolveObserved(EvalOp eval) {
  if (!eval.getEvidence()) return eval;
  SmallVector<Value> parents, factual;
  for (auto [here, there] : llvm::zip(eval.getParents(), eval.getFactual())) {
    if (here == there) continue;
    parents.push_back(here);
    factual.push_back(there);
  }
  if (parents.empty()) {
    eval.getValue().replaceAllUsesWith(eval.getEvidence());
    eval.erase();
    return {};
  }
  OpBuilder b(eval);
  auto plain = b.create<EvalOp>(eval.getLoc(), eval.getValue().getType(), eval.getVariableAttr(), eval.getParents(),
                                Value(), ValueRange(), eval.getWorldsAttr());
  auto keep = b.create<KeepOp>(eval.getLoc(), eval.getValue().getType(), eval.getEvidence(), plain.getValue(), parents,
                               factual);
  eval.getValue().replaceAllUsesWith(keep.getValue());
  eval.erase();
  return plain;
}

/// One pass in program order: when an evaluation is reached, its parents are already merged.
void share(ProgramOp program) {
  Block &block = program.getBody().front();
  CommonOperations common;
  int evaluations = 0, distinct = 0;
  std::map<std::pair<const void *, SmallVector<const void *>>, EvalOp> seen;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto eval = dyn_cast<EvalOp>(op);
    if (!eval) {
      common.merge(op);
      continue;
    }
    ++evaluations;
    eval = resolveObserved(eval);
    if (!eval) continue;
    SmallVector<const void *> parents;
    for (Value parent : eval.getParents()) parents.push_back(parent.getAsOpaquePointer());
    auto [position, isNew] =
        seen.try_emplace({eval.getVariableAttr().getAsOpaquePointer(), std::move(parents)}, eval);
    if (isNew) {
      ++distinct;
      continue;
    }
    EvalOp first = position->second;
    SmallVector<int32_t> worlds(first.getWorlds());
    llvm::append_range(worlds, eval.getWorlds());
    llvm::sort(worlds);
    worlds.erase(std::unique(worlds.begin(), worlds.end()), worlds.end());
    first.setWorlds(worlds);
    eval.getValue().replaceAllUsesWith(first.getValue());
    eval.erase();
  }
  removeDead(block);
  Builder b(program.getContext());
  program->setAttr("evaluations", b.getI32IntegerAttr(evaluations));
  program->setAttr("distinct", b.getI32IntegerAttr(distinct));
}

struct ShareWorldsPass : acie::transforms::impl::ShareWorldsBase<ShareWorldsPass> {
  void runOnOperation() override {
    for (auto query : getOperation().getOps<QueryOp>()) {
      ProgramOp program = programOf(query);
      if (!program) {
        query.emitError("has no acie.program: run acie-do-surgery first");
        return signalPassFailure();
      }
      share(program);
    }
  }
};

}  // namespace
