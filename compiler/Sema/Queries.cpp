#include "compiler/Sema/Queries.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace acie::sema {

using Kind = syntax::Stmt::Kind;

/// Names in a query as one world sees them: arguments, worlds, `let`s, then the model's names.
class QueryScope : public Scope {
 public:
  QueryScope(QueryElaborator& query, WorldId world, bool estimates)
      : Scope(nullptr, &query.module_), query_(query), world_(world), estimates_(estimates) {}

  std::optional<Value> find(const std::string& name, Span use) const override {
    Builder& builder = query_.elaborator_.builder();
    if (auto bound = Scope::find(name, use)) return bound;
    if (const auto argument = query_.arguments_.find(name); argument != query_.arguments_.end()) {
      Value value = argument->second;
      if (value.is_number()) value = Builder::value(builder.slot(value.expr->slot, use));
      value.span = use;
      return value;
    }
    if (const auto world = query_.worlds_.find(name); world != query_.worlds_.end()) {
      Value value;
      value.kind = Value::Kind::World;
      value.world = world->second;
      value.names = query_.world_scopes_[static_cast<size_t>(world->second)].get();
      value.span = use;
      return value;
    }
    if (const auto let = query_.lets_.find(name); let != query_.lets_.end()) {
      query_.elaborator_.mark_used(let->second);
      auto& open = query_.open_lets_;
      if (std::find(open.begin(), open.end(), name) != open.end()) {
        query_.elaborator_.diagnostics().report(Code::A0205, use, absl::StrCat("`", name, "` is defined by itself"));
        return Value{};
      }
      if (open.size() >= 256) {
        query_.elaborator_.diagnostics().report(Code::A0002, use, "`let`s follow from one another too deeply").note("they may be 256 deep");
        return Value{};
      }
      open.push_back(name);
      const QueryScope here(query_, world_, estimates_);
      Value value = query_.elaborator_.expression(*let->second->value, here);
      if (value.kind != Value::Kind::Record && value.kind != Value::Kind::Constraint && !builder.require_numbers(value)) value = Value{};
      if (!value.poisoned() && let->second->type != nullptr) {
        const auto declared = query_.elaborator_.annotation(*let->second->type, here);
        value = declared ? query_.elaborator_.fit(value, *declared, use, absl::StrCat("`", name, "`"), true) : Value{};
      }
      open.pop_back();
      value.span = use;
      return value;
    }
    return query_.model_.find(name, use, world_);
  }
  void list(std::vector<std::string>& names) const override {
    Scope::list(names);
    for (const auto& [name, slot] : query_.arguments_) names.push_back(name);
    for (const auto& [name, world] : query_.worlds_) names.push_back(name);
    for (const auto& [name, let] : query_.lets_) names.push_back(name);
    query_.model_.list(names);
  }
  bool takes_estimates() const override { return estimates_; }

 private:
  QueryElaborator& query_;
  WorldId world_;
  bool estimates_;
};

QueryElaborator::QueryElaborator(Elaborator& elaborator, ModelElaborator& model, const syntax::Decl& declaration,
                                 const Module& module)
    : elaborator_(elaborator), model_(model), declaration_(declaration), module_(module),
      query_(elaborator.program().make<Query>()) {
  query_->name = declaration.name.text;
  query_->doc = declaration.doc;
  query_->model = model.model();
  query_->span = declaration.name.span;
}

