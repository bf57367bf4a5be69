// Inverses of arith's operations and of powers. Functions of one variable state theirs in AcieFunctions.td.
#include "compiler/Dialect/Acie/Invertible.h"

#include <cmath>

#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Dialect/Acie/Formula.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace acie::ir;

namespace {

Value zero(Value like, OpBuilder &b, Location loc) { return Term{&b, loc, like}.constant(0.0).value; }

/// The interface of one arith operation: `inverse` and `logDerivative` of the derived class take terms.
template <class Model, class Op>
struct Invertible : InvertibleOpInterface::ExternalModel<Model, Op> {
  FailureOr<Value> buildInverse(Operation *, OpBuilder &b, Location loc, unsigned k, Value result,
                                ArrayRef<Value> operands) const {
    Term y{&b, loc, result};
    Term other{&b, loc, operands[operands.size() == 2 ? 1 - k : 0]};
    return Model::inverse(k, y, other).value;
  }
  FailureOr<Value> buildLogDerivative(Operation *, OpBuilder &b, Location loc, unsigned k, Value result,
                                      ArrayRef<Value> operands) const {
    Term y{&b, loc, result};
    Term x{&b, loc, operands[k]};
    Term other{&b, loc, operands[operands.size() == 2 ? 1 - k : 0]};
    return Model::logDerivative(k, x, y, other).value;
  }
};

struct AddModel : Invertible<AddModel, arith::AddFOp> {
  static Term inverse(unsigned, Term y, Term other) { return y - other; }
  static Term logDerivative(unsigned, Term, Term y, Term) { return y.constant(0.0); }
};
struct SubModel : Invertible<SubModel, arith::SubFOp> {
  static Term inverse(unsigned k, Term y, Term other) { return k == 0 ? y + other : other - y; }
  static Term logDerivative(unsigned, Term, Term y, Term) { return y.constant(0.0); }
};
struct MulModel : Invertible<MulModel, arith::MulFOp> {
  static Term inverse(unsigned, Term y, Term other) { return y / other; }
  static Term logDerivative(unsigned, Term, Term, Term other) { return log(abs(other)); }
};
struct DivModel : Invertible<DivModel, arith::DivFOp> {
  static Term inverse(unsigned k, Term y, Term other) { return k == 0 ? y * other : other / y; }
  static Term logDerivative(unsigned k, Term x, Term, Term other) {
    return k == 0 ? -log(abs(other)) : log(abs(other / (x * x)));
  }
};
struct NegModel : Invertible<NegModel, arith::NegFOp> {
  static Term inverse(unsigned, Term y, Term) { return -y; }
  static Term logDerivative(unsigned, Term, Term y, Term) { return y.constant(0.0); }
};

/// Conversions between floats: the derivative is 1.
template <class Model, class Op, class Inverse>
struct ConversionModel : InvertibleOpInterface::ExternalModel<Model, Op> {
  FailureOr<Value> buildInverse(Operation *op, OpBuilder &b, Location loc, unsigned, Value result,
                                ArrayRef<Value>) const {
    return b.create<Inverse>(loc, op->getOperand(0).getType(), result).getResult();
  }
  FailureOr<Value> buildLogDerivative(Operation *, OpBuilder &b, Location loc, unsigned, Value result,
                                      ArrayRef<Value>) const {
    return zero(result, b, loc);
  }
};
struct ExtModel : ConversionModel<ExtModel, arith::ExtFOp, arith::TruncFOp> {};
struct TruncModel : ConversionModel<TruncModel, arith::TruncFOp, arith::ExtFOp> {};

/// Operations on whole numbers and truth values: no derivative.
template <class Model, class Op>
struct DiscreteModel : InvertibleOpInterface::ExternalModel<Model, Op> {
  FailureOr<Value> buildInverse(Operation *op, OpBuilder &b, Location loc, unsigned k, Value y,
                                ArrayRef<Value> operands) const {
    Value other = operands.size() == 2 ? operands[1 - k] : Value();
    return Model::inverse(k, y, other, op->getOperand(k).getType(), b, loc);
  }
  FailureOr<Value> buildLogDerivative(Operation *, OpBuilder &, Location, unsigned, Value, ArrayRef<Value>) const {
    return failure();
  }
};
struct AddIModel : DiscreteModel<AddIModel, arith::AddIOp> {
  static Value inverse(unsigned, Value y, Value other, Type, OpBuilder &b, Location loc) {
    return b.create<arith::SubIOp>(loc, y, other);
  }
};
struct SubIModel : DiscreteModel<SubIModel, arith::SubIOp> {
  static Value inverse(unsigned k, Value y, Value other, Type, OpBuilder &b, Location loc) {
    if (k == 0) return b.create<arith::AddIOp>(loc, y, other);
    return b.create<arith::SubIOp>(loc, other, y);
  }
};
struct MulIModel : DiscreteModel<MulIModel, arith::MulIOp> {
  static Value inverse(unsigned, Value y, Value other, Type, OpBuilder &b, Location loc) {
    return b.create<IDivOp>(loc, y, other);
  }
};
struct XOrModel : DiscreteModel<XOrModel, arith::XOrIOp> {
  static Value inverse(unsigned, Value y, Value other, Type, OpBuilder &b, Location loc) {
    return b.create<arith::XOrIOp>(loc, y, other);
  }
};
struct SIToFPModel : DiscreteModel<SIToFPModel, arith::SIToFPOp> {
  static Value inverse(unsigned, Value y, Value, Type type, OpBuilder &b, Location loc) {
    return b.create<ToIntOp>(loc, type, b.create<RoundOp>(loc, y));
  }
};
struct UIToFPModel : DiscreteModel<UIToFPModel, arith::UIToFPOp> {
  static Value inverse(unsigned, Value y, Value, Type, OpBuilder &b, Location loc) {
    return b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::UNE, y, zero(y, b, loc));
  }
};
struct ExtSIModel : DiscreteModel<ExtSIModel, arith::ExtSIOp> {
  static Value inverse(unsigned, Value y, Value, Type type, OpBuilder &b, Location loc) {
    return b.create<arith::TruncIOp>(loc, type, y);
  }
};
struct ExtUIModel : DiscreteModel<ExtUIModel, arith::ExtUIOp> {
  static Value inverse(unsigned, Value y, Value, Type type, OpBuilder &b, Location loc) {
    return b.create<arith::TruncIOp>(loc, type, y);
  }
};

}  // namespace

