#include "compiler/Transforms/InvertMechanism/LinearSystem.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace acie::ir;

namespace acie::transforms {
namespace {

/// Σ slopes[j] noise_j + offset, with values outside the equation; null is zero.
struct Linear {
  SmallVector<Value> slopes;
  Value offset;
  bool depends() const { return llvm::any_of(slopes, [](Value slope) { return static_cast<bool>(slope); }); }
};

/// One equation as a linear form of the noises, or a law as one of its primitive noise.
class Form {
 public:
  /// `parents` are what is left of the arguments of several equations.
  Form(OpBuilder b, Location loc, ArrayAttr unknowns, VarOp variable, Operation::operand_range &parents)
      : b(b), loc(loc), noises(unknowns.size()) {
    for (auto [symbol, argument] : llvm::zip(variable.getParents().getAsRange<FlatSymbolRefAttr>(), variable.getEquation().front().getArguments())) {
      const auto *at = llvm::find(unknowns, symbol);
      if (at != unknowns.end()) {
        unknown(argument, at - unknowns.begin());
      } else {
        known[argument] = parents.front();
        parents = parents.drop_front();
      }
    }
  }

  Form(OpBuilder b, Location loc, ExoOp law, Operation::operand_range &inputs) : b(b), loc(loc), noises(1) {
    Block &block = law.getLaw().front();
    for (Value argument : block.getArguments()) {
      known[argument] = inputs.front();
      inputs = inputs.drop_front();
    }
    for (auto sample : block.getOps<SampleOp>()) unknown(sample.getValue(), 0);
  }

  FailureOr<Linear> run(Block &equation) {
    for (Operation &op : equation.without_terminator()) {
      if (op.getNumResults() > 0 && forms.contains(op.getResult(0))) continue;  // a primitive noise
      if (llvm::none_of(op.getOperands(), [&](Value operand) { return forms.contains(operand); })) {
        IRMapping mapping;
        for (Value operand : op.getOperands()) mapping.map(operand, known.lookup(operand));
        Operation *copy = b.clone(op, mapping);
        for (auto [from, to] : llvm::zip(op.getResults(), copy->getResults())) known[from] = to;
        continue;
      }
      SmallVector<Linear, 3> x;
      for (Value operand : op.getOperands()) x.push_back(formOf(operand));
      std::optional<Linear> form = combined(op, x);
      if (!form) return op.emitError("is not linear in the noises that are found together");
      forms[op.getResult(0)] = *form;
    }
    return formOf(cast<YieldOp>(equation.getTerminator()).getValues().front());
  }

 private:
  void unknown(Value value, size_t number) {
    Linear form{SmallVector<Value>(noises), {}};
    form.slopes[number] = b.create<arith::ConstantOp>(loc, constantOf(value.getType(), 1.0));
    forms[value] = form;
  }

  Linear formOf(Value inside) {
    auto found = forms.find(inside);
    return found != forms.end() ? found->second : Linear{SmallVector<Value>(noises), known.lookup(inside)};
  }

  template <class F>
  Linear each(F f, const Linear &x, const Linear &y) {
    Linear result;
    for (size_t j = 0; j < noises; ++j) result.slopes.push_back(f(x.slopes[j], y.slopes[j]));
    result.offset = f(x.offset, y.offset);
    return result;
  }

  std::optional<Linear> combined(Operation &op, ArrayRef<Linear> x) {
    auto add = [&](Value a, Value c) { return !a ? c : !c ? a : b.create<arith::AddFOp>(loc, a, c).getResult(); };
    auto subtract = [&](Value a, Value c) {
      return !c ? a : !a ? b.create<arith::NegFOp>(loc, c).getResult() : b.create<arith::SubFOp>(loc, a, c).getResult();
    };
    if (isa<arith::AddFOp>(op)) return each(add, x[0], x[1]);
    if (isa<arith::SubFOp>(op)) return each(subtract, x[0], x[1]);
    if (isa<arith::NegFOp>(op)) return each([&](Value a, Value) { return a ? b.create<arith::NegFOp>(loc, a).getResult() : a; }, x[0], x[0]);
    if (isa<arith::MulFOp>(op) && !(x[0].depends() && x[1].depends())) {
      Value factor = x[x[0].depends() ? 1 : 0].offset;
      auto multiply = [&](Value a, Value) {
        llvm::APFloat one(0.0);
        if (!a || (matchPattern(a, m_ConstantFloat(&one)) && one.isExactlyValue(1.0))) return a ? factor : a;
        return b.create<arith::MulFOp>(loc, a, factor).getResult();
      };
      return each(multiply, x[x[0].depends() ? 0 : 1], x[0]);
    }
    if (isa<arith::DivFOp>(op) && !x[1].depends())
      return each([&](Value a, Value) { return a ? b.create<arith::DivFOp>(loc, a, x[1].offset).getResult() : a; }, x[0], x[0]);
    if (isa<arith::SelectOp>(op) && !x[0].depends()) {
      auto choose = [&](Value a, Value c) {
        if (!a && !c) return Value();
        auto zeroLike = [&](Value other) { return b.create<arith::ConstantOp>(loc, constantOf(other.getType(), 0.0)).getResult(); };
        return b.create<arith::SelectOp>(loc, x[0].offset, a ? a : zeroLike(c), c ? c : zeroLike(a)).getResult();
      };
      return each(choose, x[1], x[2]);
    }
    return std::nullopt;
  }

