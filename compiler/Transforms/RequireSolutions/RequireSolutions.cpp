#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Support/WorldGraph.h"
#include "kernels/routines/Routine.h"
#include "llvm/ADT/SetVector.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace acie::transforms {
#define GEN_PASS_DEF_REQUIRESOLUTIONS
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie::ir;
using namespace acie::transforms;

namespace {

constexpr StringLiteral kReason = "a matrix is singular or not positive definite: there is no solution, inverse or factor";

/// Whether an operation is a routine that may fail, or a loop that holds one.
bool mayFail(Operation &op) {
  if (auto routine = dyn_cast<RoutineOp>(op)) return acie::routines::may_fail(static_cast<acie::routines::Routine>(routine.getRoutine()));
  auto loop = dyn_cast<LoopOp>(op);
  return loop && llvm::any_of(loop.getBody().front(), mayFail);
}

/// The results of routines that may fail on which `value` depends, itself maybe one.
void sourcesOf(Value value, const llvm::DenseSet<Value> &dependent, llvm::SetVector<Value> &sources) {
  llvm::SetVector<Value> work;
  work.insert(value);
  for (size_t next = 0; next < work.size(); ++next) {
    Operation *op = work[next].getDefiningOp();
    if (mayFail(*op) && isa<FloatType>(getElementTypeOrSelf(work[next]))) sources.insert(work[next]);
    for (Value operand : op->getOperands())
      if (dependent.contains(operand)) work.insert(operand);
  }
}

/// What is returned, estimated, summarised or checked is a number: not the NaN that stands where a routine has no result. Of
/// values that do not show it, comparisons say, the routines themselves have one.
void requireSolutions(Block &program) {
  llvm::DenseSet<Value> dependent;
  llvm::SetVector<Value> checked;
  for (Operation &op : program) {
    if (isa<OutputOp, ExpectOp, RowsOp, ViolationOp>(op)) {
      for (Value operand : op.getOperands()) {
        if (!dependent.contains(operand)) continue;
        if (isa<FloatType>(getElementTypeOrSelf(operand)))
          checked.insert(operand);
        else
          sourcesOf(operand, dependent, checked);
      }
      continue;
    }
    if (mayFail(op) || llvm::any_of(op.getOperands(), [&](Value operand) { return dependent.contains(operand); }))
      dependent.insert(op.result_begin(), op.result_end());
  }
  OpBuilder b = OpBuilder::atBlockEnd(&program);
  for (Value value : checked) {
    Location loc = value.getLoc();
    b.setInsertionPointAfterValue(value);
    Value number = b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::ORD, value, value);
    if (isa<RankedTensorType>(number.getType())) number = b.create<FoldOp>(loc, b.getI1Type(), Folding::All, number);
    b.create<RequireOp>(loc, number, kReason);
  }
}

struct RequireSolutionsPass : acie::transforms::impl::RequireSolutionsBase<RequireSolutionsPass> {
  void runOnOperation() override {
    for (auto query : getOperation().getOps<QueryOp>())
      if (ProgramOp program = programOf(query)) requireSolutions(program.getBody().front());
  }
};

}  // namespace
