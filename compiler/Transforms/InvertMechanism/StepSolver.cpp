#include "compiler/Transforms/InvertMechanism/StepSolver.h"

#include <limits>

#include "compiler/Dialect/Acie/Formula.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace acie::ir;

namespace acie::transforms {

StepSolver::StepSolver(OpBuilder b, Location loc, Block &block, Value unknown, llvm::DenseMap<Value, Value> known,
                       bool wantsJacobian, Refuse refuse)
    : b(b), loc(loc), block(block), unknown(unknown), known(std::move(known)), wantsJacobian(wantsJacobian), refuse(refuse) {
  dependent.insert(unknown);
  for (Operation &op : block.without_terminator()) {
    if (llvm::any_of(op.getOperands(), [&](Value operand) { return depends(operand); }))
      for (Value result : op.getResults()) dependent.insert(result);
    else
      copyOut(op);
  }
}

/// Puts an operation that is free of the unknown outside the block, where the inverse can use it.
void StepSolver::copyOut(Operation &op) {
  IRMapping mapping;
  for (Value operand : op.getOperands()) mapping.map(operand, valueOf(operand));
  Operation *copy = b.clone(op, mapping);
  for (auto [from, to] : llvm::zip(op.getResults(), copy->getResults())) known[from] = to;
}

LogicalResult StepSolver::fail(Operation *op, const Twine &reason) {
  refuse(op, reason);
  return failure();
}

FailureOr<StepSolver::Solution> StepSolver::solve(Value inside, Value target) {
  Value logJacobian = wantsJacobian ? constant(0.0) : Value();
  auto add = [&](Value log) { logJacobian = b.create<arith::AddFOp>(loc, logJacobian, widen(log)); };
  const bool spreads = meetsSplat(inside);
  Value weight;  // of a tensor: log |d root / d inside| of each element, as far as it is known
  while (inside != unknown) {
    Operation *op = inside.getDefiningOp();
    if (auto select = dyn_cast<arith::SelectOp>(op)) {
      FailureOr<Solution> rest = solveSelect(select, target);
      if (failed(rest) || !wantsJacobian) return rest;
      add(rest->logJacobian);
      return Solution{rest->noise, logJacobian};
    }
    std::optional<unsigned> index;
    for (OpOperand &operand : op->getOpOperands()) {
      if (!depends(operand.get())) continue;
      if (index) return fail(op, "the noise reaches two operands");
      index = operand.getOperandNumber();
    }
    if (isa<SplatOp>(op)) {
      target = bestElement(target, weight);
      weight = {};
      inside = op->getOperand(0);
      continue;
    }
    if (auto loop = dyn_cast<LoopOp>(op)) {
      FailureOr<Value> next = solveLoop(loop, cast<OpResult>(inside).getResultNumber(), *index, target);
      if (failed(next)) return failure();
      inside = op->getOperand(*index);
      target = *next;
      weight = {};
      continue;
    }
    auto invertible = dyn_cast<InvertibleOpInterface>(op);
    if (!invertible) return fail(op, "the operation has no inverse");
    SmallVector<Value> operands;
    for (auto [i, operand] : llvm::enumerate(op->getOperands()))
      operands.push_back(i == *index ? Value() : valueOf(operand));
    FailureOr<Value> next = invertible.buildInverse(b, loc, *index, target, operands);
    if (failed(next)) return fail(op, "the operation has no inverse in operand " + Twine(*index));
    next = onlyIfScaled(op, *index, *next);
    if (wantsJacobian || spreads) {
      operands[*index] = *next;
      FailureOr<Value> log = invertible.buildLogDerivative(b, loc, *index, target, operands);
      if (failed(log) && wantsJacobian) return fail(op, "the operation has no derivative in operand " + Twine(*index));
      if (wantsJacobian) add(*log);
      if (spreads) weight = failed(log) ? Value() : weight ? b.create<arith::AddFOp>(loc, weight, *log).getResult() : *log;
    }
    inside = op->getOperand(*index);
    target = *next;
  }
  return Solution{target, logJacobian};
}

/// Whether one number becomes every element of a tensor on the way to the unknown.
bool StepSolver::meetsSplat(Value inside) const {
  while (inside != unknown) {
    Operation *op = inside.getDefiningOp();
    if (isa<SplatOp>(op)) return true;
    Value *next = nullptr;
    SmallVector<Value> operands(op->getOperands());
    for (Value &operand : operands)
      if (depends(operand)) next = &operand;
    inside = *next;
  }
  return false;
}

/// The elements of a tensor as a vector.
Value StepSolver::inOneLine(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getRank() == 1) return tensor;
  return b.create<ViewOp>(loc, type.clone({type.getNumElements()}), tensor, 0, ArrayRef<int64_t>{1});
}

