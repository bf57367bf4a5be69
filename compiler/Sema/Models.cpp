#include "compiler/Sema/Models.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace acie::sema {

using Kind = syntax::Stmt::Kind;

ModelElaborator::ModelElaborator(Elaborator& elaborator, const syntax::Decl& declaration, const Module& module)
    : elaborator_(elaborator), declaration_(declaration), module_(module), model_(elaborator.program().make<Model>()),
      scope_(std::make_unique<WorldScope>(*this, kThisWorld, nullptr, &module)) {
  model_->name = declaration.name.text;
  model_->doc = declaration.doc;
  model_->span = declaration.name.span;
}

namespace {

/// The names that an expression mentions; nesting is bounded by the parser.
void mentions(const syntax::Expr* expr, std::vector<std::string>& names) {
  if (expr == nullptr) return;
  if (expr->kind == syntax::Expr::Kind::Name) names.push_back(expr->name.text);
  mentions(expr->base, names);
  for (const syntax::Expr* operand : expr->operands) mentions(operand, names);
  for (const syntax::Argument& argument : expr->args) mentions(argument.value, names);
}

}  // namespace

/// Types what an equation mentions before the equation, so that a chain of variables declared backwards does not recurse
/// once per link.
void ModelElaborator::type_in_order() {
  const auto statement = [&](const std::string& name) -> const syntax::Stmt* {
    if (const auto entry = entries_.find(name); entry != entries_.end()) return entry->second.stmt;
    const auto let = lets_.find(name);
    return let == lets_.end() ? nullptr : let->second;
  };
  std::set<std::string> visited;
  std::vector<std::pair<std::string, bool>> stack;  // a name, and whether what it mentions is done
  for (const std::string& first : std::vector<std::string>(order_)) {
    stack.emplace_back(first, false);
    while (!stack.empty()) {
      const auto [name, ready] = stack.back();
      stack.pop_back();
      const syntax::Stmt* stmt = statement(name);
      if (stmt == nullptr) continue;
      if (ready) {
        if (const auto entry = entries_.find(name); entry != entries_.end()) type_variable(entry->second);
        else find(name, stmt->names[0].span, kThisWorld);
        continue;
      }
      if (!visited.insert(name).second) continue;
      stack.emplace_back(name, true);
      std::vector<std::string> names;
      mentions(stmt->value, names);
      mentions(stmt->law, names);
      for (std::string& mentioned : names) stack.emplace_back(std::move(mentioned), false);
    }
  }
}

void ModelElaborator::run() {
  for (const syntax::Stmt* stmt : declaration_.body) declare(*stmt);
  type_in_order();
  // Lets that nothing uses are checked all the same.
  for (const auto& [name, stmt] : lets_) find(name, stmt->names[0].span, kThisWorld);
}

void ModelElaborator::not_built(const syntax::Stmt& stmt) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  switch (stmt.kind) {
    case Kind::Latent: diagnostics.report(Code::A0707, stmt.span, "latent variables are not built yet"); break;
    case Kind::Over: diagnostics.report(Code::A0706, stmt.span, "variables over steps in time are not built yet"); break;
    case Kind::Stat: diagnostics.report(Code::A0702, stmt.span, "state computed from training rows is not built yet"); break;
    case Kind::Abduct: diagnostics.report(Code::A0708, stmt.span, "amortised abduction is not built yet"); break;
    case Kind::Enforce: diagnostics.report(Code::A0711, stmt.span, "enforced constraints are not built yet").note("a constraint is checked in every query; its column is `physics_violation`"); break;
    default: diagnostics.report(Code::A0711, stmt.span, "this statement is not built yet in a model"); break;
  }
  break_names(stmt);
}

void ModelElaborator::break_name(const syntax::Name& name) {
  sound_ = false;
  Entry& entry = entries_[name.text];
  if (entry.variable == nullptr) {
    Variable variable;
    variable.name = name.text;
    variable.span = name.span;
    entry.variable = elaborator_.program().make(std::move(variable));
  }
  entry.typed = entry.broken = true;
}

