#include "compiler/Dialect/Acie/Formula.h"
#include "compiler/Transforms/InvertMechanism/LinearSystem.h"
#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Support/WorldGraph.h"
#include "llvm/ADT/DenseSet.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"

namespace acie::transforms {
#define GEN_PASS_DEF_INVERTMECHANISM
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie::ir;
using namespace acie::transforms;

namespace {

/// Solves one equation for one of its arguments, at the place of an acie.abduct.
class Solver {
 public:
  Solver(AbductOp abduct, VarOp variable) : abduct(abduct), b(abduct), loc(abduct.getLoc()) {
    Block &equation = variable.getEquation().front();
    size_t next = 0;
    for (auto [symbol, argument] : llvm::zip(variable.getParents().getAsRange<FlatSymbolRefAttr>(),
                                             equation.getArguments())) {
      if (symbol == abduct.getNoiseAttr())
        noise = argument;
      else if (next < abduct.getParents().size())
        known[argument] = abduct.getParents()[next++];
    }
    wantsJacobian = static_cast<bool>(abduct.getLogJacobian());
    if (!noise) return;  // run() says so
    dependent.insert(noise);
    for (Operation &op : equation.without_terminator()) {
      if (llvm::any_of(op.getOperands(), [&](Value operand) { return depends(operand); }))
        for (Value result : op.getResults()) dependent.insert(result);
      else
        copyOut(op);
    }
  }

  LogicalResult run(Value root) {
    if (!noise) return abduct.emitError("the equation of ") << abduct.getFromAttr() << " does not contain the noise";
    FailureOr<Solution> solution =
        abduct.getAffine() ? solveAffine(root) : solve(root, abduct.getObserved());
    if (failed(solution)) return failure();
    abduct.getValue().replaceAllUsesWith(solution->noise);
    if (wantsJacobian) abduct.getLogJacobian().replaceAllUsesWith(solution->logJacobian);
    abduct.erase();
    return success();
  }

 private:
  struct Solution {
    Value noise;
    Value logJacobian;  // log |d root / d noise|, null if not wanted
  };

  bool depends(Value value) const { return dependent.contains(value); }

  /// Puts an operation that is free of the noise outside the equation, where the inverse can use it.
  void copyOut(Operation &op) {
    IRMapping mapping;
    for (Value operand : op.getOperands()) mapping.map(operand, valueOf(operand));
    Operation *copy = b.clone(op, mapping);
    for (auto [from, to] : llvm::zip(op.getResults(), copy->getResults())) known[from] = to;
  }

  /// The value, outside the equation, of one that is free of the noise.
  Value valueOf(Value inside) const { return known.lookup(inside); }

  FailureOr<Solution> refuse(Operation *op, const Twine &reason) {
    InFlightDiagnostic error = abduct.emitError("cannot solve the equation of ")
                               << abduct.getFromAttr() << " for " << abduct.getNoiseAttr() << ": " << reason;
    error.attachNote(op->getLoc()) << "at this operation: " << *op;
    return failure();
  }

  /// Solves inside = target for the noise, one operation after the other.
  FailureOr<Solution> solve(Value inside, Value target) {
    Value logJacobian = wantsJacobian ? constant(0.0) : Value();
    auto add = [&](Value log) { logJacobian = b.create<arith::AddFOp>(loc, logJacobian, widen(log)); };
    while (inside != noise) {
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
        if (index) return refuse(op, "the noise reaches two operands");
        index = operand.getOperandNumber();
      }
      auto invertible = dyn_cast<InvertibleOpInterface>(op);
      if (!invertible) return refuse(op, "the operation has no inverse");
      SmallVector<Value> operands;
      for (auto [i, operand] : llvm::enumerate(op->getOperands()))
        operands.push_back(i == *index ? Value() : valueOf(operand));
      FailureOr<Value> next = invertible.buildInverse(b, loc, *index, target, operands);
      if (failed(next)) return refuse(op, "the operation has no inverse in operand " + Twine(*index));
      next = onlyIfScaled(op, *index, *next);
      if (wantsJacobian) {
        operands[*index] = *next;
        FailureOr<Value> log = invertible.buildLogDerivative(b, loc, *index, target, operands);
        if (failed(log)) return refuse(op, "the operation has no derivative in operand " + Twine(*index));
        add(*log);
      }
      inside = op->getOperand(*index);
      target = *next;
    }
    return Solution{target, logJacobian};
  }

