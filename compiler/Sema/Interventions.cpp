// Interventions: which elements of which variables a `do` sets in a world, and to what.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Sema/Indices.h"
#include "compiler/Sema/Lets.h"
#include "compiler/Sema/Queries.h"
#include "compiler/Sema/Runs.h"

namespace acie::sema {

using Kind = syntax::Stmt::Kind;

void QueryElaborator::interventions(WorldId world, const std::vector<syntax::Stmt*>& statements, const Scope& scope, int depth) {
  for (const syntax::Stmt* stmt : statements) {
    switch (stmt->kind) {
      case Kind::DoAsk: ask(world, *stmt); break;
      case Kind::Do:
        if (stmt->do_kind == syntax::Stmt::DoKind::Apply) apply(world, *stmt, scope, depth);
        else intervene(world, *stmt, scope, depth == 0);
        break;
      default: break;  // lets are bound by who calls
    }
  }
}

std::optional<QueryElaborator::Targets> QueryElaborator::target(WorldId world, const syntax::Stmt& stmt, const Scope& scope) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const syntax::Target& written = *stmt.target;
  if (written.path.parts.empty()) return std::nullopt;
  if (written.path.parts.size() > 1) {
    const std::string& head = written.path.parts[0].text;
    if (worlds_.count(head) > 0) {
      diagnostics.report(Code::A0405, written.span, "a `do` sets a variable of its own world").note(absl::StrCat("put it in `world ", head, " { … }`"));
      return std::nullopt;
    }
  }
  Targets targets;
  targets.name = written.path.str();
  const Span use = written.indices.empty() ? written.span : written.path.span;
  targets.elements = variables(targets.name, use, Code::A0405, "`do`", targets.shape);
  if (targets.elements.empty()) return std::nullopt;
  if (const Variable* all = model_.open_vector(targets.name)) targets.elements = {all};
  if (!written.indices.empty() && targets.shape.empty()) {
    diagnostics.report(Code::A0312, written.span, absl::StrCat("`", targets.name, "` is one number and has no elements"));
    return std::nullopt;
  }
  if (written.indices.size() == 1 && written.indices[0].kind == syntax::Index::Kind::Value) {
    // In a mask, as in the value, the bare name is what the variable would be by itself.
    Scope inner(&scope, scope.module());
    Value natural;
    natural.kind = Value::Kind::Family;
    natural.shape = targets.shape;
    natural.element = [&](int64_t position) {
      return Builder::value(elaborator_.builder().natural(targets.elements[static_cast<size_t>(position)], world, written.span));
    };
    if (targets.by_step()) natural = natural_steps(world, targets, written.span);
    else if (targets.whole()) natural = Builder::whole(elaborator_.builder().natural(targets.elements[0], world, written.span), written.span);
    inner.bind(targets.name, natural);
    const Value index = elaborator_.expression(*written.indices[0].value, inner);
    if (index.poisoned()) return std::nullopt;
    const bool truths = index.is_tensor() && (index.is_whole() ? index : (*index.items)[0]).expr->type.scalar == ScalarKind::Bool;
    if (truths && index.shape != targets.shape) {
      diagnostics.report(Code::A0312, written.indices[0].span, absl::StrCat("`", targets.name, "` has the shape ", to_string(targets.shape), ", and this mask has ", to_string(index.shape)));
      return std::nullopt;
    }
    if (truths) targets.mask = index;
  }
  if (sizes::any_open(targets.shape)) {
    targets.chosen_shape = targets.shape;
    if (!targets.mask.poisoned()) return targets;
    const auto parts = elaborator_.axis_parts(targets.shape, written.indices, scope, written.span);
    if (!parts || (!written.indices.empty() && !choose_parts(*parts, targets, written.span))) return std::nullopt;
    targets.parts = *parts;
    return targets;
  }
  if (targets.mask.poisoned() && !written.indices.empty()) {
    auto chosen = elaborator_.select_elements(targets.shape, written.indices, scope, written.span);
    if (!chosen) return std::nullopt;
    targets.chosen = std::move(chosen->positions);
    targets.chosen_shape = std::move(chosen->shape);
    targets.places = targets.chosen;
    std::sort(targets.places.begin(), targets.places.end());
    if (set_twice(targets.places, written)) return std::nullopt;
    return targets;
  }
  for (int64_t i = 0; i < element_count(targets.shape); ++i) targets.chosen.push_back(i);
  targets.places = targets.chosen;
  targets.chosen_shape = targets.shape;
  return targets;
}

