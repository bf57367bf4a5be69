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

/// One equation as a linear form of the noises.
class Form {
 public:
  Form(AbductTogetherOp system, VarOp variable, Operation::operand_range &parents)
      : b(system), loc(system.getLoc()), noises(system.getNoises().size()) {
    for (auto [symbol, argument] : llvm::zip(variable.getParents().getAsRange<FlatSymbolRefAttr>(), variable.getEquation().front().getArguments())) {
      const auto *at = llvm::find(system.getNoises(), symbol);
      if (at != system.getNoises().end()) {
        Linear form{SmallVector<Value>(noises), {}};
        form.slopes[at - system.getNoises().begin()] = b.create<arith::ConstantOp>(loc, constantOf(argument.getType(), 1.0));
        forms[argument] = form;
      } else {
        known[argument] = parents.front();
        parents = parents.drop_front();
      }
    }
  }

  FailureOr<Linear> run(Block &equation) {
    for (Operation &op : equation.without_terminator()) {
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
      if (!form) return op.emitError("is not linear in the noises that are solved together");
      forms[op.getResult(0)] = *form;
    }
    return formOf(cast<YieldOp>(equation.getTerminator()).getValues().front());
  }

 private:
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
    FailureOr<Linear> form = Form(system, variable, parents).run(variable.getEquation().front());
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

}  // namespace acie::transforms