  OpBuilder b;
  Location loc;
  size_t noises;
  llvm::DenseMap<Value, Linear> forms;
  llvm::DenseMap<Value, Value> known;
};

/// Numbers as one tensor; constants, in particular, as a constant.
Value tensorOf(ArrayRef<Value> numbers, ArrayRef<int64_t> shape, OpBuilder &b, Location loc) {
  auto type = RankedTensorType::get(shape, numbers.front().getType());
  SmallVector<Attribute> constants;
  for (Value number : numbers) {
    Attribute constant;
    if (matchPattern(number, m_Constant(&constant))) constants.push_back(constant);
  }
  if (constants.size() == numbers.size()) return b.create<arith::ConstantOp>(loc, DenseElementsAttr::get(type, constants));
  return b.create<ConcatOp>(loc, type, numbers);
}

}  // namespace

LogicalResult solveTogether(AbductTogetherOp system, llvm::function_ref<VarOp(FlatSymbolRefAttr)> equationOf) {
  OpBuilder b(system);
  Location loc = system.getLoc();
  int64_t size = system.getNoises().size();
  Type element = system.getValues().front().getType();
  Value zero = b.create<arith::ConstantOp>(loc, constantOf(element, 0.0));
  SmallVector<Value> matrix, right;
  Operation::operand_range parents = system.getParents();
  for (auto [from, observed] : llvm::zip(system.getFrom().getAsRange<FlatSymbolRefAttr>(), system.getObserved())) {
    VarOp variable = equationOf(from);
    if (!variable) return system.emitError("the model has no equation of ") << from;
    FailureOr<Linear> form = Form(b, loc, system.getNoises(), variable, parents).run(variable.getEquation().front());
    if (failed(form)) return failure();
    for (Value slope : form->slopes) matrix.push_back(slope ? slope : zero);
    right.push_back(form->offset ? b.create<arith::SubFOp>(loc, observed, form->offset).getResult() : observed);
  }
  auto vector = RankedTensorType::get({size}, element);
  Value a = tensorOf(matrix, {size, size}, b, loc), rest = tensorOf(right, {size}, b, loc);
  Value solution = b.create<RoutineOp>(loc, vector, Routine::Solve, ValueRange{a, rest});
  for (auto [i, value] : llvm::enumerate(system.getValues()))
    value.replaceAllUsesWith(b.create<ViewOp>(loc, element, solution, i, ArrayRef<int64_t>()));
  system.erase();
  return success();
}

namespace {

/// Products and sums of values of which null is zero and a constant 1 is left out.
struct Arithmetic {
  OpBuilder &b;
  Location loc;