bool QueryElaborator::run() {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const size_t errors = diagnostics.error_count();
  for (const syntax::Parameter& parameter : declaration_.params) argument(parameter);

  // Worlds first: statements may come in any order.
  add_world("factual", declaration_.name.span);
  worlds_["factual"] = kFactual;
  std::vector<syntax::Stmt*> bare;
  for (syntax::Stmt* stmt : declaration_.body) {
    if (stmt->kind == Kind::Do || stmt->kind == Kind::DoAsk) bare.push_back(stmt);
    if (stmt->kind == Kind::Let) {
      if (!lets_.emplace(stmt->names[0].text, stmt).second || stmt->destructures) {
        diagnostics.report(Code::A0202, stmt->span, absl::StrCat("`", stmt->names[0].text, "` is declared twice in this query"));
      }
    }
    if (stmt->kind != Kind::World) continue;
    const std::string& name = stmt->names[0].text;
    if (worlds_.count(name) > 0) {
      diagnostics.report(Code::A0423, stmt->names[0].span, name == "factual" ? "`factual` is the world of the evidence and cannot be changed" : absl::StrCat("there are two worlds called `", name, "`"));
      continue;
    }
    worlds_[name] = add_world(name, stmt->names[0].span);
  }
  if (!bare.empty()) default_world_ = add_world("", bare.front()->span);
  for (const syntax::Stmt* stmt : declaration_.body) {
    if (stmt->kind != Kind::World) continue;
    const WorldId world = worlds_[stmt->names[0].text];
    if (world != kFactual) interventions(world, stmt->body, QueryScope(*this, world, false), 0);
  }
  if (!bare.empty()) interventions(default_world_, bare, QueryScope(*this, default_world_, false), 0);

  bool returned = false;
  for (const syntax::Stmt* stmt : declaration_.body) {
    switch (stmt->kind) {
      case Kind::Given: given(*stmt); break;
      case Kind::By: by(*stmt); break;
      case Kind::Weight: diagnostics.report(Code::A0711, stmt->span, "weighted rows are not built yet"); break;
      case Kind::Return:
        returned = true;
        for (const syntax::Result& item : stmt->results) result(item);
        break;
      default: break;
    }
  }
  if (!returned) {
    diagnostics.report(Code::A0408, declaration_.name.span, absl::StrCat("`", query_->name, "` asks for nothing")).note("say what it answers with `return …`");
  }
  return complete_ && diagnostics.error_count() == errors;
}

void QueryElaborator::check(const syntax::Decl& intervention, const Module& owner) {
  add_world("factual", intervention.name.span);
  worlds_["factual"] = kFactual;
  default_world_ = add_world("", intervention.name.span);
  std::vector<Value> arguments;
  const Scope scope(nullptr, &owner);
  for (const syntax::Parameter& parameter : intervention.params) {
    const auto type = elaborator_.annotation(*parameter.type, scope);
    arguments.push_back(type ? elaborator_.placeholder(parameter.name.text, *type, parameter.name.span) : Value{});
    if (type && parameter.default_value != nullptr) {
      elaborator_.fit(elaborator_.number(*parameter.default_value, scope), *type, parameter.default_value->span, absl::StrCat("the default of `", parameter.name.text, "`"), true);
    }
  }
  const size_t variables = model_.model()->variables.size();
  carry_out(default_world_, intervention, owner, arguments, 0);
  model_.model()->variables.resize(variables);  // fresh noise of a stochastic `do` belongs to queries
}

Slot* QueryElaborator::slot(Slot::Role role, const std::string& name, const Type& type, std::optional<double> value, Span span) {
  Slot slot;
  slot.role = role;
  slot.name = name;
  slot.type = type;
  slot.default_value = value;
  slot.span = span;
  return elaborator_.program().make(std::move(slot));
}

void QueryElaborator::argument(const syntax::Parameter& parameter) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const Scope scope(nullptr, &module_);
  const std::string& name = parameter.name.text;
  const auto type = elaborator_.annotation(*parameter.type, scope);
  Value value;
  if (type && parameter.default_value != nullptr) {
    const std::string what = absl::StrCat("the default of `", name, "`");
    value = elaborator_.fit(elaborator_.number(*parameter.default_value, scope), *type, parameter.default_value->span, what, true);
    if (!value.poisoned() && !Elaborator::is_constant(value)) {
      diagnostics.report(Code::A0310, parameter.default_value->span, absl::StrCat(what, " must be known when compiling"));
      value = Value{};
    }
  }
  if (type && !type->fields.empty()) diagnostics.report(Code::A0710, parameter.type->span, "arguments that are records are not built yet").note("take a number per field");
  if (!type || !type->fields.empty() || (parameter.default_value != nullptr && value.poisoned())) {
    arguments_[name] = Value{};  // reported; what mentions it stays silent
    return;
  }
  Shape shape;
  if (arguments_.count(name) > 0 || !model_.variables(name, shape).empty()) {
    diagnostics.report(Code::A0202, parameter.name.span, absl::StrCat("`", name, "` is already a name here")).note("an argument may not hide a variable of the model");
    return;
  }
  Slot slot;
  slot.role = Slot::Role::Argument;
  slot.name = name;
  slot.span = parameter.name.span;
  arguments_[name] = elaborator_.slots(std::move(slot), *type, value.poisoned() ? std::vector<double>() : Elaborator::constant_values(value), query_->arguments);
}

