#include "compiler/Sema/Models.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace acie::sema {

using Kind = syntax::Stmt::Kind;

ModelElaborator::ModelElaborator(Elaborator& elaborator, const syntax::Decl& declaration, const Module& module)
    : elaborator_(elaborator), declaration_(declaration), module_(module), model_(elaborator.program().make<Model>()),
      scope_(std::make_unique<WorldScope>(*this, kThisWorld, nullptr, &module)) {
  const auto renamed = module.run_names.find(&declaration);
  model_->name = renamed != module.run_names.end() ? renamed->second : declaration.name.text;
  model_->doc = declaration.doc;
  model_->span = declaration.name.span;
}

void mentions(const syntax::Expr* expr, std::vector<std::string>& names) {
  if (expr == nullptr) return;
  if (expr->kind == syntax::Expr::Kind::Name) names.push_back(expr->name.text);
  mentions(expr->base, names);
  for (const syntax::Expr* operand : expr->operands) mentions(operand, names);
  for (const syntax::Argument& argument : expr->args) mentions(argument.value, names);
  for (const syntax::RecordField& field : expr->fields) mentions(field.value, names);
  for (const syntax::Index& index : expr->indices) {
    mentions(index.value, names);
    mentions(index.low, names);
    mentions(index.high, names);
  }
  if (expr->generator) {
    for (const auto& [name, over] : expr->generator->clauses) mentions(over, names);
  }
}

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
        if (const auto entry = entries_.find(name); entry != entries_.end()) type_variable(name, entry->second);
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
  choose_by_element();
  for (const syntax::Stmt* stmt : declaration_.body) declare(*stmt);
  type_in_order();
  if (!open_series_.empty() && sound_) roll_open_series();
  // Lets that nothing uses are checked all the same.
  for (const auto& [name, stmt] : lets_) find(name, stmt->names[0].span, kThisWorld);
}

