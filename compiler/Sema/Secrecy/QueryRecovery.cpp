// Noise recovered from evidence that may be encrypted: one equation solved for it.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Secrecy/QueryCall.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {

QueryCall::Unknowns QueryCall::unknowns_in(const Expr* root, std::function<std::optional<size_t>(const Expr&)> which, size_t count, std::string name) {
  Unknowns unknowns{std::move(which), count, std::move(name)};
  for (const Expr* node : postorder(root)) {
    if (unknowns.which(*node)) unknowns.number = unknowns.number && node->type.shape.empty();
    const bool above = std::any_of(node->operands.begin(), node->operands.end(), [&](const Expr* each) { return unknowns.in(each); });
    if (above || unknowns.which(*node)) unknowns.holders.insert(node);
  }
  return unknowns;
}

QueryCall::Unknowns QueryCall::unknowns_in(const Expr* root, const std::vector<const Variable*>& variables) {
  const auto which = [variables](const Expr& e) -> std::optional<size_t> {
    const auto found = e.kind == Expr::Kind::Variable ? std::find(variables.begin(), variables.end(), e.variable) : variables.end();
    return found == variables.end() ? std::nullopt : std::optional(static_cast<size_t>(found - variables.begin()));
  };
  return unknowns_in(root, which, variables.size(), variables[0]->name);
}

std::optional<QueryCall::Linear> QueryCall::linear(const Expr* expr, const Unknowns& unknowns) {
  Linear total{std::vector<std::optional<Value>>(unknowns.count), {}};
  if (const auto found = unknowns.which(*expr)) {
    total.slopes[*found] = Builder::value(builder_.number(1, expr->span), true);
    return total;
  }
  if (!unknowns.in(expr)) {
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
      if (!add(total.rest, part->rest, negative, expr->span)) return std::nullopt;
      for (size_t k = 0; k < unknowns.count; ++k) {
        if (!part->slopes[k]) continue;
        const Value slope = negative ? builder_.apply(Op::Neg, {*part->slopes[k]}, expr->span) : *part->slopes[k];
        total.slopes[k] = total.slopes[k] ? builder_.apply(Op::Add, {*total.slopes[k], slope}, expr->span) : slope;
      }
    }
    return total;
  }
  if (expr->kind == Expr::Kind::Apply && (expr->op == Op::Mul || expr->op == Op::Div)) {
    const size_t which = unknowns.in(expr->operands[0]) ? 0 : 1;
    const bool both = which == 0 && unknowns.in(expr->operands[1]);
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
  if (is_linear_map(*expr)) return linear_map(*expr, unknowns);
  builder_.diagnostics().report(Code::A1003, expr->span, absl::StrCat("`", unknowns.name, "` cannot be recovered from encrypted evidence: this is not linear in it"))
      .note("encrypted evidence may enter the answer of a query as sums of products with plaintexts");
  return std::nullopt;
}

/// Of an operation that is linear in the operands that hold unknowns, which are numbers.
std::optional<QueryCall::Linear> QueryCall::linear_map(const Expr& expr, const Unknowns& unknowns) {
  Linear total{std::vector<std::optional<Value>>(unknowns.count), {}};
  std::vector<Affine> rests;
  std::vector<std::vector<std::optional<Value>>> slopes;
  for (const Expr* each : expr.operands) {
    const auto part = linear(each, unknowns);
    if (!part) return part;
    rests.push_back(part->rest);
    slopes.push_back(part->slopes);
  }
  const auto rest = map_of(expr, rests);
  if (!rest) return std::nullopt;
  total.rest = *rest;
  for (size_t k = 0; k < unknowns.count; ++k) {
    std::vector<Affine> with = rests;
    bool held = false;
    for (size_t i = 0; i < with.size(); ++i) {
      if (!unknowns.in(expr.operands[i]) && expr.kind != Expr::Kind::Concat) continue;
      with[i] = slopes[i][k] ? plain(*slopes[i][k]) : Affine{};
      held = held || slopes[i][k].has_value();
    }
    const Expr* slope = held ? rest_of(expr, with) : nullptr;
    if (held && slope == nullptr) return std::nullopt;
    if (held) total.slopes[k] = Builder::whole(slope, expr.span);
  }
  return total;
}

std::optional<QueryCall::Affine> QueryCall::solved(const Expr* expr, const Unknowns& unknown, const Affine& value) {
  // Tensors are mixed by matrices, and by steps: what stands in one place of them is reached by undoing what is around it.
  const bool tensors = std::any_of(unknown.holders.begin(), unknown.holders.end(), [&](const Expr* e) { return unknown.which(*e) && !e->type.shape.empty(); });
  const bool once = std::all_of(unknown.holders.begin(), unknown.holders.end(), [&](const Expr* e) {
    return e->kind == Expr::Kind::Loop || std::count_if(e->operands.begin(), e->operands.end(), [&](const Expr* each) { return unknown.in(each); }) <= 1;
  });
  if (tensors && once) return undone(expr, unknown, value);
  const auto parts = linear(expr, unknown);
  if (!parts || !parts->slopes[0]) return std::nullopt;
  const auto left = sum(value, parts->rest, true, expr->span);
  if (!left) return left;
  const Value& slope = *parts->slopes[0];
  if (expr->type.shape.empty() || !unknown.number) return scaled(*left, slope, Op::Div, expr->span);
  // A number in many elements, which agree: their mean, weighted by how much each follows it.
  const Span span = expr->span;
  const Shape& shape = expr->type.shape;
  const auto summed = [&](const Expr* of) { return builder_.fold_axes(Folding::Sum, of, shape.size(), span); };
  const Expr* slopes = builder_.as_whole(slope, shape);
  const Value squares = Builder::whole(summed(builder_.as_whole(builder_.apply(Op::Mul, {Builder::whole(slopes, span), Builder::whole(slopes, span)}, span), shape)), span);
  const auto weighed = scaled(*left, builder_.apply(Op::Div, {Builder::whole(slopes, span), squares}, span), Op::Mul, span);
  return weighed ? map_of(*summed(expr), {*weighed}) : std::nullopt;
}

std::optional<QueryCall::Affine> QueryCall::recover(const Recovery& recovery) {
  if (recovery.conditioned) return recover_conditioned(recovery);
  if (!recovery.unknowns.empty()) return recover_jointly(recovery);
  const auto value = variable(*recovery.from, kFactual);
  const Expr* equation = recovery.solved().equation;
  return value ? solved(equation, unknowns_in(equation, {recovery.noise}), *value) : std::nullopt;
}

}  // namespace acie::sema