/// Reports elements that one `do` sets twice, `do x[[1, 1]] = e`; false if there are none.
bool QueryElaborator::set_twice(const std::vector<int64_t>& places, const syntax::Target& written) {
  if (std::adjacent_find(places.begin(), places.end()) == places.end()) return false;
  elaborator_.diagnostics().report(Code::A0421, written.span, absl::StrCat("an element of `", written.path.str(), "` is set twice here")).note("each index stands once in a list of those that are set");
  complete_ = false;
  return true;
}

/// Adds `do target = value`, `value if condition`.
void QueryElaborator::set(WorldId world, const Variable* variable, Value value, Value condition, Span span) {
  Builder& builder = elaborator_.builder();
  if (value.poisoned()) {
    complete_ = false;
    return;
  }
  Type type = variable->type;
  type.range.reset();
  value = builder.coerce(value, type, value.span, absl::StrCat("`", variable->name, "`"));
  if (value.poisoned()) return;
  if (condition.kind == Value::Kind::Number) {
    value = builder.select(condition, value, Builder::value(builder.natural(variable, world, span)), span);
    if (value.poisoned()) return;
  }
  std::vector<Intervention>& interventions = query_->worlds[static_cast<size_t>(world)].interventions;
  const auto series = model_.split_open_vector(variable, value.expr);
  for (const auto& [each, of] : series) {
    interventions.push_back({each, of, span});
    if (each->role == Variable::Role::Exo) break;  // which is refused, once
  }
  if (series.empty()) interventions.push_back({variable, value.expr, span});
}

/// A series in the value of a `do`: at the steps that are set what its own equation gives, else this world's value.
std::optional<Value> QueryElaborator::natural_series(WorldId world, const syntax::Stmt& stmt, const std::string& field, const Scope& scope) {
  syntax::Target written = *stmt.target;
  written.path.parts.back().text = field;
  written.path.parts.erase(written.path.parts.begin(), written.path.parts.end() - 1);
  syntax::Stmt of = stmt;
  of.target = std::move(written);
  const auto targets = target(world, of, scope);
  if (!targets) return std::nullopt;
  if (targets->by_step()) return natural_steps(world, *targets, stmt.span);
  Value series;
  series.kind = Value::Kind::Family;
  series.shape = targets->shape;
  series.here = policy_step_;
  series.span = stmt.span;
  series.element = [this, targets = *targets, world, span = stmt.span](int64_t position) {
    const Variable* variable = targets.elements[static_cast<size_t>(position)];
    return Builder::value(targets.sets(position, position + 1) ? elaborator_.builder().natural(variable, world, span) : elaborator_.builder().variable(variable, world, span));
  };
  return series;
}

