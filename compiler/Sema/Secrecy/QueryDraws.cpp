// Queries that draw: noise as vectors of draws, and what is estimated from them.

#include <cmath>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Secrecy/QueryCall.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {

std::optional<QueryCall::Affine> QueryCall::noise(const Expr& expr) {
  const Span span = expr.span;
  const auto number = [&](double x) { return Builder::value(builder_.number(x, span), true); };
  const auto apply = [&](Op op, std::vector<Value> operands) { return builder_.apply(op, std::move(operands), span); };
  const Value u = draws_(expr.noise->name, span);
  // The quantile of each standard law at a uniform number, as in compiler/Transforms/InlineMechanisms.
  Value made;
  switch (expr.noise->law) {
    case Noise::Law::StdUniform: made = u; break;
    case Noise::Law::StdNormal: made = apply(Op::NormQuantile, {u}); break;
    case Noise::Law::StdExponential: made = apply(Op::Neg, {apply(Op::Log1p, {apply(Op::Neg, {u})})}); break;
    case Noise::Law::StdLogistic: made = apply(Op::Log, {apply(Op::Div, {u, apply(Op::Sub, {number(1), u})})}); break;
    case Noise::Law::StdGumbel: made = apply(Op::Neg, {apply(Op::Log, {apply(Op::Neg, {apply(Op::Log, {u})})})}); break;
    case Noise::Law::StdCauchy: made = apply(Op::Tan, {apply(Op::Mul, {number(std::numbers::pi), apply(Op::Sub, {u, number(0.5)})})}); break;
    case Noise::Law::StdLaplace: {
      const Value low = apply(Op::Log, {apply(Op::Mul, {number(2), u})});
      const Value high = apply(Op::Neg, {apply(Op::Log, {apply(Op::Mul, {number(2), apply(Op::Sub, {number(1), u})})})});
      made = builder_.select(apply(Op::Lt, {u, number(0.5)}), low, high, span);
      break;
    }
    case Noise::Law::StdStudentT:
      builder_.diagnostics().report(Code::A0704, span, "draws of Student's t in a query that a graph calls are not built yet");
      return std::nullopt;
  }
  return made.poisoned() ? std::nullopt : std::optional(plain(made));
}

Value QueryCall::mean(const Value& v, Span span) {
  if (v.poisoned() || !v.is_tensor()) return v;
  const Value total = Builder::value(builder_.fold_axes(Folding::Sum, builder_.as_whole(v, v.shape), 1, span));
  return builder_.apply(Op::Div, {total, Builder::value(builder_.number(static_cast<double>(v.shape[0]), span), true)}, span);
}

/// A variance or a standard deviation. A sum of constants times encrypted values moves all draws alike: it changes neither.
std::optional<QueryCall::Affine> QueryCall::spread(const Expr& expr, const Affine& operand) {
  for (const auto& [base, coefficient] : operand.coefficients) {
    if (coefficient.is_tensor()) return refuse(expr, operand);
  }
  const Span span = expr.span;
  if (operand.rest.poisoned() || !operand.rest.is_tensor()) return plain(Builder::value(builder_.number(0, span, expr.type.unit)));
  const Value off = builder_.apply(Op::Sub, {operand.rest, mean(operand.rest, span)}, span);
  if (off.poisoned()) return std::nullopt;
  const auto draws = static_cast<double>(operand.rest.shape[0]);
  Value made = builder_.apply(Op::Mul, {mean(builder_.apply(Op::Mul, {off, off}, span), span), Builder::value(builder_.number(draws / (draws - 1), span), true)}, span);
  if (expr.estimator == Estimator::StdDev) made = builder_.apply(Op::Sqrt, {made}, span);
  return made.poisoned() ? std::nullopt : std::optional(plain(made));
}

std::optional<QueryCall::Affine> QueryCall::estimate(const Expr& expr, WorldId world) {
  auto operand = of(expr.operands[0], world);
  if (!operand) return operand;
  switch (expr.estimator) {
    case Estimator::Variance: case Estimator::StdDev: return spread(expr, *operand);
    case Estimator::Quantile:
      if (!operand->coefficients.empty()) return refuse(expr, *operand);
      builder_.diagnostics().report(Code::A0704, expr.span, "quantiles in a query that a graph calls are not built yet");
      return std::nullopt;
    case Estimator::Mean: case Estimator::Probability: break;
  }
  Affine result;
  for (const auto& [base, coefficient] : operand->coefficients) {
    result.coefficients[base] = mean(coefficient, expr.span);
    if (result.coefficients[base].poisoned()) return std::nullopt;
  }
  if (operand->rest.poisoned()) return result;
  result.rest = mean(expr.estimator == Estimator::Probability ? builder_.as_scalar(operand->rest, ScalarKind::F64, expr.span) : operand->rest, expr.span);
  return result.rest.poisoned() ? std::nullopt : std::optional(result);
}

/// A constant that the command line may replace in a query stays what the program says; a parameter is given to who computes.
std::optional<QueryCall::Affine> QueryCall::set_per_run(const Expr& expr) {
  const Slot& slot = *expr.slot;
  switch (slot.role) {
    case Slot::Role::Param: case Slot::Role::Learn: return plain(Builder::whole(&expr, expr.span));
    case Slot::Role::Given: case Slot::Role::Do:
      if (slot.default_value && slot.type.shape.empty()) return plain(Builder::value(builder_.number(*slot.default_value, expr.span, slot.type.unit)));
      break;
    default: break;
  }
  builder_.diagnostics().report(Code::A0704, expr.span, absl::StrCat("`", slot.name, "`, which is set per run, is not built yet in a query that a graph calls")).note("make it an argument of the query");
  return std::nullopt;
}

}  // namespace acie::sema