/// The names a refused statement would declare: mentioning them is no second mistake.
void ModelElaborator::break_names(const syntax::Stmt& stmt) {
  sound_ = false;
  if (stmt.kind == Kind::Enforce) return;
  if (stmt.kind != Kind::Over) {
    for (const syntax::Name& name : stmt.names) break_name(name);
  }
  for (const syntax::Stmt* inner : stmt.body) break_names(*inner);
}

ModelElaborator::Entry* ModelElaborator::claim(const syntax::Name& name, const syntax::Stmt& stmt) {
  const auto report = [&](Span first) {
    elaborator_.diagnostics().report(Code::A0202, name.span, absl::StrCat("`", name.text, "` is declared twice in `", model_->name, "`"))
        .label(first, "first declared here");
    return nullptr;
  };
  if (const auto found = entries_.find(name.text); found != entries_.end()) return report(found->second.variable->span);
  if (const auto found = lets_.find(name.text); found != lets_.end()) return report(found->second->names[0].span);
  if (const auto found = learnt_.find(name.text); found != learnt_.end()) return report(found->second->span);
  Variable variable;
  variable.name = name.text;
  variable.column = name.text;
  variable.span = name.span;
  variable.doc = stmt.doc;
  Entry& entry = entries_[name.text];
  entry.stmt = &stmt;
  entry.variable = elaborator_.program().make(std::move(variable));
  order_.push_back(name.text);
  model_->variables.push_back(entry.variable);
  return &entry;
}

std::string ModelElaborator::column(const syntax::Stmt& stmt, const std::string& otherwise) {
  if (stmt.from == nullptr) return otherwise;
  if (stmt.from->kind == syntax::Expr::Kind::String) return stmt.from->text;
  elaborator_.diagnostics().report(Code::A0701, stmt.from->span, "vectors of columns are not built yet").note("`from` takes the name of one column, `from \"LOGMSTAR\"`");
  return otherwise;
}

void ModelElaborator::declare(const syntax::Stmt& stmt) {
  switch (stmt.kind) {
    case Kind::Input:
      for (const syntax::Name& name : stmt.names) {
        Entry* entry = claim(name, stmt);
        if (entry == nullptr) continue;
        entry->variable->role = Variable::Role::Input;
        entry->variable->column = column(stmt, name.text);
        if (stmt.value != nullptr) elaborator_.diagnostics().report(Code::A0711, stmt.value->span, "default values of inputs are not built yet");
      }
      return;
    case Kind::Exo:
      if (stmt.names.size() != 1) {
        elaborator_.diagnostics().report(Code::A0701, stmt.span, "joint laws are not built yet").note("write one `exo` per noise");
        return break_names(stmt);
      }
      if (Entry* entry = claim(stmt.names[0], stmt)) entry->variable->role = Variable::Role::Exo;
      return;
    case Kind::Var:
      if (Entry* entry = claim(stmt.names[0], stmt)) {
        entry->variable->role = Variable::Role::Var;
        entry->variable->column = column(stmt, stmt.names[0].text);
      }
      return;
    case Kind::Let:
      if (stmt.destructures || stmt.law != nullptr) return not_built(stmt);
      if (claim(stmt.names[0], stmt) != nullptr) {
        // A name for an expression, not a variable of the model.
        entries_.erase(stmt.names[0].text);
        order_.pop_back();
        model_->variables.pop_back();
        lets_[stmt.names[0].text] = &stmt;
      }
      return;
    case Kind::Learn: return learn(stmt);
    default: return not_built(stmt);
  }
}

void ModelElaborator::learn(const syntax::Stmt& stmt) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const auto type = stmt.type != nullptr ? elaborator_.type(*stmt.type, *scope_) : std::optional<Type>(plain(ScalarKind::F64));
  if (!type) return break_names(stmt);
  if (stmt.law != nullptr) {
    const Value prior = elaborator_.expression(*stmt.law, *scope_);
    if (!prior.poisoned() && prior.kind != Value::Kind::Law) {
      diagnostics.report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note("a prior is a distribution, such as `normal(0, 1)`");
    }
  }
  std::optional<double> value;
  if (stmt.value != nullptr) {
    value = elaborator_.constant(*stmt.value, *scope_, *type, "the value of a learnt parameter");
    if (!value) return break_names(stmt);
  }
  for (const syntax::Name& name : stmt.names) {
    if (entries_.count(name.text) > 0 || lets_.count(name.text) > 0 || learnt_.count(name.text) > 0) {
      claim(name, stmt);
      continue;
    }
    Slot slot;
    slot.role = Slot::Role::Learn;
    slot.name = absl::StrCat(model_->name, ".", name.text);
    slot.type = *type;
    slot.doc = stmt.doc;
    slot.span = name.span;
    slot.default_value = value;
    learnt_[name.text] = elaborator_.program().make(std::move(slot));
    model_->slots.push_back(learnt_[name.text]);
  }
}

