#include "compiler/Transforms/InvertMechanism/LinearSystem.h"
#include "compiler/Transforms/InvertMechanism/StepSolver.h"
#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Support/WorldGraph.h"
#include "mlir/IR/BuiltinOps.h"

namespace acie::transforms {
#define GEN_PASS_DEF_INVERTMECHANISM
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie::ir;
using namespace acie::transforms;

namespace {

/// Solves one equation for one of its arguments, at the place of an acie.abduct.
LogicalResult solve(AbductOp abduct, VarOp variable) {
  Block &equation = variable.getEquation().front();
  Value noise;
  llvm::DenseMap<Value, Value> known;
  size_t next = 0;
  for (auto [symbol, argument] : llvm::zip(variable.getParents().getAsRange<FlatSymbolRefAttr>(), equation.getArguments())) {
    if (symbol == abduct.getNoiseAttr())
      noise = argument;
    else if (next < abduct.getParents().size())
      known[argument] = abduct.getParents()[next++];
  }
  if (!noise) return abduct.emitError("the equation of ") << abduct.getFromAttr() << " does not contain the noise";
  const bool wantsJacobian = static_cast<bool>(abduct.getLogJacobian());
  auto refuse = [&](Operation *op, const Twine &reason) {
    InFlightDiagnostic error = abduct.emitError("cannot solve the equation of ")
                               << abduct.getFromAttr() << " for " << abduct.getNoiseAttr() << ": " << reason;
    error.attachNote(op->getLoc()) << "at this operation: " << *op;
  };
  StepSolver solver(OpBuilder(abduct), abduct.getLoc(), equation, noise, std::move(known), wantsJacobian, refuse);
  Value root = cast<YieldOp>(equation.getTerminator()).getValues().front();
  FailureOr<StepSolver::Solution> solution =
      abduct.getAffine() ? solver.solveAffine(root, abduct.getObserved()) : solver.solve(root, abduct.getObserved());
  if (failed(solution)) return failure();
  abduct.getValue().replaceAllUsesWith(solution->noise);
  if (wantsJacobian) abduct.getLogJacobian().replaceAllUsesWith(solution->logJacobian);
  abduct.erase();
  return success();
}

struct InvertMechanismPass : acie::transforms::impl::InvertMechanismBase<InvertMechanismPass> {
  void runOnOperation() override {
    SymbolTableCollection symbols;
    for (auto query : getOperation().getOps<QueryOp>()) {
      ProgramOp program = programOf(query);
      ModelOp model = modelOf(query);
      if (!program || !model) {
        query.emitError("has no acie.program: run acie-do-surgery first");
        return signalPassFailure();
      }
      for (auto abduct : llvm::make_early_inc_range(program.getBody().front().getOps<AbductOp>())) {
        auto variable = symbols.lookupSymbolIn<VarOp>(model, abduct.getFromAttr());
        if (!variable) {
          abduct.emitError("the model has no equation of ") << abduct.getFromAttr();
          return signalPassFailure();
        }
        if (failed(solve(abduct, variable))) return signalPassFailure();
      }
      for (auto system : llvm::make_early_inc_range(program.getBody().front().getOps<AbductTogetherOp>())) {
        auto equationOf = [&](FlatSymbolRefAttr from) { return symbols.lookupSymbolIn<VarOp>(model, from); };
        if (failed(solveTogether(system, equationOf))) return signalPassFailure();
      }
      for (auto block : llvm::make_early_inc_range(program.getBody().front().getOps<ConditionOp>())) {
        auto equationOf = [&](FlatSymbolRefAttr from) { return symbols.lookupSymbolIn<VarOp>(model, from); };
        auto lawOf = [&](FlatSymbolRefAttr noise) { return symbols.lookupSymbolIn<ExoOp>(model, noise); };
        if (failed(condition(block, equationOf, lawOf))) return signalPassFailure();
      }
    }
  }
};

}  // namespace
