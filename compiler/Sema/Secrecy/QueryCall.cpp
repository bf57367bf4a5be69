#include "compiler/Sema/Secrecy/QueryCall.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {

std::vector<std::string> QueryCall::parameters(const Query& query) {
  std::vector<std::string> names;
  for (const Variable* variable : query.model->variables) {
    if (variable->role == Variable::Role::Input) names.push_back(variable->name);
  }
  for (const Evidence& item : query.evidence) {
    if (item.value == nullptr && std::find(names.begin(), names.end(), item.variable->name) == names.end()) names.push_back(item.variable->name);
  }
  for (const Slot* slot : query.arguments) names.push_back(slot->name);
  return names;
}

std::optional<QueryCall::Affine> QueryCall::answer(const Output& output) { return of(output.value, kFactual); }

std::optional<QueryCall::Affine> QueryCall::sum(const Affine& a, const Affine& b, bool subtract, Span span) {
  const Op op = subtract ? Op::Sub : Op::Add;
  Affine result = a;
  const auto join = [&](Value& into, const Value& term) {
    if (term.poisoned()) return true;
    if (into.poisoned()) into = subtract ? builder_.apply(Op::Neg, {term}, span) : term;
    else into = builder_.apply(op, {into, term}, span);
    return !into.poisoned();
  };
  for (const auto& [name, coefficient] : b.coefficients) {
    Value& into = result.coefficients[name];
    if (!join(into, coefficient)) return std::nullopt;
  }
  if (!join(result.rest, b.rest)) return std::nullopt;
  return result;
}

std::optional<QueryCall::Affine> QueryCall::scaled(const Affine& a, const Value& factor, Op op, Span span) {
  Affine result;
  for (const auto& [name, coefficient] : a.coefficients) {
    result.coefficients[name] = builder_.apply(op, {coefficient, factor}, span);
    if (result.coefficients[name].poisoned()) return std::nullopt;
  }
  if (!a.rest.poisoned()) {
    result.rest = builder_.apply(op, {a.rest, factor}, span);
    if (result.rest.poisoned()) return std::nullopt;
  }
  return result;
}

std::optional<QueryCall::Affine> QueryCall::refuse(const Expr& expr, const Affine& operand) {
  const std::string& name = operand.coefficients.begin()->first;
  const std::string what = expr.kind == Expr::Kind::Apply ? absl::StrCat("`", spelling(expr.op), "`") : "this";
  builder_.diagnostics().report(Code::A1003, expr.span, absl::StrCat(what, " is not possible under encryption, and `", name, "` of `", query_.name, "` is encrypted"))
      .label(given_.at(name).span, absl::StrCat("`", name, "` is encrypted"))
      .note("encrypted evidence may enter the answer of a query as sums of products with plaintexts");
  return std::nullopt;
}

std::optional<QueryCall::Affine> QueryCall::of(const Expr* expr, WorldId world) {
  if (const auto known = nodes_.find({expr, world}); known != nodes_.end()) return known->second;
  auto made = node(*expr, world);
  if (made) nodes_[{expr, world}] = *made;
  return made;
}