void ModelElaborator::mark_broken(Entry& entry) {
  entry.broken = true;
  sound_ = false;
}

void ModelElaborator::type_variable(Entry& entry) {
  if (entry.typed || entry.typing) return;
  entry.typing = true;
  Variable& variable = *entry.variable;
  switch (variable.role) {
    case Variable::Role::Input:
      if (const auto type = elaborator_.type(*entry.stmt->type, *scope_)) variable.type = *type;
      else mark_broken(entry);
      break;
    case Variable::Role::Exo:
      if (!type_exo(entry)) mark_broken(entry);
      break;
    case Variable::Role::Var:
      if (!type_var(entry)) mark_broken(entry);
      break;
  }
  entry.typing = false;
  entry.typed = true;
}

bool ModelElaborator::type_exo(Entry& entry) {
  Variable& variable = *entry.variable;
  const syntax::Stmt& stmt = *entry.stmt;
  variable.equation = elaborator_.builder().number(0, variable.span);
  if (stmt.method != nullptr) {
    elaborator_.diagnostics().report(Code::A0708, stmt.method->span, "the choice of a noise's form is not built yet");
    return false;
  }
  const Value law = elaborator_.expression(*stmt.law, *scope_);
  if (law.poisoned()) return false;
  if (law.kind != Value::Kind::Law) {
    elaborator_.diagnostics().report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note("a law is a distribution, such as `normal(0, 1)`; a definition is `var x = …`");
    return false;
  }
  const Variable* made = elaborator_.make_exo(*law.law, variable.name, variable.span, false);
  variable.type = made->type;
  variable.equation = made->equation;
  variable.support = made->support;
  variable.law_text = made->law_text;
  if (stmt.type != nullptr) {
    const auto declared = elaborator_.type(*stmt.type, *scope_);
    if (!declared) return false;
    const Value as_declared = elaborator_.builder().coerce(Builder::value(made->equation), *declared, stmt.law->span, absl::StrCat("`", variable.name, "`"));
    if (as_declared.poisoned()) return false;
    const auto in_unit = [&](const Expr* bound) {
      return bound == nullptr ? nullptr : elaborator_.builder().as_unit(Builder::value(bound), declared->unit, bound->span).expr;
    };
    variable.equation = as_declared.expr;
    variable.support.low = in_unit(variable.support.low);
    variable.support.high = in_unit(variable.support.high);
    variable.type = *declared;
  }
  return true;
}