void ModelElaborator::not_built(const syntax::Stmt& stmt) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  switch (stmt.kind) {
    case Kind::Latent: diagnostics.report(Code::A0707, stmt.span, "latent variables are not built yet"); break;
    case Kind::Stat: diagnostics.report(Code::A0702, stmt.span, "state computed from training rows is built in mechanisms, and not in models yet"); break;
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

bool ModelElaborator::is_declared(const std::string& name) const {
  return entries_.count(name) + lets_.count(name) + learnt_.count(name) + records_.count(name) > 0;
}

ModelElaborator::Entry* ModelElaborator::claim(const syntax::Name& name, const syntax::Stmt& stmt) {
  const auto report = [&](Span first) {
    elaborator_.diagnostics().report(Code::A0202, name.span, absl::StrCat("`", name.text, "` is declared twice in `", model_->name, "`"))
        .label(first, "first declared here");
    return nullptr;
  };
  if (const auto found = entries_.find(name.text); found != entries_.end()) return report(found->second.stmt != nullptr ? found->second.stmt->names[0].span : found->second.variable->span);
  if (const auto found = lets_.find(name.text); found != lets_.end()) return report(found->second->names[0].span);
  if (const auto found = learnt_.find(name.text); found != learnt_.end()) return report(found->second.span);
  if (const auto found = records_.find(name.text); found != records_.end()) return report(found->second.stmt->names[0].span);
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

void ModelElaborator::declare(const syntax::Stmt& stmt) {
  const auto claim_with_shape = [&](const syntax::Name& name, Variable::Role role) {
    Entry* entry = claim(name, stmt);
    if (entry == nullptr) return;
    entry->variable->role = role;
    const bool written = stmt.type != nullptr && (!stmt.type->dims.empty() || stmt.type->kind == syntax::Type::Kind::Named || stmt.type->kind == syntax::Type::Kind::Record);
    const auto type = written ? elaborator_.annotation(*stmt.type, *scope_) : std::nullopt;
    if (written && !type) return mark_broken(*entry);
    if (type && !type->fields.empty()) return declare_record(name, stmt, role, *type);
    if (type && !type->shape.empty()) {
      entry->variable->type = type->element;
      make_family(name.text, type->shape, stmt, nullptr);
    } else {
      entry->variable->column = columns(stmt, name.text, {})[0];
    }
  };
  switch (stmt.kind) {
    case Kind::Input:
      for (const syntax::Name& name : stmt.names) claim_with_shape(name, Variable::Role::Input);
      if (stmt.value != nullptr) elaborator_.diagnostics().report(Code::A0711, stmt.value->span, "default values of inputs are not built yet");
      return;
    case Kind::Exo:
      if (stmt.names.size() != 1) {
        elaborator_.diagnostics().report(Code::A0701, stmt.span, "joint laws are not built yet").note("write one `exo` per noise");
        return break_names(stmt);
      }
      return claim_with_shape(stmt.names[0], Variable::Role::Exo);
    case Kind::Var: return claim_with_shape(stmt.names[0], Variable::Role::Var);
    case Kind::Over: return over(stmt);
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
  Annotation number;
  number.element = plain(ScalarKind::F64);
  const auto type = stmt.type != nullptr ? elaborator_.annotation(*stmt.type, *scope_) : std::optional<Annotation>(number);
  if (!type) return break_names(stmt);
  if (!type->fields.empty()) {
    for (const syntax::Name& name : stmt.names) learn_record(name, stmt, *type);
    return;
  }
  const auto first = first_values(stmt, *type, *scope_);
  if (!first) return break_names(stmt);
  for (const syntax::Name& name : stmt.names) declare_learnt(name, stmt, *type, *first);
}

/// What a learnt value starts from; nullopt after reporting.
std::optional<Elaborator::FirstValues> ModelElaborator::first_values(const syntax::Stmt& stmt, const Annotation& type, const Scope& scope) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (stmt.law != nullptr) {
    const Value prior = elaborator_.expression(*stmt.law, scope);
    if (!prior.poisoned() && prior.kind != Value::Kind::Law) {
      diagnostics.report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note("a prior is a distribution, such as `normal(0, 1)`");
    }
  }
  return elaborator_.first_values(stmt, stmt.names[0].text, type, scope);
}

/// False if the name is taken, which is reported.
bool ModelElaborator::declare_learnt(const syntax::Name& name, const syntax::Stmt& stmt, const Annotation& type, const Elaborator::FirstValues& first) {
  if (is_declared(name.text)) {
    claim(name, stmt);
    return false;
  }
  Slot slot;
  slot.role = Slot::Role::Learn;
  slot.name = absl::StrCat(model_->name, ".", name.text);
  slot.doc = stmt.doc;
  slot.span = name.span;
  slot.initial = first.initial;
  Value learnt = elaborator_.slots(std::move(slot), type, first.values, model_->slots);
  learnt.span = name.span;
  learnt_[name.text] = std::move(learnt);
  return true;
}

void ModelElaborator::mark_broken(Entry& entry) {
  entry.broken = true;
  sound_ = false;
}

std::optional<Value> ModelElaborator::find(const std::string& name, Span use, WorldId world) {
  Builder& builder = elaborator_.builder();
  if (const auto entry = entries_.find(name); entry != entries_.end()) {
    type_variable(name, entry->second);
    if (entry->second.broken) return Value{};
    if (entry->second.variable == nullptr) return family(name, use, world, -1);
    return Builder::whole(builder.variable(entry->second.variable, world, use), use);
  }
  if (const auto record = records_.find(name); record != records_.end()) return record_as(name, record->second.type, use, world);
  // `x.noise` exists once x is typed.
  if (const size_t dot = name.find(".noise"); dot != std::string::npos) {
    const auto owner = entries_.find(name.substr(0, dot));
    if (owner == entries_.end() || owner->second.typing) return std::nullopt;
    const bool typed = owner->second.typed;
    type_variable(owner->first, owner->second);
    if (!typed && entries_.count(name) > 0) return find(name, use, world);
    if (open_vectors_.count(owner->first) > 0) return owner->second.broken ? std::nullopt : open_vector_noises(owner->first, use, world);
    // The noises of a vector are a vector.
    if (owner->second.variable != nullptr || name.size() != dot + 6 || owner->second.broken) return std::nullopt;
    Value noises = *family(owner->first, use, world, -1);
    if (noises.slice) {
      if (entries_.count(absl::StrCat(owner->first, "[0].noise")) == 0) return std::nullopt;
      noises.slice = [this, root = owner->first, use, world](int64_t step) { return *find(absl::StrCat(root, "[", step, "].noise"), use, world); };
      noises.element = [&builder, slice = noises.slice, each = element_count(Shape(noises.shape.begin() + 1, noises.shape.end())), use](int64_t position) {
        return Builder::value(builder.view(slice(position / each).expr, {}, position % each, {}, use));
      };
      return noises;
    }
    if (entries_.count(absl::StrCat(element_name(owner->first, 0), ".noise")) == 0) return std::nullopt;
    noises.element = [this, root = owner->first, use, world](int64_t position) { return *find(absl::StrCat(element_name(root, position), ".noise"), use, world); };
    return noises;
  }
  if (const auto learnt = learnt_.find(name); learnt != learnt_.end()) {
    Value value = learnt->second;
    if (value.is_number() || value.is_whole()) value = Builder::whole(builder.slot(value.expr->slot, use), use);
    value.span = use;
    return value;
  }
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
  Value value = builder.in_world(known->second, world);
  if (value.kind == Value::Kind::Function) value.world = world;  // what it mentions is this world's
  value.span = use;
  return value;
}

Value ModelElaborator::let_value(const std::string& name, const syntax::Stmt& stmt) {
  const std::string path = absl::StrCat(model_->name, ".", name);
  elaborator_.enter(path, &stmt, &module_, &model_->slots);
  Value value = elaborator_.named_by_let(elaborator_.expression(*stmt.value, *scope_), path, &stmt);
  elaborator_.leave();
  if (value.kind == Value::Kind::Function && stmt.type == nullptr) return value;
  if (value.kind != Value::Kind::Record && !elaborator_.builder().require_numbers(value)) return Value{};
  if (stmt.type == nullptr) return value;
  const auto declared = elaborator_.annotation(*stmt.type, *scope_);
  return declared ? elaborator_.fit(value, *declared, stmt.value->span, absl::StrCat("`", name, "`"), true) : Value{};
}

const Variable* ModelElaborator::variable(const std::string& name) {
  Shape shape;
  const std::vector<const Variable*> found = variables(name, shape);
  return found.size() == 1 && shape.empty() ? found[0] : nullptr;
}

std::vector<const Variable*> ModelElaborator::variables(const std::string& name, Shape& shape) {
  shape.clear();
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return {};
  type_variable(name, entry->second);
  if (entry->second.broken) return {};
  if (entry->second.variable != nullptr) {
    shape = entry->second.variable->type.shape;
    if (const auto vector = open_vectors_.find(name); vector != open_vectors_.end()) {
      std::vector<const Variable*> series;
      for (const std::string& each : vector->second.series) series.push_back(entries_[each].variable);
      return series;
    }
    return {entry->second.variable};
  }
  if (const auto known = variables_.find(name); known != variables_.end()) {
    shape = families_[name].shape;
    return known->second;
  }
  const Family& of = families_[name];
  if (of.steps != nullptr) type_steps(name);
  shape = of.shape;
  std::vector<const Variable*> result;
  bool typed = true;
  const bool by_step = is_by_step(name);
  for (int64_t position = 0; position < (by_step ? shape[0] : element_count(shape)); ++position) {
    Entry& element = entries_[by_step ? absl::StrCat(name, "[", position, "]") : element_name(name, position)];
    type_variable(element.variable->name, element);
    if (element.broken) return {};
    typed = typed && element.typed;
    result.push_back(element.variable);
  }
  // A policy asks for them at every step.
  if (typed) variables_[name] = result;
  return result;
}

ModelElaborator::Steps* ModelElaborator::steps_with(const std::string& name) const {
  if (const auto record = records_.find(name); record != records_.end()) return open_steps(name) == nullptr ? record->second.steps : nullptr;
  const auto found = families_.find(name);
  return found == families_.end() ? nullptr : found->second.steps;
}

std::optional<std::string> ModelElaborator::step_name(const std::string& name) const {
  const Steps* steps = steps_with(name);
  return steps == nullptr ? std::nullopt : std::optional(steps->name);
}

void ModelElaborator::list(std::vector<std::string>& names) const {
  for (const auto& [name, entry] : entries_) {
    if (entry.root.empty()) names.push_back(name);
  }
  for (const auto& [name, record] : records_) names.push_back(name);
  for (const auto& [name, let] : lets_) names.push_back(name);
  for (const auto& [name, slot] : learnt_) names.push_back(name);
  for (const auto& [name, constraint] : constraints_) names.push_back(name);
}

}  // namespace acie::sema