WorldId QueryElaborator::add_world(const std::string& name, Span span) {
  const auto world = static_cast<WorldId>(query_->worlds.size());
  query_->worlds.push_back({name, {}, span});
  world_scopes_.push_back(std::make_unique<WorldScope>(model_, world, nullptr, &module_));
  return world;
}

std::string QueryElaborator::prefixed(WorldId world, const std::string& name) const {
  const std::string& of = query_->worlds[static_cast<size_t>(world)].name;
  return of.empty() ? name : absl::StrCat(of, ".", name);
}

std::vector<const Variable*> QueryElaborator::variables(const std::string& name, Span use, Code code, const std::string& what, Shape& shape) {
  if (std::vector<const Variable*> found = model_.variables(name, shape); !found.empty()) return found;
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (const auto other = model_.find(name, use, kThisWorld)) {
    if (other->poisoned() || other->kind == Value::Kind::Family) return {};
    auto report = diagnostics.report(code, use, absl::StrCat(what, " speaks of variables, and `", name, "` is not one"));
    if (other->kind == Value::Kind::Constraint) report.label(other->constraint->span, "a constraint");
    else if (other->is_number() && other->expr->kind == Expr::Kind::Slot) report.label(other->expr->slot->span, "a learnt parameter").note(absl::StrCat("another value is given when running: `--set ", other->expr->slot->name, "=…`"));
    else report.note(absl::StrCat("`let ", name, "` names an expression; declare it with `var` to observe or set it"));
    return {};
  }
  std::vector<std::string> names;
  model_.list(names);
  elaborator_.report_unknown(absl::StrCat("variable of `", query_->model->name, "` called"), name, use, names);
  return {};
}

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
    if (targets.whole()) natural = Builder::whole(elaborator_.builder().natural(targets.elements[0], world, written.span), written.span);
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
  if (targets.mask.poisoned() && !written.indices.empty()) {
    auto chosen = elaborator_.select_elements(targets.shape, written.indices, scope, written.span);
    if (!chosen) return std::nullopt;
    targets.chosen = std::move(chosen->positions);
    targets.chosen_shape = std::move(chosen->shape);
    return targets;
  }
  for (int64_t i = 0; i < element_count(targets.shape); ++i) targets.chosen.push_back(i);
  targets.chosen_shape = targets.shape;
  return targets;
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
  query_->worlds[static_cast<size_t>(world)].interventions.push_back({variable, value.expr, span});
}

void QueryElaborator::intervene(WorldId world, const syntax::Stmt& stmt, const Scope& scope, bool own) {
  // `do x[t] = e` of a variable declared `over t`: every step, with `t` its number.
  const std::vector<syntax::Index>& indices = stmt.target->indices;
  const auto step = model_.step_name(stmt.target->path.str());
  if (step && indices.size() == 1 && indices[0].kind == syntax::Index::Kind::Value && indices[0].value->kind == syntax::Expr::Kind::Name && indices[0].value->name.text == *step) {
    bool bound = false;
    for (const Scope* s = &scope; s != nullptr && !bound; s = s->parent()) bound = s->find(*step, stmt.span).has_value();
    Shape shape;
    const size_t steps = bound ? 0 : model_.variables(stmt.target->path.str(), shape).size();
    const size_t errors = elaborator_.diagnostics().error_count();
    for (size_t t = 0; t < steps && elaborator_.diagnostics().error_count() == errors; ++t) {
      Scope at(&scope, scope.module());
      at.bind(*step, Builder::value(elaborator_.builder().integer(static_cast<int64_t>(t), indices[0].span), true));
      if (const auto targets = target(world, stmt, at)) intervene_on(world, stmt, *targets, at, own);
    }
    if (!bound && steps > 0) return;
  }
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
    const bool set = std::binary_search(targets.chosen.begin(), targets.chosen.end(), position);
    return Builder::value(set ? builder.natural(variable, world, stmt.span) : builder.variable(variable, world, stmt.span));
  };
  Value bare = natural(0);
  if (!targets.shape.empty() && !all) {
    bare.kind = Value::Kind::Family;
    bare.shape = targets.shape;
    bare.element = natural;
  }
  inner.bind(targets.name, bare);

  const auto part = [&](const Value& v, size_t i) { return v.is_tensor() ? (*builder.as_items(v).items)[i] : v; };
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
  // One number set everywhere, or a value per element.
  Value value, law;
  switch (stmt.do_kind) {
    case syntax::Stmt::DoKind::Hard: case syntax::Stmt::DoKind::Shift:
      // A condition that never holds sets nothing, and its value need not have a meaning: `do x[t] = x[t - 1] if t > 0`.
      if (const auto known = condition.is_number() ? constant_value(condition.expr) : std::nullopt; known && *known == 0) return;
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
      if (!shape->empty() && *shape != targets.chosen_shape) {
        diagnostics.report(Code::A0312, stmt.law->span, absl::StrCat("`", targets.name, "` is set with laws of the shape ", to_string(*shape), ", and here are set ", targets.chosen.size(), " elements"));
        return;
      }
      break;
    }
    default:
      diagnostics.report(Code::A0707, stmt.span, "symbolic interventions are not built yet").note(absl::StrCat("give a value, `do ", targets.name, " = …`, or let the caller: `do? ", targets.name, "`"));
      return;
  }
  if (all) return set_whole(world, stmt, targets, value, law, condition);
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