bool ModelElaborator::type_var(Entry& entry) {
  Variable& variable = *entry.variable;
  const syntax::Stmt& stmt = *entry.stmt;
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  std::optional<Type> declared;
  if (stmt.type != nullptr) {
    declared = elaborator_.type(*stmt.type, *scope_);
    if (!declared) return false;
    variable.type = *declared;  // known to equations that lead back here
  }
  variable.equation = elaborator_.builder().number(0, variable.span, variable.type.unit);
  if (stmt.has_parents || (stmt.value == nullptr && stmt.law == nullptr)) {
    diagnostics.report(Code::A0707, stmt.span, absl::StrCat("`", variable.name, "` has no equation, and non-parametric models are not built yet"))
        .note("write `var x = …` or `var x ~ …`");
    return false;
  }
  if (stmt.method != nullptr) {
    diagnostics.report(Code::A0708, stmt.method->span, "the choice of a noise's form is not built yet");
    return false;
  }
  Value value;
  if (stmt.law != nullptr) {
    const Value law = elaborator_.expression(*stmt.law, *scope_);
    if (law.poisoned()) return false;
    if (law.kind != Value::Kind::Law) {
      diagnostics.report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note(absl::StrCat("a definition is `var ", variable.name, " = …`"));
      return false;
    }
    std::vector<Variable*> noises;
    value = elaborator_.draw_variables(*law.law, absl::StrCat(variable.name, ".noise"), variable.span, noises).result;
    for (Variable* noise : noises) {
      Entry& made = entries_[noise->name];
      made = {&stmt, noise, true, false};
      model_->variables.push_back(noise);
    }
  } else {
    value = elaborator_.number(*stmt.value, *scope_);
  }
  if (value.poisoned()) return false;
  if (value.expr->type.scalar != ScalarKind::Bool && !is_float(value.expr->type.scalar) && !declared && value.literal) {
    value = elaborator_.builder().as_scalar(value, ScalarKind::F64, value.span);  // var x = 1 is a number like others
  }
  if (declared) {
    value = elaborator_.builder().coerce(value, *declared, value.span, absl::StrCat("`", variable.name, "`"));
    if (value.poisoned()) return false;
  } else if (stmt.type == nullptr) {
    variable.type = value.expr->type;
    variable.type.range.reset();
  }
  variable.equation = value.expr;
  return true;
}

std::optional<Value> ModelElaborator::find(const std::string& name, Span use, WorldId world) {
  Builder& builder = elaborator_.builder();
  if (const auto entry = entries_.find(name); entry != entries_.end()) {
    type_variable(entry->second);
    if (entry->second.broken) return Value{};
    return Builder::value(builder.variable(entry->second.variable, world, use));
  }
  // `x.noise` exists once x is typed.
  if (const size_t dot = name.find('.'); dot != std::string::npos) {
    const auto owner = entries_.find(name.substr(0, dot));
    if (owner == entries_.end() || owner->second.typed || owner->second.typing) return std::nullopt;
    type_variable(owner->second);
    return entries_.count(name) > 0 ? find(name, use, world) : std::nullopt;
  }
  if (const auto slot = learnt_.find(name); slot != learnt_.end()) return Builder::value(builder.slot(slot->second, use));
  if (const auto constraint = constraints_.find(name); constraint != constraints_.end()) {
    Value value;
    value.kind = Value::Kind::Constraint;
    value.constraint = constraint->second;
    value.world = world;
    value.span = use;
    return value;
  }
  const auto let = lets_.find(name);
  if (let == lets_.end()) return std::nullopt;
  if (use != let->second->names[0].span) elaborator_.mark_used(let->second);
  auto known = let_values_.find(name);
  if (known == let_values_.end()) {
    if (std::find(open_lets_.begin(), open_lets_.end(), name) != open_lets_.end()) {
      elaborator_.diagnostics().report(Code::A0205, let->second->names[0].span, absl::StrCat("`", name, "` is defined by itself"))
          .label(use, "needed here while it is being defined");
      return Value{};
    }
    open_lets_.push_back(name);
    const Value value = let_value(name, *let->second);
    open_lets_.pop_back();
    known = let_values_.insert_or_assign(name, value).first;
  }
  if (known->second.poisoned()) return known->second;
  Value value = known->second;
  value.expr = builder.in_world(value.expr, world);
  value.span = use;
  return value;
}

Value ModelElaborator::let_value(const std::string& name, const syntax::Stmt& stmt) {
  Value value = elaborator_.number(*stmt.value, *scope_);
  if (value.poisoned() || stmt.type == nullptr) return value;
  const auto declared = elaborator_.type(*stmt.type, *scope_);
  return declared ? elaborator_.builder().coerce(value, *declared, stmt.value->span, absl::StrCat("`", name, "`")) : Value{};
}

const Variable* ModelElaborator::variable(const std::string& name) {
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return nullptr;
  type_variable(entry->second);
  return entry->second.broken ? nullptr : entry->second.variable;
}

void ModelElaborator::list(std::vector<std::string>& names) const {
  for (const auto& [name, entry] : entries_) names.push_back(name);
  for (const auto& [name, let] : lets_) names.push_back(name);
  for (const auto& [name, slot] : learnt_) names.push_back(name);
  for (const auto& [name, constraint] : constraints_) names.push_back(name);
}

}  // namespace acie::sema
