// Queries that draw: noise as vectors of draws, and what is estimated from them.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Secrecy/QueryCall.h"
#include "compiler/Sema/Strides.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {

std::optional<QueryCall::Affine> QueryCall::noise(const Expr& expr) {
  const Span span = expr.span;
  const auto number = [&](double x) { return Builder::value(builder_.number(x, span), true); };
  const auto apply = [&](Op op, std::vector<Value> operands) { return builder_.apply(op, std::move(operands), span); };
  const Value u = draws_(*expr.noise, expr.type.shape, span);
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
    case Noise::Law::StdStudentT: {
      const auto nu = of(expr.noise->shape, kFactual);
      if (!nu) return nu;
      if (!nu->coefficients.empty()) return refuse(expr, *nu);
      made = this->apply(Op::StudentTQuantile, {u, over_draws(nu->rest, {}, expr.type.shape)}, span);
      break;
    }
  }
  return made.poisoned() ? std::nullopt : std::optional(plain(made));
}

Value QueryCall::mean(const Value& v, const Shape& own, Span span) {
  if (v.poisoned() || !is_drawn(v, own)) return v;
  const Value total = Builder::whole(builder_.fold_axes(Folding::Sum, builder_.as_whole(v, v.shape), 1, span), span);
  return builder_.apply(Op::Div, {total, Builder::value(builder_.number(static_cast<double>(v.shape.back()), span), true)}, span);
}

/// A variance or a standard deviation. A sum of constants times encrypted values moves all draws alike: it changes neither.
std::optional<QueryCall::Affine> QueryCall::spread(const Expr& expr, const Affine& operand) {
  const Shape& own = expr.operands[0]->type.shape;
  for (const auto& [base, coefficient] : operand.coefficients) {
    if (is_drawn(coefficient, own)) return refuse(expr, operand);
  }
  const Span span = expr.span;
  if (operand.rest.poisoned() || !is_drawn(operand.rest, own)) return plain(Builder::value(builder_.number(0, span, expr.type.unit)));
  const Value off = apply(Op::Sub, {operand.rest, mean(operand.rest, own, span)}, span);
  if (off.poisoned()) return std::nullopt;
  const auto draws = static_cast<double>(operand.rest.shape.back());
  Value made = builder_.apply(Op::Mul, {mean(builder_.apply(Op::Mul, {off, off}, span), own, span), Builder::value(builder_.number(draws / (draws - 1), span), true)}, span);
  if (expr.estimator == Estimator::StdDev) made = builder_.apply(Op::Sqrt, {made}, span);
  return made.poisoned() ? std::nullopt : std::optional(plain(made));
}

std::optional<QueryCall::Affine> QueryCall::estimate(const Expr& expr, WorldId world) {
  const auto operand = of(expr.operands[0], world);
  if (!operand) return operand;
  const Shape& own = expr.operands[0]->type.shape;
  switch (expr.estimator) {
    case Estimator::Variance: case Estimator::StdDev: return spread(expr, *operand);
    case Estimator::Quantile: return quantile(expr, *operand);
    case Estimator::Mean: case Estimator::Probability: break;
  }
  Affine result;
  for (const auto& [base, coefficient] : operand->coefficients) {
    result.coefficients[base] = mean(coefficient, own, expr.span);
    if (result.coefficients[base].poisoned()) return std::nullopt;
  }
  if (operand->rest.poisoned()) return result;
  result.rest = mean(expr.estimator == Estimator::Probability ? builder_.as_scalar(operand->rest, ScalarKind::F64, expr.span) : operand->rest, own, expr.span);
  return result.rest.poisoned() ? std::nullopt : std::optional(result);
}

/// Between the draws next to it in order, as the runtime has it. What is encrypted moves all draws alike, and so their quantile.
std::optional<QueryCall::Affine> QueryCall::quantile(const Expr& expr, const Affine& operand) {
  const Shape& own = expr.operands[0]->type.shape;
  for (const auto& [base, coefficient] : operand.coefficients) {
    if (is_drawn(coefficient, own)) return refuse(expr, operand);
  }
  Affine result = operand;
  if (operand.rest.poisoned() || !is_drawn(operand.rest, own)) return result;
  const Span span = expr.span;
  const Expr* draws = builder_.as_whole(operand.rest, operand.rest.shape);
  const Expr* sorted = builder_.routine(routines::Routine::Sort, {draws}, draws->type, span);
  const auto last = static_cast<double>(operand.rest.shape.back() - 1);
  const double place = expr.level * last, below = std::floor(place);
  std::vector<int64_t> strides = strides_of(operand.rest.shape);
  strides.pop_back();
  const auto at = [&](double rank) { return Builder::whole(builder_.view(sorted, own, static_cast<int64_t>(rank), strides, span), span); };
  const Value low = at(below), high = at(std::min(below + 1, last));
  const Value between = builder_.apply(Op::Mul, {Builder::value(builder_.number(place - below, span), true), builder_.apply(Op::Sub, {high, low}, span)}, span);
  result.rest = place == below ? low : builder_.apply(Op::Add, {low, between}, span);
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
    case Slot::Role::DoAsk: return plain(Builder::value(builder_.number(0, expr.span, slot.type.unit)));  // and so nothing reads it
    default: break;
  }
  builder_.diagnostics().report(Code::A0704, expr.span, absl::StrCat("`", slot.name, "`, which is set per run, is not built yet in a query that a graph calls")).note("make it an argument of the query");
  return std::nullopt;
}

}  // namespace acie::sema