FailureOr<Value> PowOp::buildInverse(OpBuilder &b, Location loc, unsigned operand, Value result,
                                     ArrayRef<Value> operands) {
  Term y{&b, loc, result};
  if (operand == 1) return (log(y) / log(Term{&b, loc, operands[0]})).value;
  Term p{&b, loc, operands[1]};
  llvm::APFloat constant(0.0);
  if (!matchPattern(p.value, m_ConstantFloat(&constant))) return pow(y, 1.0 / p).value;
  double exponent = constant.convertToDouble();
  if (exponent == 1.0) return result;
  if (exponent == 2.0) return sqrt(y).value;
  if (exponent == 0.5) return (y * y).value;
  if (exponent == 3.0) return cbrt(y).value;
  bool odd = std::fabs(std::fmod(exponent, 2.0)) == 1.0;
  if (!odd) return pow(y, 1.0 / exponent).value;
  // An odd power keeps the sign of its base.
  Term root = pow(abs(y), 1.0 / exponent);
  Value negative = b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OLT, y.value, y.constant(0.0).value);
  return b.create<arith::SelectOp>(loc, negative, (-root).value, root.value).getResult();
}

FailureOr<Value> PowOp::buildLogDerivative(OpBuilder &b, Location loc, unsigned operand, Value result,
                                           ArrayRef<Value> operands) {
  Term y{&b, loc, result}, x{&b, loc, operands[0]}, p{&b, loc, operands[1]};
  if (operand == 1) return log(abs(y * log(x))).value;
  return log(abs(p * pow(x, p - 1.0))).value;
}

void acie::ir::attachInvertibleInterfaces(MLIRContext &context) {
  arith::AddFOp::attachInterface<AddModel>(context);
  arith::SubFOp::attachInterface<SubModel>(context);
  arith::MulFOp::attachInterface<MulModel>(context);
  arith::DivFOp::attachInterface<DivModel>(context);
  arith::NegFOp::attachInterface<NegModel>(context);
  arith::ExtFOp::attachInterface<ExtModel>(context);
  arith::TruncFOp::attachInterface<TruncModel>(context);
  arith::AddIOp::attachInterface<AddIModel>(context);
  arith::SubIOp::attachInterface<SubIModel>(context);
  arith::MulIOp::attachInterface<MulIModel>(context);
  arith::XOrIOp::attachInterface<XOrModel>(context);
  arith::SIToFPOp::attachInterface<SIToFPModel>(context);
  arith::UIToFPOp::attachInterface<UIToFPModel>(context);
  arith::ExtSIOp::attachInterface<ExtSIModel>(context);
  arith::ExtUIOp::attachInterface<ExtUIModel>(context);
}
