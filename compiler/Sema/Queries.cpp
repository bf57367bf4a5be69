#include "compiler/Sema/Queries.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace acie::sema {

using Kind = syntax::Stmt::Kind;

/// Names in a query as one world sees them: arguments, worlds, `let`s, then the model's names. In the value of a `do`, the
/// variable being set is its natural value.
class QueryScope : public Scope {
 public:
  QueryScope(QueryElaborator& query, WorldId world, const Variable* natural, bool estimates)
      : Scope(nullptr, &query.module_), query_(query), world_(world), natural_(natural), estimates_(estimates) {}

  std::optional<Value> find(const std::string& name, Span use) const override {
    Builder& builder = query_.elaborator_.builder();
    if (auto bound = Scope::find(name, use)) return bound;
    if (const auto argument = query_.arguments_.find(name); argument != query_.arguments_.end()) {
      return argument->second != nullptr ? Builder::value(builder.slot(argument->second, use)) : Value{};
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
      const QueryScope here(query_, world_, nullptr, estimates_);
      Value value = query_.elaborator_.number(*let->second->value, here);
      if (!value.poisoned() && let->second->type != nullptr) {
        const auto declared = query_.elaborator_.type(*let->second->type, here);
        value = declared ? builder.coerce(value, *declared, use, absl::StrCat("`", name, "`")) : Value{};
      }
      open.pop_back();
      value.span = use;
      return value;
    }
    if (natural_ != nullptr && natural_->name == name) return Builder::value(builder.natural(natural_, world_, use));
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
  const Variable* natural_;
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
    if (world != kFactual) interventions(world, stmt->body, QueryScope(*this, world, nullptr, false), 0);
  }
  if (!bare.empty()) interventions(default_world_, bare, QueryScope(*this, default_world_, nullptr, false), 0);

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
    const auto type = elaborator_.type(*parameter.type, scope);
    arguments.push_back(type ? elaborator_.placeholder(parameter, *type) : Value{});
    if (type && parameter.default_value != nullptr) {
      elaborator_.constant(*parameter.default_value, scope, *type, absl::StrCat("the default of `", parameter.name.text, "`"));
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
  const auto type = elaborator_.type(*parameter.type, scope);
  std::optional<double> value;
  if (type && parameter.default_value != nullptr) {
    value = elaborator_.constant(*parameter.default_value, scope, *type, absl::StrCat("the default of `", parameter.name.text, "`"));
  }
  if (!type || (parameter.default_value != nullptr && !value)) {
    arguments_[parameter.name.text] = nullptr;  // reported; what mentions it stays silent
    return;
  }
  if (arguments_.count(parameter.name.text) > 0 || model_.variable(parameter.name.text) != nullptr) {
    diagnostics.report(Code::A0202, parameter.name.span, absl::StrCat("`", parameter.name.text, "` is already a name here")).note("an argument may not hide a variable of the model");
    return;
  }
  Slot* made = slot(Slot::Role::Argument, parameter.name.text, *type, value, parameter.name.span);
  arguments_[parameter.name.text] = made;
  query_->arguments.push_back(made);
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

const Variable* QueryElaborator::variable(const std::string& name, Span use, Code code, const std::string& what) {
  if (const Variable* found = model_.variable(name)) return found;
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (const auto other = model_.find(name, use, kThisWorld)) {
    if (other->poisoned()) return nullptr;
    auto report = diagnostics.report(code, use, absl::StrCat(what, " speaks of variables, and `", name, "` is not one"));
    if (other->kind == Value::Kind::Constraint) report.label(other->constraint->span, "a constraint");
    else if (other->expr->kind == Expr::Kind::Slot) report.label(other->expr->slot->span, "a learnt parameter").note(absl::StrCat("another value is given when running: `--set ", other->expr->slot->name, "=…`"));
    else report.note(absl::StrCat("`let ", name, "` names an expression; declare it with `var` to observe or set it"));
    return nullptr;
  }
  std::vector<std::string> names;
  for (const Variable* known : query_->model->variables) names.push_back(known->name);
  elaborator_.report_unknown(absl::StrCat("variable of `", query_->model->name, "` called"), name, use, names);
  return nullptr;
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

const Variable* QueryElaborator::target(const syntax::Stmt& stmt) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const syntax::Target& written = *stmt.target;
  if (written.path.parts.empty()) return nullptr;
  if (!written.indices.empty()) {
    diagnostics.report(Code::A0701, written.span, "interventions on elements are not built yet");
    return nullptr;
  }
  if (written.path.parts.size() > 1) {
    const std::string& head = written.path.parts[0].text;
    if (worlds_.count(head) > 0) {
      diagnostics.report(Code::A0405, written.span, "a `do` sets a variable of its own world").note(absl::StrCat("put it in `world ", head, " { … }`"));
      return nullptr;
    }
  }
  const Variable* found = variable(written.path.str(), written.span, Code::A0405, "`do`");
  return found;
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
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  Builder& builder = elaborator_.builder();
  const Variable* variable = target(stmt);
  if (variable == nullptr) {
    complete_ = false;
    return;
  }
  // The scope of the value: what the statement sees, with the variable's natural value in front.
  QueryScope natural(*this, world, variable, false);
  Scope inner(&scope, scope.module());
  if (auto bare = natural.find(variable->name, stmt.target->span); bare && bare->kind == Value::Kind::Number) inner.bind(variable->name, *bare);

  Value condition;
  if (stmt.condition != nullptr) {
    condition = elaborator_.number(*stmt.condition, inner);
    if (condition.poisoned()) {
      complete_ = false;
      return;
    }
  }
  switch (stmt.do_kind) {
    case syntax::Stmt::DoKind::Hard: {
      Value value = elaborator_.number(*stmt.value, inner);
      // A constant stays an argument of the kernel, so that --do can replace it.
      if (own && !value.poisoned() && constant_value(value.expr)) {
        Type type = variable->type;
        type.range.reset();
        const Value typed = builder.coerce(value, type, value.span, absl::StrCat("`", variable->name, "`"));
        if (typed.poisoned()) return set(world, variable, typed, condition, stmt.span);
        if (const auto constant = constant_value(typed.expr)) {
          value = Builder::value(builder.slot(slot(Slot::Role::Do, prefixed(world, variable->name), type, constant, stmt.span), stmt.value->span));
        }
      }
      return set(world, variable, value, condition, stmt.span);
    }
    case syntax::Stmt::DoKind::Shift: {
      const Value by = elaborator_.number(*stmt.value, inner);
      if (by.poisoned()) return set(world, variable, by, condition, stmt.span);
      return set(world, variable, builder.apply(Op::Add, {Builder::value(builder.natural(variable, world, stmt.span)), by}, stmt.span), condition, stmt.span);
    }
    case syntax::Stmt::DoKind::Stochastic: {
      const Value law = elaborator_.expression(*stmt.law, inner);
      if (law.poisoned()) return set(world, variable, law, condition, stmt.span);
      if (law.kind != Value::Kind::Law) {
        diagnostics.report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note(absl::StrCat("a value is set with `do ", variable->name, " = …`"));
        return;
      }
      // Fresh noise, of this world of this query alone.
      std::vector<Variable*> noises;
      const Value drawn = elaborator_.draw_variables(*law.law, absl::StrCat(query_->name, ".", prefixed(world, variable->name), ".do"), stmt.span, noises).result;
      for (Variable* noise : noises) model_.model()->variables.push_back(noise);
      if (drawn.poisoned()) return set(world, variable, drawn, condition, stmt.span);
      return set(world, variable, Builder::value(builder.in_world(drawn.expr, world)), condition, stmt.span);
    }
    default:
      diagnostics.report(Code::A0707, stmt.span, "symbolic interventions are not built yet").note(absl::StrCat("give a value, `do ", variable->name, " = …`, or let the caller: `do? ", variable->name, "`"));
  }
}

void QueryElaborator::ask(WorldId world, const syntax::Stmt& stmt) {
  Builder& builder = elaborator_.builder();
  for (const syntax::Name& name : stmt.names) {
    const Variable* asked = variable(name.text, name.span, Code::A0405, "`do?`");
    if (asked == nullptr) {
      complete_ = false;
      continue;
    }
    Slot* value = slot(Slot::Role::DoAsk, prefixed(world, name.text), asked->type, std::nullopt, name.span);
    set(world, asked, Builder::value(builder.slot(value, name.span)), Builder::value(builder.present(value, name.span)), stmt.span);
  }
}

void QueryElaborator::apply(WorldId world, const syntax::Stmt& stmt, const Scope& scope, int depth) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const syntax::Expr& call = *stmt.value;
  if (stmt.condition != nullptr) {
    diagnostics.report(Code::A0711, stmt.condition->span, "conditions on applied interventions are not built yet").note("put the condition into the intervention");
    return;
  }
  if (call.base->kind != syntax::Expr::Kind::Name) {
    diagnostics.report(Code::A0208, call.base->span, "this is not an intervention");
    return;
  }
  const std::string& name = call.base->name.text;
  const Module* owner = nullptr;
  const syntax::Decl* found = elaborator_.find_declaration(*scope.module(), name, &owner);
  if (found == nullptr || found->kind != syntax::Decl::Kind::Intervention) {
    std::vector<std::string> names;
    for (const auto& [known, decl] : scope.module()->declarations) {
      if (decl->kind == syntax::Decl::Kind::Intervention) names.push_back(known);
    }
    if (found == nullptr) elaborator_.report_unknown("intervention", name, call.base->span, names);
    else diagnostics.report(Code::A0208, call.base->span, absl::StrCat("`", name, "` is not an intervention"));
    return;
  }
  elaborator_.mark_used(found);
  if (found->path.str() != query_->model->name) {
    diagnostics.report(Code::A0406, call.span, absl::StrCat("`", name, "` is an intervention on `", found->path.str(), "`, and this query is on `", query_->model->name, "`")).label(found->name.span, "declared here");
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
    const auto type = elaborator_.type(*found->params[i].type, defaults);
    arguments.push_back(type ? elaborator_.builder().coerce((*values)[i], *type, (*values)[i].span, absl::StrCat("`", found->params[i].name.text, "` of `", name, "`")) : Value{});
  }
  carry_out(world, *found, *owner, arguments, depth);
}

/// The statements of an intervention in `world`. Its names: parameters and lets, then the model's as this world sees them.
void QueryElaborator::carry_out(WorldId world, const syntax::Decl& intervention, const Module& owner, const std::vector<Value>& arguments, int depth) {
  WorldScope model_scope(model_, world, nullptr, &owner);
  Scope inner(&model_scope, &owner);
  for (size_t i = 0; i < arguments.size(); ++i) inner.bind(intervention.params[i].name.text, arguments[i]);
  for (const syntax::Stmt* let : intervention.body) {
    if (let->kind == Kind::Let) inner.bind(let->names[0].text, elaborator_.number(*let->value, inner));
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
      diagnostics.report(Code::A0708, subject.span, "evidence in another world is not built yet");
      continue;
    }
    if (subject.kind != syntax::Expr::Kind::Name) {
      auto report = diagnostics.report(Code::A0409, subject.span, "evidence is a variable, or `variable = value`");
      if (subject.kind == syntax::Expr::Kind::Binary) report.note("evidence about events, such as `x > 3`, is not built yet");
      continue;
    }
    const Variable* of = variable(subject.name.text, subject.span, Code::A0409, "`given`");
    if (of == nullptr) {
      complete_ = false;
      continue;
    }
    Evidence evidence;
    evidence.variable = of;
    evidence.span = item.span;
    if (item.value != nullptr) {
      const QueryScope scope(*this, kFactual, nullptr, false);
      Value value = elaborator_.number(*item.value, scope);
      if (value.poisoned()) continue;
      Type type = of->type;
      value = elaborator_.builder().coerce(value, type, item.value->span, absl::StrCat("`", of->name, "`"));
      if (value.poisoned()) continue;
      const auto constant = constant_value(value.expr);
      if (!constant) {
        diagnostics.report(Code::A0310, item.value->span, "evidence is a column, or a value known when compiling").note(absl::StrCat("`--given ", of->name, "=…` replaces it when running"));
        continue;
      }
      evidence.value = slot(Slot::Role::Given, of->name, of->type, constant, item.span);
    }
    query_->evidence.push_back(evidence);
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

void QueryElaborator::result(const syntax::Result& item) {
  const QueryScope scope(*this, default_world_, nullptr, true);
  const syntax::Expr& text = *item.value;
  const bool draws = text.kind == syntax::Expr::Kind::Index && text.base->kind == syntax::Expr::Kind::Name && text.base->name.text == "draws";
  if (draws && !scope.find("draws", text.base->span)) {
    for (const syntax::Index& index : text.indices) {
      if (index.kind != syntax::Index::Kind::Value) {
        elaborator_.diagnostics().report(Code::A0207, index.span, "`draws[…]` lists expressions");
        continue;
      }
      const Value value = elaborator_.number(*index.value, scope);
      complete_ = complete_ && !value.poisoned();
      if (!value.poisoned()) returns_.push_back({elaborator_.source_text(index.span), value.expr, true, index.span});
    }
    return;
  }
  const Value value = elaborator_.number(text, scope);
  complete_ = complete_ && !value.poisoned();
  if (value.poisoned()) return;
  returns_.push_back({item.name ? item.name->text : elaborator_.source_text(text.span), value.expr, false, item.span});
}

}  // namespace acie::sema