/// Each element of `targets` says what one number is: the one that says it best, where `weight`, the logarithm of how strongly
/// the evidence follows it, is largest. Elements that do not depend on the number give no finite value.
Value StepSolver::bestElement(Value targets, Value weight) {
  Value zero = constantLike(targets, 0.0);
  Value difference = b.create<arith::SubFOp>(loc, targets, targets);
  Value usable = b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OEQ, difference, zero);
  if (!weight) weight = zero;
  Value least = constantLike(targets, std::numeric_limits<double>::lowest());
  usable = b.create<arith::AndIOp>(loc, usable, b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OGT, weight, least));
  Value score = inOneLine(b.create<arith::SelectOp>(loc, usable, weight, least));
  Value at = b.create<RoutineOp>(loc, b.getI64Type(), Routine::ArgMax, ValueRange{score});
  return b.create<GatherOp>(loc, getElementTypeOrSelf(targets), inOneLine(targets), at);
}

/// What a loop went along, from what it carried after each step: each step is solved for its part of operand number `operand`,
/// from what the evidence says was carried into it. What else is carried follows step by step.
FailureOr<Value> StepSolver::solveLoop(LoopOp loop, unsigned result, unsigned operand, Value target) {
  const unsigned carried = loop.getInit().size(), parts = loop.getOver().size();
  if (operand < carried || operand >= carried + parts || result < carried) return fail(loop, "the noise is no part of its steps");
  const unsigned seen = result - carried, part = operand - carried;
  Block &body = loop.getBody().front();
  BlockArgument unknownPart = body.getArgument(operand);

  // The loop of the inverse: carries what this one does, then the part that was solved for; goes along `target` in its place.
  SmallVector<Value> init, over, same;
  SmallVector<Type> last, every;
  auto inverse = std::make_unique<Block>();
  llvm::DenseMap<Value, Value> inBody;
  for (unsigned i = 0; i < carried; ++i) {
    init.push_back(valueOf(loop.getInit()[i]));
    last.push_back(init.back().getType());
    every.push_back(loop.getEvery()[i].getType());
    inBody[body.getArgument(i)] = inverse->addArgument(last.back(), loc);
  }
  init.push_back(constantLike(unknownPart, 0.0));
  last.push_back(unknownPart.getType());
  every.push_back(loop.getOver()[part].getType());
  inverse->addArgument(unknownPart.getType(), loc);
  Value observed;
  for (unsigned i = 0; i < parts; ++i) {
    over.push_back(i == part ? target : valueOf(loop.getOver()[i]));
    Type each = i == part ? last[seen] : body.getArgument(carried + i).getType();
    Value argument = inverse->addArgument(each, loc);
    if (i == part)
      observed = argument;
    else
      inBody[body.getArgument(carried + i)] = argument;
  }
  for (unsigned i = 0; i < loop.getSame().size(); ++i) {
    same.push_back(valueOf(loop.getSame()[i]));
    inBody[body.getArgument(carried + parts + i)] = inverse->addArgument(same.back().getType(), loc);
  }

  OpBuilder step(b.getContext());
  step.setInsertionPointToEnd(inverse.get());
  auto next = cast<NextOp>(body.getTerminator());
  Value left = next.getValues()[seen];
  StepSolver solver(step, loc, body, unknownPart, inBody, false, refuse);
  if (!solver.depends(left)) return fail(loop, "what is carried does not depend on the part of its step");
  FailureOr<Solution> solution = solver.isPath(left) ? solver.solve(left, observed) : solver.solveAffine(left, observed);
  if (failed(solution)) return failure();
  // The evidence is what was carried; the rest follows from the part that was found.
  IRMapping mapping;
  for (auto [from, to] : inBody) mapping.map(from, to);
  mapping.map(unknownPart, solution->noise);
  step.setInsertionPointToEnd(inverse.get());
  for (Operation &op : body.without_terminator()) {
    for (Value value : op.getResults())
      if (!solver.depends(value)) mapping.map(value, solver.valueOf(value));
    if (carried > 1 && solver.depends(op.getResult(0))) step.clone(op, mapping);
  }
  SmallVector<Value> leaves;
  for (unsigned i = 0; i < carried; ++i) leaves.push_back(i == seen ? observed : mapping.lookup(next.getValues()[i]));
  leaves.push_back(solution->noise);
  step.create<NextOp>(loc, leaves);
  auto made = b.create<LoopOp>(loc, last, every, loop.getSteps(), init, over, same);
  made.getBody().push_back(inverse.release());
  return made.getEvery()[carried];
}

