// Noise recovered from evidence that may be encrypted: from one equation, or from several together.

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Secrecy/QueryCall.h"
#include "compiler/Sema/Types.h"
#include "kernels/routines/Factor.h"

namespace acie::sema {

std::optional<QueryCall::Linear> QueryCall::linear(const Expr* expr, const Unknowns& unknowns) {
  const auto one_of = [&](const Expr* e) { return e->kind == Expr::Kind::Variable ? std::find(unknowns.begin(), unknowns.end(), e->variable) : unknowns.end(); };
  Linear total{std::vector<std::optional<Value>>(unknowns.size()), {}};
  if (const auto found = one_of(expr); found != unknowns.end()) {
    total.slopes[static_cast<size_t>(found - unknowns.begin())] = Builder::value(builder_.number(1, expr->span), true);
    return total;
  }
  const auto holds = [&](const auto& self, const Expr* e) -> bool {
    return one_of(e) != unknowns.end() || std::any_of(e->operands.begin(), e->operands.end(), [&](const Expr* each) { return self(self, each); });
  };
  if (!holds(holds, expr)) {
    auto rest = of(expr, kFactual);
    if (!rest) return std::nullopt;
    total.rest = *std::move(rest);
    return total;
  }
  if (expr->kind == Expr::Kind::Apply && (expr->op == Op::Add || expr->op == Op::Sub || expr->op == Op::Neg)) {
    for (size_t i = 0; i < expr->operands.size(); ++i) {
      const bool negative = expr->op == Op::Neg || (expr->op == Op::Sub && i == 1);
      const auto part = linear(expr->operands[i], unknowns);
      if (!part) return part;
      const auto rest = sum(total.rest, part->rest, negative, expr->span);
      if (!rest) return std::nullopt;
      total.rest = *rest;
      for (size_t k = 0; k < unknowns.size(); ++k) {
        if (!part->slopes[k]) continue;
        const Value slope = negative ? builder_.apply(Op::Neg, {*part->slopes[k]}, expr->span) : *part->slopes[k];
        total.slopes[k] = total.slopes[k] ? builder_.apply(Op::Add, {*total.slopes[k], slope}, expr->span) : slope;
      }
    }
    return total;
  }
  if (expr->kind == Expr::Kind::Apply && (expr->op == Op::Mul || expr->op == Op::Div)) {
    const size_t which = holds(holds, expr->operands[0]) ? 0 : 1;
    const bool both = which == 0 && holds(holds, expr->operands[1]);
    if (!both && (which == 0 || expr->op == Op::Mul)) {
      auto part = linear(expr->operands[which], unknowns);
      const auto factor = of(expr->operands[1 - which], kFactual);
      if (!part || !factor) return std::nullopt;
      if (!factor->coefficients.empty()) return refuse(*expr, *factor), std::nullopt;
      const auto rest = scaled(part->rest, factor->rest, expr->op, expr->span);
      if (!rest) return std::nullopt;
      part->rest = *rest;
      for (std::optional<Value>& slope : part->slopes)
        if (slope) slope = builder_.apply(expr->op, {*slope, factor->rest}, expr->span);
      return part;
    }
  }
  if (expr->kind == Expr::Kind::Apply && expr->op == Op::Convert && is_float(expr->type.scalar)) return linear(expr->operands[0], unknowns);
  builder_.diagnostics().report(Code::A1003, expr->span, absl::StrCat("`", unknowns[0]->name, "` cannot be recovered from encrypted evidence: this is not linear in it"))
      .note("encrypted evidence may enter the answer of a query as sums of products with plaintexts");
  return std::nullopt;
}

std::optional<QueryCall::Affine> QueryCall::recover(const Recovery& recovery) {
  if (!recovery.unknowns.empty()) return recover_jointly(recovery);
  const auto parts = linear(recovery.solved().equation, {recovery.noise});
  const auto value = parts ? variable(*recovery.from, kFactual) : std::nullopt;
  if (!value || !parts->slopes[0]) return std::nullopt;
  const auto left = sum(*value, parts->rest, true, recovery.from->span);
  return left ? scaled(*left, *parts->slopes[0], Op::Div, recovery.from->span) : std::nullopt;
}

std::optional<QueryCall::Affine> QueryCall::recover_jointly(const Recovery& recovery) {
  const Unknowns& unknowns = recovery.unknowns;
  const auto refused = [&](const char* why) {
    builder_.diagnostics().report(Code::A0704, recovery.noise->span, absl::StrCat("`", recovery.noise->name, "` is found from several equations together, ", why, ", which is not built yet in a query that a graph calls"));
    return std::nullopt;
  };
  if (recovery.conditioned || recovery.equations.size() != unknowns.size()) return refused("fewer than there are unknowns");
  const size_t count = unknowns.size();
  std::vector<double> slopes(count * count), unit(count), weights(count);
  std::vector<Affine> left;  // what the evidence is without all else that its equation adds
  for (size_t i = 0; i < count; ++i) {
    const Variable& equation = *recovery.equations[i];
    const auto parts = linear(equation.equation, unknowns);
    const auto value = parts ? variable(*observed_of(&equation), kFactual) : std::nullopt;
    auto rest = value ? sum(*value, parts->rest, true, equation.span) : std::nullopt;
    if (!rest) return std::nullopt;
    left.push_back(*std::move(rest));
    for (size_t k = 0; k < count; ++k) {
      const auto known = parts->slopes[k] ? constant_value(parts->slopes[k]->expr) : std::optional<double>(0);
      if (!known) return refused("whose coefficients are no constants");
      slopes[k * count + i] = *known;  // the transposed matrix: one row of its inverse is wanted
    }
  }
  const auto row = static_cast<size_t>(std::find(unknowns.begin(), unknowns.end(), recovery.noise) - unknowns.begin());
  unit[row] = 1;
  routines::Factored<double>(slopes.data(), static_cast<int64_t>(count)).solve(unit.data(), 1, weights.data());
  if (!std::all_of(weights.begin(), weights.end(), [](double x) { return std::isfinite(x); })) return refused("which do not tell the unknowns apart");
  Affine result;
  for (size_t i = 0; i < count; ++i) {
    if (weights[i] == 0) continue;
    const Value weight = Builder::value(builder_.number(weights[i], recovery.noise->span), true);
    const auto term = scaled(left[i], weight, Op::Mul, recovery.noise->span);
    const auto total = term ? sum(result, *term, false, recovery.noise->span) : std::nullopt;
    if (!total) return std::nullopt;
    result = *total;
  }
  return result;
}

}  // namespace acie::sema
