#include "compiler/Sema/Secrecy/QueryCall.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {

std::vector<QueryCall::Parameter> QueryCall::parameters(const Query& query) {
  std::vector<Parameter> all;
  const auto add = [&](const std::string& name, const Type& type, const std::optional<VectorElement>& vector) {
    const std::string& whole = vector ? vector->name : name;
    auto known = std::find_if(all.begin(), all.end(), [&](const Parameter& each) { return each.name == whole; });
    if (known == all.end()) {
      known = all.insert(all.end(), {whole, type});
      if (vector) {
        known->type.shape.assign(vector->shape.begin(), vector->shape.end());
        known->elements.resize(static_cast<size_t>(element_count(known->type.shape)));
      }
    }
    if (vector) known->elements[static_cast<size_t>(vector->element)] = name;
  };
  for (const Variable* variable : query.model->variables) {
    if (variable->role == Variable::Role::Input) add(variable->name, variable->type, variable->vector);
  }
  for (const Evidence& item : query.evidence) {
    if (item.value == nullptr) add(item.variable->name, item.variable->type, item.variable->vector);
  }
  for (const Slot* slot : query.arguments) add(slot->name, slot->type, slot->vector);
  return all;
}

std::optional<QueryCall::Affine> QueryCall::answer(const Output& output) { return of(output.value, kFactual); }

bool QueryCall::add(Affine& to, const Affine& term, bool subtract, Span span) {
  const Op op = subtract ? Op::Sub : Op::Add;
  const auto join = [&](Value& into, const Value& other) {
    if (other.poisoned()) return true;
    if (into.poisoned()) into = subtract ? builder_.apply(Op::Neg, {other}, span) : other;
    else into = apply(op, {into, other}, span);
    return !into.poisoned();
  };
  for (const auto& [base, coefficient] : term.coefficients) {
    if (!join(to.coefficients[base], coefficient)) return false;
  }
  return join(to.rest, term.rest);
}

std::optional<QueryCall::Affine> QueryCall::sum(Affine a, const Affine& b, bool subtract, Span span) { return add(a, b, subtract, span) ? std::optional(std::move(a)) : std::nullopt; }

std::optional<QueryCall::Affine> QueryCall::scaled(const Affine& a, const Value& factor, Op op, Span span) {
  Affine result;
  for (const auto& [base, coefficient] : a.coefficients) {
    result.coefficients[base] = apply(op, {coefficient, factor}, span);
    if (result.coefficients[base].poisoned()) return std::nullopt;
  }
  if (!a.rest.poisoned()) {
    result.rest = apply(op, {a.rest, factor}, span);
    if (result.rest.poisoned()) return std::nullopt;
  }
  return result;
}

std::optional<QueryCall::Affine> QueryCall::refuse(const Expr& expr, const Affine& operand) {
  const std::string& name = base(operand.coefficients.begin()->first).name;
  const std::string what = expr.kind == Expr::Kind::Apply     ? absl::StrCat("`", spelling(expr.op), "`")
                           : expr.kind == Expr::Kind::Routine ? absl::StrCat("`", routines::kRoutineNames[static_cast<size_t>(expr.routine)], "`")
                           : expr.kind == Expr::Kind::Fold    ? "any fold but a sum"
                                                              : "this";
  builder_.diagnostics().report(Code::A1003, expr.span, absl::StrCat(what, " is not possible under encryption, and `", name, "` of `", query_.name, "` is encrypted"))
      .label(given_.at(name).value.span, absl::StrCat("`", name, "` is encrypted"))
      .note("encrypted evidence may enter the answer of a query as sums of products with plaintexts");
  return std::nullopt;
}

std::optional<QueryCall::Affine> QueryCall::of(const Expr* expr, WorldId world) {
  if (const auto known = nodes_.find({expr, world}); known != nodes_.end()) return known->second;
  auto made = node(*expr, world);
  if (!made) return made;
  const size_t before = std::exchange(terms_, terms_ + made->coefficients.size());
  if (terms_ > kMostTerms) {
    if (before <= kMostTerms) {
      builder_.diagnostics().report(Code::A0704, expr->span, absl::StrCat("`", query_.name, "` with more than ", kMostTerms, " products of encrypted elements on the way is not built yet"))
          .note("what depends on all steps before it has a product for each of them: take fewer steps");
    }
    return std::nullopt;
  }
  return nodes_[{expr, world}] = *std::move(made);
}