/// Whether every operation between `inside` and the unknown holds it in one operand, or in the branches of a choice.
bool StepSolver::isPath(Value inside) const {
  while (inside != unknown) {
    Operation *op = inside.getDefiningOp();
    if (auto select = dyn_cast<arith::SelectOp>(op)) {
      if (depends(select.getCondition())) return false;
      return llvm::all_of(ValueRange{select.getTrueValue(), select.getFalseValue()}, [&](Value branch) { return depends(branch) && isPath(branch); });
    }
    Value next;
    for (Value operand : op->getOperands()) {
      if (!depends(operand)) continue;
      if (next) return false;
      next = operand;
    }
    inside = next;
  }
  return true;
}

/// What infinity scales to nothing has no solution: x = s u has none for an infinite s, though x / s is 0, nor has
/// x = u / s for s = 0. Elsewhere the bits of `solution` stay.
Value StepSolver::onlyIfScaled(Operation *op, unsigned index, Value solution) {
  if (isa<arith::MulFOp>(op)) return unlessInfinite(solution, valueOf(op->getOperand(1 - index)));
  if (!isa<arith::DivFOp>(op) || index != 0) return solution;
  Value divisor = valueOf(op->getOperand(1));
  if (matchPattern(divisor, m_Constant())) return solution;
  Value zero = b.create<arith::ConstantOp>(loc, constantOf(divisor.getType(), 0.0));
  Value nan = b.create<arith::ConstantOp>(loc, constantOf(solution.getType(), std::numeric_limits<double>::quiet_NaN()));
  Value none = b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OEQ, divisor, zero);
  return b.create<arith::SelectOp>(loc, none, nan, solution);
}

/// `solution`, and no number where `scale` is infinite: v - v is zero exactly for finite v.
Value StepSolver::unlessInfinite(Value solution, Value scale) {
  if (matchPattern(scale, m_Constant())) return solution;
  return b.create<arith::SubFOp>(loc, solution, b.create<arith::SubFOp>(loc, scale, scale).getResult());
}

/// Branch by branch; where the taken branch is free of the noise nothing can be said, and the row becomes undefined.
FailureOr<StepSolver::Solution> StepSolver::solveSelect(Operation *op, Value target) {
  auto select = cast<arith::SelectOp>(op);
  if (depends(select.getCondition())) return fail(select, "the condition depends on the noise");
  auto branch = [&](Value inside) -> FailureOr<Solution> {
    if (depends(inside)) return solve(inside, target);
    Value nan = b.create<arith::ConstantOp>(
        loc, constantOf(unknown.getType(), std::numeric_limits<double>::quiet_NaN()));
    return Solution{nan, wantsJacobian ? constant(std::numeric_limits<double>::quiet_NaN()) : Value()};
  };
  FailureOr<Solution> yes = branch(select.getTrueValue()), no = branch(select.getFalseValue());
  if (failed(yes) || failed(no)) return failure();
  Value condition = valueOf(select.getCondition());
  Solution result;
  result.noise = b.create<arith::SelectOp>(loc, condition, yes->noise, no->noise);
  if (wantsJacobian)
    result.logJacobian = b.create<arith::SelectOp>(loc, condition, yes->logJacobian, no->logJacobian);
  return result;
}

FailureOr<StepSolver::Solution> StepSolver::solveAffine(Value root, Value target) {
  llvm::DenseMap<Value, Linear> forms;
  auto formOf = [&](Value inside) -> std::optional<Linear> {
    if (!depends(inside)) return Linear{{}, valueOf(inside)};
    auto found = forms.find(inside);
    return found == forms.end() ? std::nullopt : std::optional(found->second);
  };
  forms[unknown] = {constantLike(unknown, 1.0), {}};
  Operation *obstacle = nullptr;
  for (Operation &op : block.without_terminator()) {
    if (!depends(op.getResult(0))) continue;
    SmallVector<Linear, 3> operands;
    for (Value operand : op.getOperands())
      if (std::optional<Linear> form = formOf(operand)) operands.push_back(*form);
    std::optional<Linear> form;
    if (operands.size() == op.getNumOperands()) form = combineForms(op, operands);
    if (form)
      forms[op.getResult(0)] = *form;
    else if (!obstacle)
      obstacle = &op;
  }
  std::optional<Linear> form = formOf(root);
  if (!form || !form->slope) return fail(obstacle ? obstacle : root.getDefiningOp(), "it is not linear in the noise");
  Value slope = form->slope;
  Value rest = form->offset ? b.create<arith::SubFOp>(loc, target, form->offset).getResult() : target;
  if (isa<RankedTensorType>(rest.getType()) && !isa<RankedTensorType>(unknown.getType())) {
    // One number in many elements: from the one that follows it most strongly.
    Value size = inOneLine(b.create<AbsOp>(loc, slope));
    Value at = b.create<RoutineOp>(loc, b.getI64Type(), Routine::ArgMax, ValueRange{size});
    Type element = unknown.getType();
    slope = b.create<GatherOp>(loc, element, inOneLine(slope), at);
    rest = b.create<GatherOp>(loc, element, inOneLine(rest), at);
  }
  Solution result;
  result.noise = unlessInfinite(b.create<arith::DivFOp>(loc, rest, slope), slope);
  if (wantsJacobian) result.logJacobian = widen(log(abs(Term{&b, loc, slope})).value);
  return result;
}