/// `do star = {mass: 2, …}`: each field is set to its part of the value, in which the bare name is what the record would be
/// by itself.
void QueryElaborator::intervene_on_record(WorldId world, const syntax::Stmt& stmt, const std::vector<std::string>& fields, const Scope& scope, bool own) {
  Builder& builder = elaborator_.builder();
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (stmt.do_kind != syntax::Stmt::DoKind::Hard) {
    diagnostics.report(Code::A0405, stmt.span, absl::StrCat("a record is set to a record, `do ", stmt.target->path.str(), " = {…}`")).note(absl::StrCat("of one field: `do ", fields[0], " += …`"));
    complete_ = false;
    return;
  }
  const size_t root = stmt.target->path.str().size() + 1;
  std::vector<std::string> names;
  std::vector<Value> naturals;
  for (const std::string& field : fields) {
    const std::vector<std::string> inner = model_.record_fields(field);
    if (!inner.empty()) {
      diagnostics.report(Code::A0405, stmt.span, absl::StrCat("`", field, "` is a record itself: set its fields, `do ", inner[0], " = …`"));
      complete_ = false;
      return;
    }
    Shape shape;
    const std::vector<const Variable*> of = variables(field, stmt.target->span, Code::A0405, "`do`", shape);
    if (of.empty()) {
      complete_ = false;
      return;
    }
    names.push_back(field.substr(root));
    if (model_.step_name(field)) {
      auto natural = natural_series(world, stmt, field, scope);
      if (!natural) {
        complete_ = false;
        return;
      }
      naturals.push_back(*std::move(natural));
      continue;
    }
    if (const Variable* all = model_.open_vector(field)) {
      naturals.push_back(Builder::whole(builder.natural(all, world, stmt.span), stmt.span));
      continue;
    }
    std::vector<Value> items;
    for (const Variable* variable : of) items.push_back(Builder::whole(builder.natural(variable, world, stmt.span), stmt.span));
    naturals.push_back(shape.empty() || items[0].is_whole() ? items[0] : builder.tensor(shape, std::move(items), stmt.span));
  }
  Scope inner(&scope, scope.module());
  inner.bind(stmt.target->path.str(), builder.record(names, naturals, stmt.span));
  if (stmt.condition != nullptr) {
    // Where it never holds, the value need not have a meaning.
    const Value condition = elaborator_.number(*stmt.condition, inner);
    if (const auto holds = condition.is_number() ? constant_value(condition.expr) : std::nullopt; holds && *holds == 0) return;
    if (condition.poisoned()) {
      complete_ = false;
      return;
    }
  }
  const Value value = elaborator_.expression(*stmt.value, inner);
  if (value.poisoned()) {
    complete_ = false;
    return;
  }
  const auto lacks = [&](const std::string& name) { return value.field(name) == nullptr; };
  if (value.kind != Value::Kind::Record || value.fields->size() != names.size() || std::any_of(names.begin(), names.end(), lacks)) {
    diagnostics.report(Code::A0304, stmt.value->span, absl::StrCat("`", stmt.target->path.str(), "` is a record of ", absl::StrJoin(names, ", "), value.kind == Value::Kind::Record ? ", and this has other fields" : ", and this is none"))
        .note(absl::StrCat("`{..", stmt.target->path.str(), ", ", names[0], ": …}` sets some of its fields"));
    complete_ = false;
    return;
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string part = absl::StrCat("value.", names[i]);  // no name of a program has a dot
    syntax::Expr mentioned;
    mentioned.kind = syntax::Expr::Kind::Name;
    mentioned.name = {part, stmt.value->span};
    mentioned.span = stmt.value->span;
    syntax::Target target = *stmt.target;
    target.path.parts.push_back({names[i], stmt.target->span});
    syntax::Stmt field = stmt;
    field.target = std::move(target);
    field.value = &mentioned;
    Scope with(&inner, scope.module());
    with.bind(part, *value.field(names[i]));
    intervene(world, field, with, own);
  }
}

void QueryElaborator::intervene(WorldId world, const syntax::Stmt& stmt, const Scope& scope, bool own) {
  const std::vector<std::string> fields = model_.record_fields(stmt.target->path.str());
  // `do x[t] = e` of a variable declared `over t`: every step, with `t` its number.
  const auto step = model_.step_name(stmt.target->path.str());
  if (step && are_of_every(*step, stmt.target->indices)) {
    bool bound = false;
    for (const Scope* s = &scope; s != nullptr && !bound; s = s->parent()) bound = s->find(*step, stmt.span).has_value();
    std::string series = stmt.target->path.str();
    for (std::vector<std::string> inner = fields; !inner.empty(); inner = model_.record_fields(series)) series = inner[0];
    Shape shape;
    const size_t steps = bound || model_.variables(series, shape).empty() ? 0 : static_cast<size_t>(shape[0]);
    const size_t errors = elaborator_.diagnostics().error_count();
    for (size_t t = 0; t < steps && elaborator_.diagnostics().error_count() == errors; ++t) {
      const std::unique_ptr<Scope> at = model_.step_scope(stmt.target->path.str(), static_cast<int64_t>(t), world, scope);
      policy_step_ = static_cast<int64_t>(t);
      if (!fields.empty()) intervene_on_record(world, stmt, fields, *at, own);
      else if (const auto targets = target(world, stmt, *at)) intervene_on(world, stmt, *targets, *at, own);
      policy_step_ = -1;
    }
    if (!bound && steps > 0) return;
  }
  if (set_open_steps(world, stmt, scope)) return;
  if (!fields.empty()) return intervene_on_record(world, stmt, fields, scope, own);
  const auto targets = target(world, stmt, scope);
  if (targets) intervene_on(world, stmt, *targets, scope, own);
  else complete_ = false;
}