/// The same for a variable that is a whole tensor: one intervention, which chooses element by element.
void QueryElaborator::set_whole(WorldId world, const syntax::Stmt& stmt, const Targets& targets, Value value, const Value& law, Value condition) {
  Builder& builder = elaborator_.builder();
  const Variable* variable = targets.elements[0];
  const auto each = [&](Value v) {
    v.expr = builder.as_whole(v, targets.shape);
    v.kind = Value::Kind::Number;
    v.items = nullptr;
    return v;
  };
  const bool some = static_cast<int64_t>(targets.chosen.size()) != element_count(targets.shape);
  // Of some elements: where they are, and which item of the value is whose.
  std::vector<double> set(static_cast<size_t>(element_count(targets.shape)), 0), item = set;
  for (size_t i = 0; some && i < targets.chosen.size(); ++i) {
    set[static_cast<size_t>(targets.chosen[i])] = 1;
    item[static_cast<size_t>(targets.chosen[i])] = static_cast<double>(i);
  }
  const auto spread = [&](const Value& v) {
    if (!some || !v.is_tensor()) return each(v);
    const Expr* items = builder.reshaped(builder.as_whole(v, v.shape), {element_count(v.shape)}, v.span);
    return Builder::value(builder.gather(items, builder.dense(targets.shape, item, plain(ScalarKind::I64), v.span), v.span));
  };
  if (stmt.do_kind == syntax::Stmt::DoKind::Stochastic) {
    if (some) {
      elaborator_.diagnostics().report(Code::A0701, stmt.span, absl::StrCat("laws for some of more than ", kUnrolled, " elements are not built yet"));
      return;
    }
    std::vector<Variable*> noises;
    const Value drawn = elaborator_.draw_variables(elaborator_.law_of_all(*law.law, targets.shape), absl::StrCat(query_->name, ".", prefixed(world, variable->name), ".do"), stmt.span, noises, targets.shape).result;
    for (Variable* noise : noises) model_.model()->variables.push_back(noise);
    value = builder.in_world(drawn, world);
  } else {
    value = spread(value);
    if (stmt.do_kind == syntax::Stmt::DoKind::Shift) value = builder.apply(Op::Add, {Builder::value(builder.natural(variable, world, stmt.span)), value}, stmt.span);
  }
  if (!condition.poisoned()) condition = spread(condition);
  if (some) {
    const Value chosen = Builder::value(builder.dense(targets.shape, std::move(set), plain(ScalarKind::Bool), stmt.span));
    condition = condition.poisoned() ? chosen : builder.apply(Op::And, {chosen, condition}, stmt.span);
  }
  this->set(world, variable, value, condition, stmt.span);
}

