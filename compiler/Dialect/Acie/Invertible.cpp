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

}  // namespace

FailureOr<Value> PowOp::buildInverse(OpBuilder &b, Location loc, unsigned operand, Value result,
                                     ArrayRef<Value> operands) {
  Term y{&b, loc, result};
  if (operand == 1) return (log(y) / log(Term{&b, loc, operands[0]})).value;
  Term p{&b, loc, operands[1]};
  FloatAttr constant;
  if (!matchPattern(p.value, m_Constant(&constant))) return pow(y, 1.0 / p).value;
  double exponent = constant.getValueAsDouble();
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
}
