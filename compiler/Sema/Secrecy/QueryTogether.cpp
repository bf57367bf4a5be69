// Noises that several equations tell together: solved for where there are as many, drawn given them where there are fewer.

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Secrecy/QueryCall.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {

std::optional<QueryCall::System> QueryCall::system_of(const Recovery& recovery) {
  System system;
  for (const Variable* equation : recovery.equations) {
    const Span span = equation->span;
    const auto parts = linear(equation->equation, unknowns_in(equation->equation, recovery.unknowns));
    const auto value = parts ? variable(*observed_of(equation), kFactual) : std::nullopt;
    auto rest = value ? sum(*value, parts->rest, true, span) : std::nullopt;
    if (!rest) return std::nullopt;
    system.left.push_back(*std::move(rest));
    system.slopes.emplace_back();
    for (const std::optional<Value>& slope : parts->slopes) {
      if (slope && slope->poisoned()) return std::nullopt;
      system.slopes.back().push_back(slope ? *slope : Builder::value(builder_.number(0, span), true));
    }
  }
  return system;
}

/// Whether all are numbers, the same in every draw; reports where some are not.
bool QueryCall::same_in_draws(const std::vector<std::vector<Value>>& rows, const Recovery& recovery) {
  for (const std::vector<Value>& row : rows) {
    if (std::none_of(row.begin(), row.end(), [](const Value& v) { return v.is_tensor(); })) continue;
    builder_.diagnostics().report(Code::A0704, recovery.noise->span, absl::StrCat("`", recovery.noise->name, "` is found from several equations together, whose coefficients are random or tensors, which is not built yet in a query that a graph calls"));
    return false;
  }
  return true;
}

const Expr* QueryCall::matrix_of_numbers(const std::vector<std::vector<Value>>& rows, Span span) {
  std::vector<Value> all;
  for (const std::vector<Value>& row : rows) all.insert(all.end(), row.begin(), row.end());
  const Shape shape = {static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows[0].size())};
  std::vector<const Expr*> items;
  for (const Value& each : all) items.push_back(each.expr);
  return builder_.concat(std::move(items), shape, span);
}

/// Σ weight · term.
std::optional<QueryCall::Affine> QueryCall::weighted(const std::vector<Affine>& terms, const std::vector<Value>& weights, Span span) {
  Affine total;
  for (size_t i = 0; i < terms.size(); ++i) {
    if (weights[i].expr != nullptr && constant_value(weights[i].expr) == std::optional<double>(0)) continue;
    const auto term = scaled(terms[i], weights[i], Op::Mul, span);
    if (!term || !add(total, *term, false, span)) return std::nullopt;
  }
  return total;
}

/// One row of the inverse of the slopes times what is left: where they are constants it is computed when compiling.
std::optional<QueryCall::Affine> QueryCall::recover_jointly(const Recovery& recovery) {
  const auto system = system_of(recovery);
  if (!system || !same_in_draws(system->slopes, recovery)) return std::nullopt;
  const Span span = recovery.noise->span;
  const Expr* slopes = matrix_of_numbers(system->slopes, span);
  const auto count = static_cast<int64_t>(recovery.unknowns.size());
  const Expr* inverse = builder_.routine(routines::Routine::Inverse, {slopes}, slopes->type, span);
  if (slopes->kind == Expr::Kind::Dense && inverse->kind != Expr::Kind::Dense) {
    builder_.diagnostics().report(Code::A0501, span, absl::StrCat("`", recovery.noise->name, "` cannot be recovered: the equations that tell it do not tell it from `", recovery.unknowns[recovery.unknowns[0] == recovery.noise ? 1 : 0]->name, "`"));
    return std::nullopt;
  }
  const auto row = std::find(recovery.unknowns.begin(), recovery.unknowns.end(), recovery.noise) - recovery.unknowns.begin();
  std::vector<Value> weights;
  for (int64_t i = 0; i < count; ++i) weights.push_back(Builder::value(builder_.element(inverse, row * count + i)));
  return weighted(system->left, weights, span);
}

/// Matheron's rule, as in compiler/Transforms/InvertMechanism/LinearSystem.cpp: with prior draws u of noises of deviations s,
/// equations x = o + H u and B = H diag(s), u + diag(s) Bᵀ (B Bᵀ)⁻¹ (x - o - H u) is drawn from the law of u given x. It is
/// affine in x.
std::optional<QueryCall::Affine> QueryCall::recover_conditioned(const Recovery& recovery) {
  const auto system = system_of(recovery);
  if (!system) return std::nullopt;
  const Span span = recovery.noise->span;
  const size_t equations = system->slopes.size(), noises = recovery.unknowns.size();
  const auto apply = [&](Op op, const Value& a, const Value& b) { return this->apply(op, {a, b}, span); };
  std::vector<Value> deviations, drawn;
  for (const Variable* noise : recovery.unknowns) {
    const auto law = linear(noise->equation, unknowns_in(noise->equation, [](const Expr& e) { return e.kind == Expr::Kind::Noise ? std::optional<size_t>(0) : std::nullopt; }, 1, noise->name));
    const auto prior = law ? of(noise->equation, kFactual) : std::nullopt;
    if (!prior) return std::nullopt;
    if (!prior->coefficients.empty()) return refuse(*noise->equation, *prior);
    if (!law->slopes[0]) return std::nullopt;
    deviations.push_back(*law->slopes[0]);
    drawn.push_back(prior->rest);
  }
  std::vector<std::vector<Value>> scaled_slopes(equations);
  std::vector<Affine> lacking;
  for (size_t i = 0; i < equations; ++i) {
    Affine lack = system->left[i];
    for (size_t j = 0; j < noises; ++j) {
      scaled_slopes[i].push_back(apply(Op::Mul, system->slopes[i][j], deviations[j]));
      if (scaled_slopes[i][j].poisoned() || !add(lack, plain(apply(Op::Mul, system->slopes[i][j], drawn[j])), true, span)) return std::nullopt;
    }
    lacking.push_back(std::move(lack));
  }
  const auto which = static_cast<size_t>(std::find(recovery.unknowns.begin(), recovery.unknowns.end(), recovery.noise) - recovery.unknowns.begin());
  std::vector<Value> weights;
  if (equations == 1) {
    std::vector<Value> squares;
    for (const Value& each : scaled_slopes[0]) squares.push_back(apply(Op::Mul, each, each));
    Value variance = squares[0];
    for (size_t j = 1; j < squares.size(); ++j) variance = apply(Op::Add, variance, squares[j]);
    weights.push_back(apply(Op::Div, apply(Op::Mul, deviations[which], scaled_slopes[0][which]), variance));
  } else {
    if (!same_in_draws(scaled_slopes, recovery)) return std::nullopt;
    const Expr* b = matrix_of_numbers(scaled_slopes, span);
    Type type = b->type;
    const auto n = static_cast<int64_t>(equations);
    const Expr* covariance = builder_.contract(b, turned(b, span), {n, n}, type, span);
    const Expr* shares = builder_.routine(routines::Routine::Solve, {covariance, b}, type, span);
    for (size_t i = 0; i < equations; ++i) weights.push_back(apply(Op::Mul, deviations[which], Builder::value(builder_.element(shares, static_cast<int64_t>(i * noises + which)))));
  }
  if (std::any_of(weights.begin(), weights.end(), [](const Value& each) { return each.poisoned(); })) return std::nullopt;
  const auto given = weighted(lacking, weights, span);
  return given ? sum(plain(drawn[which]), *given, false, span) : std::nullopt;
}

}  // namespace acie::sema