std::optional<QueryCall::Affine> QueryCall::node(const Expr& expr, WorldId here) {
  const WorldId world = expr.world == kThisWorld ? here : expr.world;
  switch (expr.kind) {
    case Expr::Kind::Constant: case Expr::Kind::Dense: return plain(Builder::whole(&expr, expr.span));
    case Expr::Kind::Variable: return variable(*expr.variable, world);
    case Expr::Kind::Natural: return natural(*expr.variable, world);
    case Expr::Kind::Slot: {
      const auto argument = given_.find(expr.slot->name);
      if (argument == given_.end()) return set_per_run(expr);
      if (encrypted_[argument->first]) return Affine{{{argument->first, Builder::value(builder_.number(1, expr.span), true)}}, {}};
      return plain(argument->second);
    }
    case Expr::Kind::Noise: return noise(expr);
    case Expr::Kind::Estimate: return estimate(expr, here);
    case Expr::Kind::Apply: break;
    default: {
      std::vector<const Expr*> operands = expr.operands;
      for (const Expr* each : operands) {
        const auto made = of(each, here);
        if (!made) return made;
        if (!made->coefficients.empty()) return refuse(expr, *made);
      }
      builder_.diagnostics().report(Code::A0704, expr.span, expr.kind == Expr::Kind::RowReduce ? "summaries of rows in a query that a graph calls are not built yet" : "tensors in a query that a graph calls are not built yet");
      return std::nullopt;
    }
  }
  std::vector<Affine> operands;
  const Affine* encrypted = nullptr;
  for (const Expr* each : expr.operands) {
    auto made = of(each, here);
    if (!made) return made;
    operands.push_back(*std::move(made));
  }
  size_t count = 0;
  for (const Affine& each : operands) {
    if (each.coefficients.empty()) continue;
    encrypted = &each;
    ++count;
  }
  if (encrypted == nullptr) {
    std::vector<Value> values;
    for (const Affine& each : operands) values.push_back(each.rest);
    Value made;
    if (expr.op == Op::Select) made = builder_.select(values[0], values[1], values[2], expr.span);
    else if (expr.op == Op::Convert) made = builder_.as_scalar(values[0], expr.type.scalar, expr.span);
    else made = builder_.apply(expr.op, values, expr.span);
    return made.poisoned() ? std::nullopt : std::optional(plain(made));
  }
  switch (expr.op) {
    case Op::Add: return sum(operands[0], operands[1], false, expr.span);
    case Op::Sub: return sum(operands[0], operands[1], true, expr.span);
    case Op::Neg: return sum(Affine{}, operands[0], true, expr.span);
    case Op::Mul:
      if (count == 2) return refuse(expr, *encrypted);
      return encrypted == &operands[0] ? scaled(operands[0], operands[1].rest, Op::Mul, expr.span) : scaled(operands[1], operands[0].rest, Op::Mul, expr.span);
    case Op::Div:
      if (!operands[1].coefficients.empty()) return refuse(expr, operands[1]);
      return scaled(operands[0], operands[1].rest, Op::Div, expr.span);
    case Op::Convert:
      if (is_float(expr.type.scalar)) return operands[0];
      return refuse(expr, *encrypted);
    default: return refuse(expr, *encrypted);
  }
}

bool QueryCall::affected(const Variable& variable, WorldId world) {
  if (const auto known = affected_.find({&variable, world}); known != affected_.end()) return known->second;
  bool result = false;
  for (const Intervention& intervention : query_.worlds[static_cast<size_t>(world)].interventions) result = result || intervention.target == &variable;
  for (const Variable* parent : variable.parents) result = result || affected(*parent, world);
  return affected_[{&variable, world}] = result;
}

std::optional<QueryCall::Affine> QueryCall::variable(const Variable& v, WorldId world) {
  if (world != kFactual && !affected(v, world)) world = kFactual;
  if (const auto known = variables_.find({&v, world}); known != variables_.end()) return known->second;
  auto made = compute(v, world);
  if (made) variables_[{&v, world}] = *made;
  return made;
}

std::optional<QueryCall::Affine> QueryCall::evidence(const Variable& v) {
  const auto given = given_.find(v.name);
  if (given == given_.end()) return std::nullopt;
  if (encrypted_[v.name]) return Affine{{{v.name, Builder::value(builder_.number(1, v.span), true)}}, {}};
  return plain(given->second);
}

std::optional<QueryCall::Affine> QueryCall::compute(const Variable& v, WorldId world) {
  for (const Intervention& intervention : query_.worlds[static_cast<size_t>(world)].interventions) {
    if (intervention.target == &v) return of(intervention.value, world);
  }
  if (world == kFactual || v.role == Variable::Role::Exo) {
    for (const Evidence& item : query_.evidence) {
      if (item.variable != &v) continue;
      if (item.value == nullptr) return evidence(v);
      if (item.value->default_value) return plain(Builder::value(builder_.number(*item.value->default_value, item.span, v.type.unit)));
    }
    for (const Recovery& recovery : query_.recoveries) {
      if (recovery.noise == &v) return recover(recovery);
    }
  }
  if (v.role == Variable::Role::Input) return evidence(v);
  return of(v.equation, world);
}