std::optional<StepSolver::Linear> StepSolver::combineForms(Operation &op, ArrayRef<Linear> x) {
  if (isa<arith::AddFOp>(op))
    return Linear{combine<arith::AddFOp>(x[0].slope, x[1].slope), combine<arith::AddFOp>(x[0].offset, x[1].offset)};
  if (isa<arith::SubFOp>(op))
    return Linear{combine<arith::SubFOp>(x[0].slope, x[1].slope), combine<arith::SubFOp>(x[0].offset, x[1].offset)};
  if (isa<arith::NegFOp>(op))
    return Linear{combine<arith::SubFOp>({}, x[0].slope), combine<arith::SubFOp>({}, x[0].offset)};
  if (isa<arith::MulFOp>(op) && !(x[0].slope && x[1].slope)) {
    auto [form, factor] = x[0].slope ? std::pair(x[0], x[1].offset) : std::pair(x[1], x[0].offset);
    return Linear{scale<arith::MulFOp>(form.slope, factor), scale<arith::MulFOp>(form.offset, factor)};
  }
  if (isa<arith::DivFOp>(op) && !x[1].slope)
    return Linear{scale<arith::DivFOp>(x[0].slope, x[1].offset), scale<arith::DivFOp>(x[0].offset, x[1].offset)};
  if (isa<arith::SelectOp>(op) && !depends(op.getOperand(0)))
    return Linear{choose(x[0].offset, x[1].slope, x[2].slope), choose(x[0].offset, x[1].offset, x[2].offset)};
  if (isa<SplatOp, ViewOp, ConcatOp, ContractOp, GatherOp>(op) || (isa<FoldOp>(op) && cast<FoldOp>(op).getFolding() == Folding::Sum)) return onTensors(op, x);
  return std::nullopt;
}

/// What is linear in its tensors, of slopes and offsets by themselves.
std::optional<StepSolver::Linear> StepSolver::onTensors(Operation &op, ArrayRef<Linear> x) {
  // Of a product one factor holds the unknown, and the other is the same for both; so are the places of a gather.
  const bool product = isa<ContractOp>(op);
  if (product && x[0].slope && x[1].slope) return std::nullopt;
  if (isa<GatherOp>(op) && x[1].slope) return std::nullopt;
  auto of = [&](Value Linear::*side) -> Value {
    IRMapping mapping;
    bool any = false;
    for (auto [i, operand] : llvm::enumerate(op.getOperands())) {
      const bool fixed = (product && !x[i].slope) || (isa<GatherOp>(op) && i == 1);
      Value value = fixed ? x[i].offset : x[i].*side;
      any = any || (!fixed && value);
      mapping.map(operand, value ? value : constantLike(operand, 0.0));
    }
    return any ? b.clone(op, mapping)->getResult(0) : Value();
  };
  return Linear{of(&Linear::slope), of(&Linear::offset)};
}

template <class Op>
Value StepSolver::combine(Value a, Value c) {
  if (!c) return a;
  if (!a) return std::is_same_v<Op, arith::AddFOp> ? c : b.create<arith::NegFOp>(loc, c).getResult();
  return b.create<Op>(loc, a, c);
}
template <class Op>
Value StepSolver::scale(Value a, Value factor) {
  if (!a) return {};
  llvm::APFloat one(0.0);
  if (std::is_same_v<Op, arith::MulFOp> && matchPattern(a, m_ConstantFloat(&one)) && one.isExactlyValue(1.0))
    return factor;
  return b.create<Op>(loc, a, factor);
}
Value StepSolver::choose(Value condition, Value yes, Value no) {
  if (!yes && !no) return {};
  if (!yes) yes = constantLike(no, 0.0);
  if (!no) no = constantLike(yes, 0.0);
  return b.create<arith::SelectOp>(loc, condition, yes, no);
}

Value StepSolver::constantLike(Value like, double number) {
  return b.create<arith::ConstantOp>(loc, constantOf(like.getType(), number));
}
Value StepSolver::constant(double number) { return b.create<arith::ConstantOp>(loc, b.getF64FloatAttr(number)); }
Value StepSolver::widen(Value value) {
  return value.getType().isF64() ? value : b.create<arith::ExtFOp>(loc, b.getF64Type(), value).getResult();
}

}  // namespace acie::transforms