void QueryElaborator::intervene_on(WorldId world, const syntax::Stmt& stmt, const Targets& targets, const Scope& scope, bool own) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  Builder& builder = elaborator_.builder();
  // The scope of the value: what the statement sees, with the variable's natural value in front.
  Scope inner(&scope, scope.module());
  const bool all = targets.whole();
  const auto natural = [&](int64_t position) {
    if (all) return Builder::whole(builder.natural(targets.elements[0], world, stmt.span), stmt.span);
    const Variable* variable = targets.elements[static_cast<size_t>(position)];
    return Builder::value(targets.sets(position, position + 1) ? builder.natural(variable, world, stmt.span) : builder.variable(variable, world, stmt.span));
  };
  Value bare = targets.by_step() ? natural_steps(world, targets, stmt.span) : natural(0);
  if (!targets.shape.empty() && !all && !targets.by_step()) {
    bare.kind = Value::Kind::Family;
    bare.shape = targets.shape;
    bare.element = natural;
    bare.here = policy_step_;
  }
  inner.bind(targets.name, bare);

  const auto part = [&](const Value& v, size_t i) { return v.is_tensor() ? (*v.items)[i] : v; };
  const auto fits = [&](const Value& v) {
    if (!v.is_tensor() || v.shape == targets.chosen_shape) return true;
    diagnostics.report(Code::A0312, v.span, absl::StrCat("this sets ", targets.chosen_shape.empty() ? "one number" : absl::StrCat("elements of the shape ", to_string(targets.chosen_shape)), ", and the value has the shape ", to_string(v.shape)));
    complete_ = false;
    return false;
  };
  Value condition = targets.mask;
  if (stmt.condition != nullptr) {
    const Value written = elaborator_.number(*stmt.condition, inner);
    condition = condition.poisoned() || written.poisoned() ? written : builder.apply(Op::And, {condition, written}, stmt.span);
    if (condition.poisoned() || !fits(condition)) {
      complete_ = false;
      return;
    }
  }
  // A condition that never holds sets nothing, and its value need not have a meaning: `do x[t] = x[t - 1] if t > 0`.
  if (const auto known = condition.is_number() ? constant_value(condition.expr) : std::nullopt; known && *known == 0) return;
  // One number set everywhere, or a value per element.
  Value value, law;
  switch (stmt.do_kind) {
    case syntax::Stmt::DoKind::Hard: case syntax::Stmt::DoKind::Shift:
      value = elaborator_.number(*stmt.value, inner);
      if (value.poisoned() || !fits(value)) {
        complete_ = false;
        return;
      }
      break;
    case syntax::Stmt::DoKind::Stochastic: {
      law = elaborator_.expression(*stmt.law, inner);
      if (law.poisoned()) {
        complete_ = false;
        return;
      }
      if (law.kind != Value::Kind::Law) {
        diagnostics.report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note(absl::StrCat("a value is set with `do ", targets.name, " = …`"));
        return;
      }
      const auto shape = elaborator_.law_shape(*law.law);
      if (!shape) return;
      if (!shape->empty() && Elaborator::is_joint(*law.law)) return set_jointly(world, stmt, targets, law, *shape, inner, own);
      if (!shape->empty() && *shape != targets.chosen_shape) {
        diagnostics.report(Code::A0312, stmt.law->span, absl::StrCat("`", targets.name, "` is set with laws of the shape ", to_string(*shape), ", and here are set ", targets.chosen_text()));
        return;
      }
      break;
    }
    default:
      diagnostics.report(Code::A0707, stmt.span, "symbolic interventions are not built yet").note(absl::StrCat("give a value, `do ", targets.name, " = …`, or let the caller: `do? ", targets.name, "`"));
      return;
  }
  if (set_steps_of_series(world, stmt, targets, law.poisoned() ? value : law, condition)) return;
  if (all) return set_whole(world, stmt, targets, value, law, condition);
  if (targets.by_step()) return set_steps(world, stmt, targets, value, law, condition);
  // Each element from what makes it alone.
  Runs runs(builder);
  for (Value* each : {&value, &condition}) {
    if (!each->is_whole()) continue;
    std::vector<Value> items;
    for (int64_t i = 0; i < element_count(each->shape); ++i) items.push_back(Builder::value(runs.of(each->expr, {}, i)));
    *each = builder.tensor(each->shape, std::move(items), each->span);
  }
  for (size_t i = 0; i < targets.chosen.size(); ++i) {
    const Variable* variable = targets.elements[static_cast<size_t>(targets.chosen[i])];
    Value to;
    if (stmt.do_kind == syntax::Stmt::DoKind::Shift) {
      to = builder.apply(Op::Add, {Builder::value(builder.natural(variable, world, stmt.span)), part(value, i)}, stmt.span);
    } else if (stmt.do_kind == syntax::Stmt::DoKind::Stochastic) {
      // Fresh noise, of this world of this query alone.
      std::vector<Variable*> noises;
      const Value drawn = elaborator_.draw_variables(elaborator_.law_at(*law.law, static_cast<int64_t>(i)), absl::StrCat(query_->name, ".", prefixed(world, variable->name), ".do"), stmt.span, noises).result;
      for (Variable* noise : noises) model_.model()->variables.push_back(noise);
      to = builder.in_world(drawn, world);
    } else {
      to = part(value, i);
      to.span = value.span;
      // A constant stays an argument of the kernel, so that --do can replace it.
      if (own && constant_value(to.expr)) {
        Type type = variable->type;
        type.range.reset();
        const Value typed = builder.coerce(to, type, to.span, absl::StrCat("`", variable->name, "`"));
        if (typed.poisoned()) return set(world, variable, typed, Value{}, stmt.span);
        if (const auto constant = constant_value(typed.expr)) {
          to = Builder::value(builder.slot(slot(Slot::Role::Do, prefixed(world, variable->name), type, constant, stmt.span), stmt.value->span));
        }
      }
    }
    set(world, variable, to, part(condition, i), stmt.span);
    if (to.poisoned()) return;
  }
}