  Value product(Value x, Value y) {
    if (!x || !y) return {};
    llvm::APFloat number(0.0);
    if (matchPattern(x, m_ConstantFloat(&number)) && number.isExactlyValue(1.0)) return y;
    if (matchPattern(y, m_ConstantFloat(&number)) && number.isExactlyValue(1.0)) return x;
    return b.create<arith::MulFOp>(loc, x, y);
  }
  Value sum(Value x, Value y) { return !x ? y : !y ? x : b.create<arith::AddFOp>(loc, x, y).getResult(); }
  Value less(Value x, Value y) {
    return !y ? x : !x ? b.create<arith::NegFOp>(loc, y).getResult() : b.create<arith::SubFOp>(loc, x, y).getResult();
  }
};

}  // namespace

/// Matheron's rule (Journel and Huijbregts 1978; Wilson et al. 2020): with prior draws u of noises of deviations s, equations
/// x = o + H u and B = H diag(s), u + diag(s) Bᵀ (B Bᵀ)⁻¹ (x - o - H u) is drawn from the law of u given x.
LogicalResult condition(ConditionOp block, llvm::function_ref<VarOp(FlatSymbolRefAttr)> equationOf, llvm::function_ref<ExoOp(FlatSymbolRefAttr)> lawOf) {
  OpBuilder b(block);
  Location loc = block.getLoc();
  Arithmetic with{b, loc};
  const int64_t equations = block.getFrom().size(), noises = block.getNoises().size();
  SmallVector<Value> deviation;
  Operation::operand_range inputs = block.getInputs(), parents = block.getParents();
  for (auto noise : block.getNoises().getAsRange<FlatSymbolRefAttr>()) {
    ExoOp law = lawOf(noise);
    if (!law) return block.emitError("the model has no exogenous variable ") << noise;
    FailureOr<Linear> form = Form(b, loc, law, inputs).run(law.getLaw().front());
    if (failed(form)) return failure();
    deviation.push_back(form->slopes[0]);
  }
  SmallVector<SmallVector<Value>> scaled(equations);  // B
  SmallVector<Value> lacking;                         // x - o - H u
  for (auto [i, from, observed] : llvm::enumerate(block.getFrom().getAsRange<FlatSymbolRefAttr>(), block.getObserved())) {
    VarOp variable = equationOf(from);
    if (!variable) return block.emitError("the model has no equation of ") << from;
    FailureOr<Linear> form = Form(b, loc, block.getNoises(), variable, parents).run(variable.getEquation().front());
    if (failed(form)) return failure();
    Value drawn;
    for (int64_t j = 0; j < noises; ++j) {
      scaled[i].push_back(with.product(form->slopes[j], deviation[j]));
      drawn = with.sum(drawn, with.product(form->slopes[j], block.getDrawn()[j]));
    }
    lacking.push_back(with.less(with.less(observed, form->offset), drawn));
  }
  const auto covariance = [&](int64_t i, int64_t k) {
    Value sum;
    for (int64_t j = 0; j < noises; ++j) sum = with.sum(sum, with.product(scaled[i][j], scaled[k][j]));
    return sum;
  };
  // What the whole lack of each equation gives to each noise, in units of its deviation.
  SmallVector<SmallVector<Value>> share(equations, SmallVector<Value>(noises));
  if (equations == 1) {
    Value variance = covariance(0, 0);
    Value zero = b.create<arith::ConstantOp>(loc, constantOf(variance.getType(), 0.0));
    Value depends = b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OGT, variance, zero);
    if (isa<RankedTensorType>(depends.getType())) depends = b.create<FoldOp>(loc, b.getI1Type(), Folding::All, depends);
    auto from = equationOf(cast<FlatSymbolRefAttr>(block.getFrom()[0]));
    StringRef name = from.getOf() ? *from.getOf() : from.getSymName();
    b.create<RequireOp>(loc, depends, ("no noise in the equation of '" + name + "' can give the evidence: it depends on none of them here").str());
    for (int64_t j = 0; j < noises; ++j)
      if (scaled[0][j]) share[0][j] = b.create<arith::DivFOp>(loc, scaled[0][j], variance);
  } else {
    Type element = block.getDrawn().front().getType();
    Value zero = b.create<arith::ConstantOp>(loc, constantOf(element, 0.0));
    SmallVector<Value> matrix, right;
    for (int64_t i = 0; i < equations; ++i) {
      for (int64_t k = 0; k < equations; ++k) {
        Value each = covariance(i, k);
        matrix.push_back(each ? each : zero);
      }
      for (Value each : scaled[i]) right.push_back(each ? each : zero);
    }
    Value a = tensorOf(matrix, {equations, equations}, b, loc), sides = tensorOf(right, {equations, noises}, b, loc);
    Value solution = b.create<RoutineOp>(loc, sides.getType(), Routine::Solve, ValueRange{a, sides});
    for (int64_t i = 0; i < equations; ++i)
      for (int64_t j = 0; j < noises; ++j) share[i][j] = b.create<ViewOp>(loc, element, solution, i * noises + j, ArrayRef<int64_t>());
  }
  for (int64_t j = 0; j < noises; ++j) {
    Value given;
    for (int64_t i = 0; i < equations; ++i) given = with.sum(given, with.product(share[i][j], lacking[i]));
    block.getValues()[j].replaceAllUsesWith(with.sum(block.getDrawn()[j], with.product(deviation[j], given)));
  }
  block.erase();
  return success();
}

}  // namespace acie::transforms
