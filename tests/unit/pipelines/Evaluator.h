// Computes straight-line scalar IR on doubles, one operation after the other: what the IR means, independent of code
// generation.
#pragma once

#include <bit>
#include <cmath>
#include <functional>
#include <map>
#include <string>

#include "compiler/Dialect/Acie/AcieDialect.h"
#include "kernels/math/ScalarFunctions.h"
#include "kernels/math/Special.h"
#include "llvm/ADT/DenseMap.h"
#include "mlir/IR/Block.h"

namespace acie::testing {

/// Values of all operations of a block of f64 (and i1 as 0 and 1; i64 only as the bits of an f64). Columns and slots are
/// given by name.
class Evaluator {
 public:
  std::map<std::string, double> leaves;
  llvm::DenseMap<mlir::Value, double> values;

  void run(mlir::Block& block) {
    for (mlir::Operation& op : block)
      if (op.getNumResults() == 1) values[op.getResult(0)] = evaluate(op);
  }

 private:
  double x(mlir::Operation& op, unsigned i) { return values.lookup(op.getOperand(i)); }

  double evaluate(mlir::Operation& op) {
    using namespace mlir;
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      if (auto number = dyn_cast<FloatAttr>(constant.getValue())) return number.getValueAsDouble();
      return static_cast<double>(cast<IntegerAttr>(constant.getValue()).getValue().getZExtValue());
    }
    if (auto column = dyn_cast<ir::ColumnOp>(op)) return leaves.at(column.getName().str());
    if (auto slot = dyn_cast<ir::SlotOp>(op)) return leaves.at(slot.getName().str());
    if (isa<arith::AddFOp>(op)) return x(op, 0) + x(op, 1);
    if (isa<arith::SubFOp>(op)) return x(op, 0) - x(op, 1);
    if (isa<arith::MulFOp>(op)) return x(op, 0) * x(op, 1);
    if (isa<arith::DivFOp>(op)) return x(op, 0) / x(op, 1);
    if (isa<arith::NegFOp>(op)) return -x(op, 0);
    if (isa<arith::SelectOp>(op)) return x(op, 0) != 0 ? x(op, 1) : x(op, 2);
    if (isa<arith::AndIOp>(op)) return x(op, 0) != 0 && x(op, 1) != 0;
    if (isa<arith::BitcastOp, arith::TruncIOp>(op)) return x(op, 0);  // bits are compared below
    if (isa<arith::CmpIOp>(op)) return std::bit_cast<uint64_t>(x(op, 0)) == std::bit_cast<uint64_t>(x(op, 1));
    if (auto compare = dyn_cast<arith::CmpFOp>(op)) {
      double a = x(op, 0), b = x(op, 1);
      switch (compare.getPredicate()) {
        case arith::CmpFPredicate::OEQ: return a == b;
        case arith::CmpFPredicate::OLT: return a < b;
        case arith::CmpFPredicate::OLE: return a <= b;
        case arith::CmpFPredicate::OGT: return a > b;
        case arith::CmpFPredicate::OGE: return a >= b;
        default: ADD_FAILURE() << "predicate not known to the evaluator"; return NAN;
      }
    }
    std::string name = op.getName().stripDialect().str();
    namespace s = math::scalar;
    static const std::map<std::string, double (*)(double)> unary = {
        {"sqrt", [](double v) { return std::sqrt(v); }}, {"cbrt", s::cbrt}, {"abs", [](double v) { return std::fabs(v); }},
        {"exp", s::exp}, {"exp2", s::exp2}, {"exp10", s::exp10}, {"expm1", s::expm1}, {"log", s::log}, {"log2", s::log2},
        {"log10", s::log10}, {"log1p", s::log1p}, {"sin", s::sin}, {"cos", s::cos}, {"tan", s::tan},
        {"asin", s::asin}, {"acos", s::acos}, {"atan", s::atan}, {"sinh", s::sinh}, {"cosh", s::cosh},
        {"tanh", s::tanh}, {"asinh", s::asinh}, {"acosh", s::acosh}, {"atanh", s::atanh}, {"sigmoid", s::sigmoid},
        {"logit", s::logit}, {"softplus", s::softplus}, {"erf", s::erf}, {"erfc", s::erfc},
        {"norm_cdf", s::norm_cdf}, {"norm_quantile", s::norm_quantile}, {"lgamma", [](double v) { return math::lgamma(v); }}};
    if (auto found = unary.find(name); found != unary.end()) return found->second(x(op, 0));
    if (name == "pow") return s::pow(x(op, 0), x(op, 1));
    if (name == "max") return std::fmax(x(op, 0), x(op, 1));
    if (name == "gamma_cdf") return math::gamma_cdf(x(op, 0), x(op, 1));
    if (name == "gamma_quantile") return math::gamma_quantile(x(op, 0), x(op, 1));
    if (name == "beta_cdf") return math::beta_cdf(x(op, 0), x(op, 1), x(op, 2));
    if (name == "beta_quantile") return math::beta_quantile(x(op, 0), x(op, 1), x(op, 2));
    if (name == "student_t_cdf") return math::student_t_cdf(x(op, 0), x(op, 1));
    if (name == "student_t_quantile") return math::student_t_quantile(x(op, 0), x(op, 1));
    ADD_FAILURE() << "operation not known to the evaluator: " << name;
    return NAN;
  }
};

}  // namespace acie::testing