/// `do x ~ law` of a law of a tensor: what it gives is set, element by element.
void QueryElaborator::set_jointly(WorldId world, const syntax::Stmt& stmt, const Targets& targets, const Value& law, const Shape& shape, const Scope& scope, bool own) {
  if (shape != targets.chosen_shape) {
    elaborator_.diagnostics().report(Code::A0312, stmt.law->span, absl::StrCat("`", targets.name, "` is set with a law of the shape ", to_string(shape), ", and here are set ", targets.chosen_text()));
    complete_ = false;
    return;
  }
  const std::string prefix = absl::StrCat(query_->name, ".", prefixed(world, ""));
  std::vector<std::string> names;
  for (const int64_t position : targets.chosen) names.push_back(absl::StrCat(prefix, targets.elements[static_cast<size_t>(position)]->name, ".do"));
  if (targets.whole()) names = {absl::StrCat(prefix, targets.elements[0]->name, ".do")};
  std::vector<Variable*> noises;
  const Value drawn = elaborator_.draw_jointly(*law.law, absl::StrCat(prefix, targets.name, ".do"), names, shape, stmt.span, noises);
  for (Variable* noise : noises) model_.model()->variables.push_back(noise);
  if (drawn.poisoned()) {
    complete_ = false;
    return;
  }
  const std::string name = "drawn.value";  // no name of a program has a dot
  syntax::Expr mentioned;
  mentioned.kind = syntax::Expr::Kind::Name;
  mentioned.name = {name, stmt.law->span};
  mentioned.span = stmt.law->span;
  syntax::Stmt set = stmt;
  set.do_kind = syntax::Stmt::DoKind::Hard;
  set.law = nullptr;
  set.value = &mentioned;
  Scope with(&scope, scope.module());
  with.bind(name, elaborator_.builder().in_world(drawn, world));
  intervene_on(world, set, targets, with, own);
}

void QueryElaborator::ask(WorldId world, const syntax::Stmt& stmt) {
  Builder& builder = elaborator_.builder();
  for (const syntax::Name& name : stmt.names) {
    Shape shape;
    const std::vector<const Variable*> asked = variables(name.text, name.span, Code::A0405, "`do?`", shape);
    if (asked.empty()) complete_ = false;
    if (sizes::any_open(shape)) {
      elaborator_.diagnostics().report(Code::A0701, name.span, "`do?` where a size is read at start is not built yet").note("an argument of the query is read from a file of parameters: `query q(v: f64[T])`, `do x = v`");
      continue;
    }
    if (!asked.empty() && !asked[0]->type.shape.empty()) {
      const bool series = asked[0]->type.shape != shape;
      elaborator_.diagnostics().report(Code::A0701, name.span, absl::StrCat("`do?` of more than ", series ? kUnrolled : kMostListed, series ? " elements at each step" : " elements", " is not built yet"));
      continue;
    }
    for (const Variable* variable : asked) {
      Slot* value = slot(Slot::Role::DoAsk, prefixed(world, variable->name), variable->type, std::nullopt, name.span);
      set(world, variable, Builder::value(builder.slot(value, name.span)), Builder::value(builder.present(value, name.span)), stmt.span);
    }
  }
}