std::optional<QueryCall::Affine> QueryCall::natural(const Variable& v, WorldId world) {
  bool moved = false;
  for (const Variable* parent : v.parents) moved = moved || affected(*parent, world);
  if (!moved || v.role != Variable::Role::Var) return variable(v, kFactual);
  return of(v.equation, world);
}

std::optional<QueryCall::Linear> QueryCall::linear(const Expr* expr, const Variable& unknown) {
  if (expr->kind == Expr::Kind::Variable && expr->variable == &unknown) return Linear{Builder::value(builder_.number(1, expr->span), true), {}};
  const auto without = [&]() -> std::optional<Linear> {
    auto rest = of(expr, kFactual);
    return rest ? std::optional(Linear{std::nullopt, *std::move(rest)}) : std::nullopt;
  };
  const auto holds = [&](const auto& self, const Expr* e) -> bool {
    if (e->kind == Expr::Kind::Variable && e->variable == &unknown) return true;
    return std::any_of(e->operands.begin(), e->operands.end(), [&](const Expr* each) { return self(self, each); });
  };
  if (!holds(holds, expr)) return without();
  if (expr->kind == Expr::Kind::Apply && (expr->op == Op::Add || expr->op == Op::Sub || expr->op == Op::Neg)) {
    Linear total;
    for (size_t i = 0; i < expr->operands.size(); ++i) {
      const bool negative = expr->op == Op::Neg || (expr->op == Op::Sub && i == 1);
      const auto part = linear(expr->operands[i], unknown);
      if (!part) return part;
      const auto rest = sum(total.rest, part->rest, negative, expr->span);
      if (!rest) return std::nullopt;
      total.rest = *rest;
      if (!part->slope) continue;
      Value slope = negative ? builder_.apply(Op::Neg, {*part->slope}, expr->span) : *part->slope;
      total.slope = total.slope ? builder_.apply(Op::Add, {*total.slope, slope}, expr->span) : slope;
    }
    return total;
  }
  if (expr->kind == Expr::Kind::Apply && (expr->op == Op::Mul || expr->op == Op::Div)) {
    const size_t which = holds(holds, expr->operands[0]) ? 0 : 1;
    const bool both = which == 0 && holds(holds, expr->operands[1]);
    if (!both && (which == 0 || expr->op == Op::Mul)) {
      const auto part = linear(expr->operands[which], unknown);
      const auto factor = of(expr->operands[1 - which], kFactual);
      if (!part || !factor) return std::nullopt;
      if (!factor->coefficients.empty()) return refuse(*expr, *factor), std::nullopt;
      const auto rest = scaled(part->rest, factor->rest, expr->op, expr->span);
      if (!rest || !part->slope) return std::nullopt;
      return Linear{builder_.apply(expr->op, {*part->slope, factor->rest}, expr->span), *rest};
    }
  }
  if (expr->kind == Expr::Kind::Apply && expr->op == Op::Convert && is_float(expr->type.scalar)) return linear(expr->operands[0], unknown);
  builder_.diagnostics().report(Code::A1003, expr->span, absl::StrCat("`", unknown.name, "` cannot be recovered from encrypted evidence: this is not linear in it"))
      .note("encrypted evidence may enter the answer of a query as sums of products with plaintexts");
  return std::nullopt;
}

std::optional<QueryCall::Affine> QueryCall::recover(const Recovery& recovery) {
  if (!recovery.unknowns.empty()) {
    builder_.diagnostics().report(Code::A0704, recovery.noise->span, absl::StrCat("`", recovery.noise->name, "` is found from several equations together, which is not built yet in a query that a graph calls"));
    return std::nullopt;
  }
  const auto parts = linear(recovery.solved().equation, *recovery.noise);
  const auto value = parts ? variable(*recovery.from, kFactual) : std::nullopt;
  if (!value || !parts->slope) return std::nullopt;
  const auto left = sum(*value, parts->rest, true, recovery.from->span);
  return left ? scaled(*left, *parts->slope, Op::Div, recovery.from->span) : std::nullopt;
}

}  // namespace acie::sema
