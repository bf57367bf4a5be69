#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Support/WorldGraph.h"
#include "mlir/IR/BuiltinOps.h"

namespace acie::transforms {
#define GEN_PASS_DEF_DOSURGERY
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie::ir;
using namespace acie::transforms;

namespace {

/// Evaluates the checked constraints in their worlds and folds them into one violation.
LogicalResult checkConstraints(QueryOp query, WorldGraph &graph) {
  Value residual, holds;
  OpBuilder &b = graph.getBuilder();
  for (auto check : query.getBody().front().getOps<CheckOp>()) {
    auto constraint = dyn_cast_or_null<ConstraintOp>(graph.lookup(check.getConstraintAttr().getAttr()));
    if (!constraint) return check.emitError("the model has no constraint ") << check.getConstraintAttr();
    for (int world : check.getWorlds()) {
      SmallVector<Value> parents;
      for (auto parent : constraint.getParents().getAsRange<FlatSymbolRefAttr>()) {
        parents.push_back(graph.value(parent.getAttr(), world));
        if (!parents.back()) return failure();
      }
      auto one = b.create<ResidualOp>(check.getLoc(), b.getF64Type(), b.getI1Type(), check.getConstraintAttr(), parents,
                                      b.getI32IntegerAttr(world));
      residual = residual ? b.create<MaxOp>(check.getLoc(), residual, one.getResidual()).getResult() : one.getResidual();
      holds = holds ? b.create<arith::AndIOp>(check.getLoc(), holds, one.getHolds()).getResult() : one.getHolds();
    }
  }
  if (residual) b.create<ViolationOp>(query.getLoc(), residual, holds);
  return success();
}

LogicalResult operate(QueryOp query) {
  ModelOp model = modelOf(query);
  if (!model) return query.emitError("there is no model ") << query.getModelAttr();
  auto answers = query.getBody().front().getOps<AnswerOp>();
  if (answers.empty()) return query.emitError("has no acie.answer");
  AnswerOp answer = *answers.begin();

  OpBuilder builder(answer);
  auto program = builder.create<ProgramOp>(query.getLoc());
  program.getBody().emplaceBlock();
  WorldGraph graph(query, program, model);
  IRMapping mapping;
  if (failed(graph.splice(answer.getBody().front(), mapping))) return failure();
  if (failed(checkConstraints(query, graph))) return failure();
  answer.erase();
  return success();
}

struct DoSurgeryPass : acie::transforms::impl::DoSurgeryBase<DoSurgeryPass> {
  void runOnOperation() override {
    for (auto query : getOperation().getOps<QueryOp>())
      if (failed(operate(query))) return signalPassFailure();
  }
};

}  // namespace