void QueryElaborator::apply(WorldId world, const syntax::Stmt& stmt, const Scope& scope, int depth) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const syntax::Expr& call = *stmt.value;
  if (stmt.condition != nullptr) {
    diagnostics.report(Code::A0711, stmt.condition->span, "conditions on applied interventions are not built yet").note("put the condition into the intervention");
    return;
  }
  const std::string name = Elaborator::declaration_name(*call.base);
  if (name.empty()) {
    diagnostics.report(Code::A0208, call.base->span, "this is not an intervention");
    return;
  }
  const Module* owner = nullptr;
  const syntax::Decl* found = elaborator_.find_declaration(*scope.module(), name, &owner, call.base->span);
  if (found == nullptr || found->kind != syntax::Decl::Kind::Intervention) {
    std::vector<std::string> names;
    for (const auto& [known, decl] : scope.module()->declarations) {
      if (decl->kind == syntax::Decl::Kind::Intervention) names.push_back(known);
    }
    for (const auto& [known, meanings] : scope.module()->imported) {
      if (meanings[0].declaration->kind == syntax::Decl::Kind::Intervention) names.push_back(known);
    }
    if (found == nullptr && elaborator_.report_hidden(*scope.module(), name, call.base->span)) return;
    if (found == nullptr) elaborator_.report_unknown("intervention", name, call.base->span, names);
    else diagnostics.report(Code::A0208, call.base->span, absl::StrCat("`", name, "` is not an intervention"));
    return;
  }
  elaborator_.mark_used(found);
  const Module* declared_in = nullptr;
  if (elaborator_.find_declaration(*owner, found->path.str(), &declared_in) != &model_.declaration()) {
    diagnostics.report(Code::A0406, call.span, absl::StrCat("`", name, "` is an intervention on `", found->path.str(), "`, and this query is on `", query_->model->name, "`")).label(found->name.span, "declared here").label(query_->model->span, "the query's model");
    return;
  }
  if (std::find(applying_.begin(), applying_.end(), found) != applying_.end()) {
    diagnostics.report(Code::A0206, call.span, absl::StrCat("`", name, "` applies itself"));
    return;
  }
  if (++applied_ > kMostApplied) {
    if (applied_ == kMostApplied + 1) diagnostics.report(Code::A0002, call.span, absl::StrCat("this query applies more than ", kMostApplied, " interventions"));
    return;
  }
  const Scope defaults(nullptr, owner);
  const auto values = elaborator_.match_arguments(found->params, call.args, scope, defaults, name, call.span);
  if (!values) {
    complete_ = false;
    return;
  }
  std::vector<Value> arguments;
  for (size_t i = 0; i < values->size(); ++i) {
    const auto type = elaborator_.annotation(*found->params[i].type, defaults);
    arguments.push_back(type ? elaborator_.fit((*values)[i], *type, (*values)[i].span, absl::StrCat("`", found->params[i].name.text, "` of `", name, "`"), false) : Value{});
  }
  carry_out(world, *found, *owner, arguments, depth);
}

/// The statements of an intervention in `world`. Its names: parameters and lets, then the model's as this world sees them.
void QueryElaborator::carry_out(WorldId world, const syntax::Decl& intervention, const Module& owner, const std::vector<Value>& arguments, int depth) {
  WorldScope model_scope(model_, world, nullptr, &owner);
  Scope inner(&model_scope, &owner);
  for (size_t i = 0; i < arguments.size(); ++i) inner.bind(intervention.params[i].name.text, arguments[i]);
  for (const syntax::Stmt* let : intervention.body) {
    if (let->kind != Kind::Let) continue;
    if (names_a_value(*let, "an intervention", elaborator_.diagnostics())) inner.bind(let->names[0].text, elaborator_.expression(*let->value, inner));
    else for (const syntax::Name& name : let->names) inner.bind(name.text, Value{});
  }
  applying_.push_back(&intervention);
  interventions(world, intervention.body, inner, depth + 1);
  applying_.pop_back();
}

}  // namespace acie::sema