std::optional<QueryCall::Affine> QueryCall::node(const Expr& expr, WorldId here) {
  const WorldId world = expr.world == kThisWorld ? here : expr.world;
  switch (expr.kind) {
    case Expr::Kind::Constant: case Expr::Kind::Dense: return plain(Builder::whole(&expr, expr.span));
    case Expr::Kind::Variable: return variable(*expr.variable, world);
    case Expr::Kind::Natural: return natural(*expr.variable, world);
    case Expr::Kind::Slot: return expr.slot->role == Slot::Role::Argument ? given(expr.slot->name, expr.span) : set_per_run(expr);
    case Expr::Kind::Present: return plain(Builder::value(builder_.truth(false, expr.span)));  // `do?`: a call of a graph's sets nothing
    case Expr::Kind::Noise: return noise(expr);
    case Expr::Kind::Estimate: return estimate(expr, here);
    case Expr::Kind::Apply: break;
    default: return tensor_map(expr, here);
  }
  std::vector<Affine> operands;
  const Affine* encrypted = nullptr;
  for (const Expr* each : expr.operands) {
    auto made = of(each, here);
    if (!made) return made;
    operands.push_back(*std::move(made));
  }
  meet_tensors(expr, operands);
  size_t count = 0;
  for (const Affine& each : operands) {
    if (each.coefficients.empty()) continue;
    encrypted = &each;
    ++count;
  }
  if (encrypted == nullptr) {
    std::vector<Value> values;
    for (const Affine& each : operands) values.push_back(each.rest);
    meet(values);
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
    case Op::Select:
      if (!operands[0].coefficients.empty()) return refuse(expr, operands[0]);
      return chosen(expr, operands);
    default: return refuse(expr, *encrypted);
  }
}

/// if plain then a else b: coefficients are chosen, and what there is in one only is 0 in the other.
std::optional<QueryCall::Affine> QueryCall::chosen(const Expr& expr, const std::vector<Affine>& operands) {
  const Value zero = Builder::value(builder_.number(0, expr.span), true);
  const auto choose = [&](const Value& then, const Value& otherwise) {
    std::vector<Value> parts = {operands[0].rest, then, otherwise};
    meet(parts);
    return builder_.select(parts[0], parts[1], parts[2], expr.span);
  };
  Affine result;
  for (const size_t side : {1, 2}) {
    for (const auto& [base, coefficient] : operands[side].coefficients) {
      if (result.coefficients.count(base) > 0) continue;
      const auto other = operands[3 - side].coefficients.find(base);
      const Value& beside = other == operands[3 - side].coefficients.end() ? zero : other->second;
      const Value made = side == 1 ? choose(coefficient, beside) : choose(beside, coefficient);
      if (made.poisoned()) return std::nullopt;
      result.coefficients[base] = made;
    }
  }
  if (operands[1].rest.poisoned() && operands[2].rest.poisoned()) return result;
  result.rest = choose(operands[1].rest.poisoned() ? zero : operands[1].rest, operands[2].rest.poisoned() ? zero : operands[2].rest);
  return result.rest.poisoned() ? std::nullopt : std::optional(result);
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

std::optional<QueryCall::Affine> QueryCall::given(const std::string& name, Span span) {
  const auto found = given_.find(name);
  if (found == given_.end()) return std::nullopt;
  const Given& what = found->second;
  if (!what.encrypted) return plain(what.value);
  const int id = what.family.empty() ? base_of_given(name) : element_of(base_of_given(what.family), what.element);
  return Affine{{{id, Builder::value(builder_.number(1, span), true)}}, {}};
}

int QueryCall::base_of_given(const std::string& name) {
  const auto [known, first] = encrypted_.try_emplace(name, static_cast<int>(bases_.size()));
  if (first) bases_.push_back({name, given_.at(name).value, given_.at(name).value.shape});
  return known->second;
}

int QueryCall::element_of(int whole, int64_t element) {
  const auto [known, first] = elements_.try_emplace({whole, element}, static_cast<int>(bases_.size()));
  if (first) {
    Base made = base(whole);
    made.shape.clear();
    if (made.matrix != nullptr) {
      const int64_t columns = made.matrix->type.shape[1];
      made.matrix = builder_.part(made.matrix, {1, columns}, element * columns, made.matrix->span);
    } else {
      made.value = Builder::value(builder_.element(builder_.as_whole(made.value, made.value.shape), element));
      made.whole = whole, made.element = element;
    }
    bases_.push_back(std::move(made));
  }
  return known->second;
}

std::optional<QueryCall::Affine> QueryCall::compute(const Variable& v, WorldId world) {
  for (const Intervention& intervention : query_.worlds[static_cast<size_t>(world)].interventions) {
    if (intervention.target == &v) return of(intervention.value, world);
  }
  if (world == kFactual || v.role == Variable::Role::Exo) {
    for (const Evidence& item : query_.evidence) {
      if (item.variable != &v) continue;
      if (item.value == nullptr) return given(v.name, v.span);
      if (item.value->default_value) return plain(Builder::value(builder_.number(*item.value->default_value, item.span, v.type.unit)));
    }
    for (const Recovery& recovery : query_.recoveries) {
      if (recovery.noise == &v) return recover(recovery);
    }
  }
  if (v.role == Variable::Role::Input) return given(v.name, v.span);
  return of(v.equation, world);
}

std::optional<QueryCall::Affine> QueryCall::natural(const Variable& v, WorldId world) {
  bool moved = false;
  for (const Variable* parent : v.parents) moved = moved || affected(*parent, world);
  if (!moved || v.role != Variable::Role::Var) return variable(v, kFactual);
  return of(v.equation, world);
}

}  // namespace acie::sema