  /// What infinity scales to nothing has no solution: x = s u has none for an infinite s, though x / s is 0, nor has
  /// x = u / s for s = 0. Elsewhere the bits of `solution` stay.
  Value onlyIfScaled(Operation *op, unsigned index, Value solution) {
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
  Value unlessInfinite(Value solution, Value scale) {
    if (matchPattern(scale, m_Constant())) return solution;
    return b.create<arith::SubFOp>(loc, solution, b.create<arith::SubFOp>(loc, scale, scale).getResult());
  }

  /// Branch by branch; where the taken branch is free of the noise nothing can be said, and the row becomes undefined.
  FailureOr<Solution> solveSelect(arith::SelectOp select, Value target) {
    if (depends(select.getCondition())) return refuse(select, "the condition depends on the noise");
    auto branch = [&](Value inside) -> FailureOr<Solution> {
      if (depends(inside)) return solve(inside, target);
      Value nan = b.create<arith::ConstantOp>(
          loc, constantOf(noise.getType(), std::numeric_limits<double>::quiet_NaN()));
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

  /// slope · noise + offset, with values outside the equation; null is zero.
  struct Linear {
    Value slope, offset;
  };

  FailureOr<Solution> solveAffine(Value root) {
    llvm::DenseMap<Value, Linear> forms;
    auto formOf = [&](Value inside) -> std::optional<Linear> {
      if (!depends(inside)) return Linear{{}, valueOf(inside)};
      auto found = forms.find(inside);
      return found == forms.end() ? std::nullopt : std::optional(found->second);
    };
    forms[noise] = {constantLike(noise, 1.0), {}};
    Operation *obstacle = nullptr;
    for (Operation &op : noise.getParentBlock()->without_terminator()) {
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
    if (!form || !form->slope) return refuse(obstacle ? obstacle : root.getDefiningOp(), "it is not linear in the noise");
    Value rest = form->offset ? b.create<arith::SubFOp>(loc, abduct.getObserved(), form->offset).getResult()
                              : abduct.getObserved();
    Solution result;
    result.noise = unlessInfinite(b.create<arith::DivFOp>(loc, rest, form->slope), form->slope);
    if (wantsJacobian) result.logJacobian = widen(log(abs(Term{&b, loc, form->slope})).value);
    return result;
  }

  std::optional<Linear> combineForms(Operation &op, ArrayRef<Linear> x) {
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
    return std::nullopt;
  }

  template <class Op>
  Value combine(Value a, Value c) {
    if (!c) return a;
    if (!a) return std::is_same_v<Op, arith::AddFOp> ? c : b.create<arith::NegFOp>(loc, c).getResult();
    return b.create<Op>(loc, a, c);
  }
  template <class Op>
  Value scale(Value a, Value factor) {
    if (!a) return {};
    llvm::APFloat one(0.0);
    if (std::is_same_v<Op, arith::MulFOp> && matchPattern(a, m_ConstantFloat(&one)) && one.isExactlyValue(1.0))
      return factor;
    return b.create<Op>(loc, a, factor);
  }
  Value convert(Operation *conversion, Value value) {
    if (!value) return {};
    IRMapping mapping;
    mapping.map(conversion->getOperand(0), value);
    return b.clone(*conversion, mapping)->getResult(0);
  }
  Value choose(Value condition, Value yes, Value no) {
    if (!yes && !no) return {};
    if (!yes) yes = constantLike(no, 0.0);
    if (!no) no = constantLike(yes, 0.0);
    return b.create<arith::SelectOp>(loc, condition, yes, no);
  }

  Value constantLike(Value like, double number) {
    return b.create<arith::ConstantOp>(loc, constantOf(like.getType(), number));
  }
  Value constant(double number) { return b.create<arith::ConstantOp>(loc, b.getF64FloatAttr(number)); }
  Value widen(Value value) {
    return value.getType().isF64() ? value : b.create<arith::ExtFOp>(loc, b.getF64Type(), value).getResult();
  }

  AbductOp abduct;
  OpBuilder b;
  Location loc;
  Value noise;  // the equation's argument
  bool wantsJacobian = false;
  llvm::DenseSet<Value> dependent;
  llvm::DenseMap<Value, Value> known;
};

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
        Value root = cast<YieldOp>(variable.getEquation().front().getTerminator()).getValues().front();
        if (failed(Solver(abduct, variable).run(root))) return signalPassFailure();
      }
      for (auto system : llvm::make_early_inc_range(program.getBody().front().getOps<AbductTogetherOp>())) {
        auto equationOf = [&](FlatSymbolRefAttr from) { return symbols.lookupSymbolIn<VarOp>(model, from); };
        if (failed(solveTogether(system, equationOf))) return signalPassFailure();
      }
    }
  }
};

}  // namespace
