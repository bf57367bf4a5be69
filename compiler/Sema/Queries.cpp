#include "compiler/Sema/Queries.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Lets.h"
#include "compiler/Sema/QueryScope.h"

namespace acie::sema {

using Kind = syntax::Stmt::Kind;

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
      if (!names_a_value(*stmt, "a query", diagnostics)) {
        for (const syntax::Name& name : stmt->names) arguments_[name.text] = Value{};
        continue;
      }
      if (!lets_.emplace(stmt->names[0].text, stmt).second) {
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
  if (complete_ && !first_steps_.empty() && !tell_first_steps()) complete_ = false;
  for (WorldId world = first_steps_.empty() ? kFactual + 1 : kFactual; complete_ && world < static_cast<WorldId>(query_->worlds.size()); ++world) roll_open_series(world);
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
      elaborator_.fit(type->fields.empty() ? elaborator_.number(*parameter.default_value, scope) : elaborator_.expression(*parameter.default_value, scope), *type, parameter.default_value->span, absl::StrCat("the default of `", parameter.name.text, "`"), true);
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
    const Value written = type->fields.empty() ? elaborator_.number(*parameter.default_value, scope) : elaborator_.expression(*parameter.default_value, scope);
    value = elaborator_.fit(written, *type, parameter.default_value->span, what, true);
    if (!value.poisoned() && !Elaborator::is_constant(value)) {
      diagnostics.report(Code::A0310, parameter.default_value->span, absl::StrCat(what, " must be known when compiling"));
      value = Value{};
    }
  }
  if (!type || (parameter.default_value != nullptr && value.poisoned())) {
    arguments_[name] = Value{};  // reported; what mentions it stays silent
    return;
  }
  Shape shape;
  if (arguments_.count(name) > 0 || model_.is_record(name) || !model_.variables(name, shape).empty()) {
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

}  // namespace acie::sema