void QueryElaborator::ask(WorldId world, const syntax::Stmt& stmt) {
  Builder& builder = elaborator_.builder();
  for (const syntax::Name& name : stmt.names) {
    Shape shape;
    const std::vector<const Variable*> asked = variables(name.text, name.span, Code::A0405, "`do?`", shape);
    if (asked.empty()) complete_ = false;
    if (asked.size() == 1 && !shape.empty()) {
      elaborator_.diagnostics().report(Code::A0701, name.span, absl::StrCat("`do?` of more than ", kUnrolled, " elements is not built yet"));
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
  if (depth > 16) {
    diagnostics.report(Code::A0206, call.span, absl::StrCat("`", name, "` applies itself"));
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
    if (let->kind == Kind::Let) inner.bind(let->names[0].text, elaborator_.expression(*let->value, inner));
  }
  interventions(world, intervention.body, inner, depth + 1);
}

void QueryElaborator::given(const syntax::Stmt& stmt) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  for (const syntax::Evidence& item : stmt.evidence) {
    if (item.optional) {
      diagnostics.report(Code::A0709, item.span, "optional evidence is not built yet").note("without the `?`, a row with an empty cell is answered `bad_input`");
      continue;
    }
    const syntax::Expr& subject = *item.subject;
    if (subject.kind == syntax::Expr::Kind::Member) {
      auto report = diagnostics.report(Code::A0708, subject.span, "evidence in another world is not built yet");
      if (subject.base->kind == syntax::Expr::Kind::Name && subject.base->name.text == "factual") report.note(absl::StrCat("evidence speaks of the factual world: write `given ", subject.name.text, "`"));
      continue;
    }
    const bool element = subject.kind == syntax::Expr::Kind::Index && subject.base->kind == syntax::Expr::Kind::Name && subject.indices2.empty();
    if (subject.kind != syntax::Expr::Kind::Name && !element) {
      auto report = diagnostics.report(Code::A0409, subject.span, "evidence is a variable, or `variable = value`");
      if (subject.kind == syntax::Expr::Kind::Binary && subject.binary == syntax::BinaryOp::Eq) report.note("one `=` gives a value: `given x = 3`");
      else if (subject.kind == syntax::Expr::Kind::Binary) report.note("evidence about events, such as `x > 3`, is not built yet");
      continue;
    }
    const syntax::Name& name = element ? subject.base->name : subject.name;
    Shape shape;
    std::vector<const Variable*> of = variables(name.text, element ? name.span : subject.span, Code::A0409, "`given`", shape);
    if (of.empty()) {
      complete_ = false;
      continue;
    }
    const QueryScope scope(*this, kFactual, false);
    if (element && shape.empty()) {
      diagnostics.report(Code::A0312, subject.span, absl::StrCat("`", name.text, "` is one number and has no elements"));
      continue;
    }
    if (of.size() == 1 && !shape.empty() && (element || item.value != nullptr)) {
      diagnostics.report(Code::A0701, item.span, absl::StrCat(element ? "evidence on some of" : "a constant as evidence on", " more than ", kUnrolled, " elements is not built yet")).note(absl::StrCat("`given ", name.text, "` reads all of them from a column"));
      continue;
    }
    if (element) {
      const auto chosen = elaborator_.select_elements(shape, subject.indices, scope, subject.span);
      if (!chosen) continue;
      std::vector<const Variable*> elements;
      for (const int64_t position : chosen->positions) elements.push_back(of[static_cast<size_t>(position)]);
      of = std::move(elements);
      shape = chosen->shape;
    }
    Value value;
    if (item.value != nullptr) {
      value = elaborator_.fit(elaborator_.number(*item.value, scope), Annotation{of[0]->type, shape, {}}, item.value->span, absl::StrCat("`", name.text, "`"), true);
      if (value.poisoned()) continue;
      if (!Elaborator::is_constant(value)) {
        diagnostics.report(Code::A0310, item.value->span, "evidence is a column, or a value known when compiling").note(absl::StrCat("`--given ", of[0]->name, "=…` replaces it when running"));
        continue;
      }
    }
    for (size_t i = 0; i < of.size(); ++i) {
      Evidence evidence;
      evidence.variable = of[i];
      evidence.span = item.span;
      if (item.value != nullptr) {
        const Value& given = value.is_tensor() ? (*value.items)[i] : value;
        evidence.value = slot(Slot::Role::Given, of[i]->name, of[i]->type, constant_value(given.expr), item.span);
      }
      query_->evidence.push_back(evidence);
    }
  }
}

void QueryElaborator::by(const syntax::Stmt& stmt) {
  const syntax::Expr& text = *stmt.method;
  const syntax::Expr& base = text.kind == syntax::Expr::Kind::Call ? *text.base : text;
  const std::string name = base.kind == syntax::Expr::Kind::Name ? base.name.text : "";
  if (name == "exact" && text.kind == syntax::Expr::Kind::Name) {
    method_ = MethodClause{name, text.span};
    return;
  }
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (name == "identify" || name == "bound" || name == "estimate") {
    diagnostics.report(Code::A0707, text.span, absl::StrCat("`by ", name, "` is not built yet"));
  } else if (name == "nuts" || name == "importance" || name == "enumeration" || name == "conjugate" || name == "amortised") {
    diagnostics.report(Code::A0708, text.span, absl::StrCat("`by ", name, "` is not built yet")).note("`by exact`, the default, inverts equations in their noise");
  } else {
    elaborator_.report_unknown("method", name, text.span, {"exact", "nuts", "importance", "identify", "bound", "estimate"});
  }
}

/// Some elements of a variable that is a whole tensor, under their own names: `w.x[4..6]` gives w.x[4] and w.x[5]. False
/// where the value is none of that, or has too many elements to list.
bool QueryElaborator::add_slice(const syntax::Expr& text, const Value& value, Span span) {
  const Expr* view = value.expr;
  if (text.kind != syntax::Expr::Kind::Index || view->kind != Expr::Kind::View || element_count(value.shape) > kUnrolled) return false;
  const Expr* of = view->operands[0];
  if (of->kind != Expr::Kind::Variable) return false;
  const std::string name = elaborator_.source_text(text.base->span);
  const Value items = elaborator_.builder().as_items(value);
  for (const Value& each : *items.items) {
    // An element is a view of the view.
    const Expr* element = each.expr;
    int64_t rest = element->elements->offset, place = view->elements->offset;
    for (size_t axis = value.shape.size(); axis-- > 0; rest /= value.shape[axis]) place += rest % value.shape[axis] * view->elements->strides[axis];
    returns_.push_back({absl::StrCat(name, index_text(of->type.shape, place)), element, false, span});
  }
  return true;
}

void QueryElaborator::result(const syntax::Result& item) {
  const QueryScope scope(*this, default_world_, true);
  const syntax::Expr& text = *item.value;
  // A tensor is a column per element.
  const auto add = [&](const std::string& name, const Value& value, bool draw, Span span) {
    complete_ = complete_ && !value.poisoned();
    if (value.is_whole() && !item.name && !draw && add_slice(text, value, span)) return;
    if (value.is_number() || value.is_whole()) returns_.push_back({name, value.expr, draw, span});
    if (!value.is_tensor() || value.is_whole()) return;
    // Some elements of a variable keep their own names: `w.x[4..6]` gives w.x[4] and w.x[5].
    const bool slice = text.kind == syntax::Expr::Kind::Index && !item.name && !draw;
    for (size_t i = 0; i < value.items->size(); ++i) {
      const Expr* expr = (*value.items)[i].expr;
      std::string of = absl::StrCat(name, index_text(value.shape, static_cast<int64_t>(i)));
      if (slice && expr->kind == Expr::Kind::Variable) of = absl::StrCat(elaborator_.source_text(text.base->span), expr->variable->name.substr(expr->variable->name.find('[')));
      returns_.push_back({std::move(of), expr, draw, span, VectorElement{name, value.shape, static_cast<int64_t>(i)}});
    }
  };
  const bool draws = text.kind == syntax::Expr::Kind::Index && text.base->kind == syntax::Expr::Kind::Name && text.base->name.text == "draws";
  if (draws && !scope.find("draws", text.base->span)) {
    for (const syntax::Index& index : text.indices) {
      if (index.kind != syntax::Index::Kind::Value) {
        elaborator_.diagnostics().report(Code::A0207, index.span, "`draws[…]` lists expressions");
        continue;
      }
      add(elaborator_.source_text(index.span), elaborator_.number(*index.value, scope), true, index.span);
    }
    return;
  }
  add(item.name ? item.name->text : elaborator_.source_text(text.span), elaborator_.number(text, scope), false, item.span);
}

}  // namespace acie::sema
