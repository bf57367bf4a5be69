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

namespace {

/// The names that an expression mentions; nesting is bounded by the parser.
void mentions(const syntax::Expr* expr, std::vector<std::string>& names) {
  if (expr == nullptr) return;
  if (expr->kind == syntax::Expr::Kind::Name) names.push_back(expr->name.text);
  mentions(expr->base, names);
  for (const syntax::Expr* operand : expr->operands) mentions(operand, names);
  for (const syntax::Argument& argument : expr->args) mentions(argument.value, names);
  for (const syntax::Index& index : expr->indices) {
    mentions(index.value, names);
    mentions(index.low, names);
    mentions(index.high, names);
  }
  if (expr->generator) {
    for (const auto& [name, over] : expr->generator->clauses) mentions(over, names);
  }
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
  for (const syntax::Stmt* stmt : declaration_.body) declare(*stmt);
  type_in_order();
  // Lets that nothing uses are checked all the same.
  for (const auto& [name, stmt] : lets_) find(name, stmt->names[0].span, kThisWorld);
}

void ModelElaborator::not_built(const syntax::Stmt& stmt) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  switch (stmt.kind) {
    case Kind::Latent: diagnostics.report(Code::A0707, stmt.span, "latent variables are not built yet"); break;
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

bool ModelElaborator::is_declared(const std::string& name) const {
  return entries_.count(name) + lets_.count(name) + learnt_.count(name) > 0;
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

/// Replaces the variable that `name` was claimed with by one per element.
void ModelElaborator::make_family(const std::string& name, const Shape& shape, const syntax::Stmt& stmt, Steps* steps) {
  Entry& root = entries_[name];
  if (steps == nullptr && element_count(shape) > kUnrolled) {
    // One variable that is a tensor, read from one column of vectors.
    root.variable->type.shape = shape;
    root.variable->column = stmt.from != nullptr && stmt.from->kind == syntax::Expr::Kind::String ? stmt.from->text : name;
    if (stmt.from != nullptr && stmt.from->kind != syntax::Expr::Kind::String) {
      elaborator_.diagnostics().report(Code::A0701, stmt.from->span, absl::StrCat("a column per element is built for up to ", kUnrolled, " elements")).note("put the elements into one column of vectors: `from \"FLUX\"`");
      sound_ = false;
    }
    return;
  }
  const Variable like = *root.variable;
  model_->variables.erase(std::find(model_->variables.begin(), model_->variables.end(), root.variable));
  root.variable = nullptr;
  families_[name] = {shape, steps};
  const std::vector<std::string> from = columns(stmt, name, shape);
  for (int64_t position = 0; position < element_count(shape); ++position) {
    Variable variable = like;
    variable.name = absl::StrCat(name, index_text(shape, position));
    variable.column = from[static_cast<size_t>(position)];
    if (stmt.from == nullptr || stmt.from->kind == syntax::Expr::Kind::String) {
      variable.vector = VectorElement{name, shape, position};
      variable.vector_column = stmt.from == nullptr ? name : stmt.from->text;
    }
    Entry& entry = entries_[variable.name];
    entry.stmt = &stmt;
    entry.root = name;
    entry.steps = steps;
    entry.step = steps != nullptr ? steps->first + position : -1;
    entry.variable = elaborator_.program().make(std::move(variable));
    model_->variables.push_back(entry.variable);
  }
}

/// The columns a variable binds to: `from "A"`, `from columns("A", "B")` with `{1..3}` for a run of numbers.
std::vector<std::string> ModelElaborator::columns(const syntax::Stmt& stmt, const std::string& name, const Shape& shape) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  std::vector<std::string> result;
  const auto count = static_cast<size_t>(element_count(shape));
  const auto suffixed = [&](const std::string& base) {
    for (size_t i = 0; i < count; ++i) result.push_back(shape.empty() ? base : absl::StrCat(base, index_text(shape, static_cast<int64_t>(i))));
    return result;
  };
  if (stmt.from == nullptr) return suffixed(name);
  if (stmt.from->kind == syntax::Expr::Kind::String) return suffixed(stmt.from->text);
  const syntax::Expr& call = *stmt.from;
  const bool lists = call.kind == syntax::Expr::Kind::Call && call.base->kind == syntax::Expr::Kind::Name && call.base->name.text == "columns";
  for (const syntax::Argument& argument : call.args) {
    if (!lists || argument.name || argument.value->kind != syntax::Expr::Kind::String) break;
    const std::string& text = argument.value->text;
    const size_t open = text.find('{'), close = text.find('}', open == std::string::npos ? 0 : open);
    int64_t first = 0, last = -1;
    if (open == std::string::npos || close == std::string::npos ||
        std::sscanf(text.substr(open, close - open + 1).c_str(), "{%ld..%ld}", &first, &last) != 2) {
      result.push_back(text);
      continue;
    }
    for (int64_t i = first; i <= last && result.size() <= count; ++i) result.push_back(absl::StrCat(text.substr(0, open), i, text.substr(close + 1)));
  }
  if (!lists || result.size() != count) {
    auto report = diagnostics.report(Code::A0312, call.span, lists ? absl::StrCat("`", name, "` has ", count, count == 1 ? " element" : " elements", ", and here are ", result.size() > count ? "more" : absl::StrCat(result.size()), " columns")
                                                       : "`from` takes the name of a column, `from \"LOGMSTAR\"`, or `columns(…)`");
    report.note("`from columns(\"m1\", \"m2\")`, or `columns(\"m{1..2}\")`, names a column per element");
    result.clear();
    return suffixed(name);
  }
  return result;
}

void ModelElaborator::declare(const syntax::Stmt& stmt) {
  const auto claim_with_shape = [&](const syntax::Name& name, Variable::Role role) {
    Entry* entry = claim(name, stmt);
    if (entry == nullptr) return;
    entry->variable->role = role;
    const bool written = stmt.type != nullptr && (!stmt.type->dims.empty() || stmt.type->kind == syntax::Type::Kind::Named || stmt.type->kind == syntax::Type::Kind::Record);
    const auto type = written ? elaborator_.annotation(*stmt.type, *scope_) : std::nullopt;
    if (written && !type) return mark_broken(*entry);
    if (type && !type->fields.empty()) {
      elaborator_.diagnostics().report(Code::A0710, stmt.type->span, "variables that are records are not built yet").note("declare a variable per field");
      return mark_broken(*entry);
    }
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

/// over t in 0..T { … }: a variable per step.
void ModelElaborator::over(const syntax::Stmt& stmt) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (stmt.value->kind != syntax::Expr::Kind::Range) {
    diagnostics.report(Code::A0312, stmt.value->span, "`over` runs over a range, `over t in 0..T`");
    return break_names(stmt);
  }
  const auto first = elaborator_.integer(*stmt.value->operands[0], *scope_, "the first step"), last = elaborator_.integer(*stmt.value->operands[1], *scope_, "the end of the steps");
  if (!first || !last) return break_names(stmt);
  if (*first != 0 || *last < 1 || *last > 65536) {
    diagnostics.report(Code::A0312, stmt.value->span, *first != 0 ? "steps count from 0" : *last < 1 ? "there is no step: the range is empty" : "more than 65536 steps are not built yet");
    return break_names(stmt);
  }
  auto made = std::make_unique<Steps>();
  Steps& steps = *made;
  steps.stmt = &stmt;
  steps.name = stmt.names[0].text;
  steps.count = *last;
  steps_.push_back(std::move(made));
  std::vector<std::string> names;
  for (const syntax::Stmt* inner : stmt.body) {
    switch (inner->kind) {
      case Kind::Let:
        if (inner->destructures || is_declared(inner->names[0].text) || !steps.lets.emplace(inner->names[0].text, inner).second) {
          diagnostics.report(Code::A0202, inner->span, absl::StrCat("`", inner->names[0].text, "` is declared twice in `", model_->name, "`"));
          sound_ = false;
        }
        break;
      case Kind::Input: case Kind::Exo: case Kind::Var: {
        if (inner->type != nullptr && !inner->type->dims.empty()) {
          diagnostics.report(Code::A0706, inner->type->span, "vectors inside `over` are not built yet").note("declare a variable per element");
          break_names(*inner);
          break;
        }
        for (const syntax::Name& name : inner->names) {
          Entry* entry = claim(name, *inner);
          if (entry == nullptr) continue;
          order_.pop_back();
          entry->variable->role = inner->kind == Kind::Input ? Variable::Role::Input : inner->kind == Kind::Exo ? Variable::Role::Exo : Variable::Role::Var;
          steps.variables.insert(name.text);
          names.push_back(name.text);
          make_family(name.text, {steps.count}, *inner, &steps);
        }
        break;
      }
      default:
        diagnostics.report(Code::A0706, inner->span, "this statement is not built yet inside `over`");
        break_names(*inner);
        break;
    }
  }
  // Step by step, so that typing one needs none that is not typed yet.
  for (int64_t step = 0; step < steps.count; ++step) {
    for (const std::string& name : names) order_.push_back(absl::StrCat(name, index_text({steps.count}, step)));
  }
}

/// Names inside `over`: the step, what each step declares (the bare name is this step's), then the model's.
class ModelElaborator::StepScope : public Scope {
 public:
  StepScope(ModelElaborator& model, Steps& steps, int64_t step) : Scope(model.scope_.get(), &model.module_), model_(model), steps_(steps), step_(step) {}
  std::optional<Value> find(const std::string& name, Span use) const override {
    Elaborator& elaborator = model_.elaborator_;
    if (name == steps_.name) return Builder::value(elaborator.builder().integer(step_, use), true);
    if (steps_.variables.count(name) > 0) return model_.family(name, use, kThisWorld, step_ - steps_.first);
    const auto let = steps_.lets.find(name);
    if (let == steps_.lets.end()) return std::nullopt;
    elaborator.mark_used(let->second);
    const auto key = std::pair(name, step_);
    if (const auto known = steps_.let_values.find(key); known != steps_.let_values.end()) return known->second;
    steps_.let_values[key] = Value{};  // a `let` of itself
    Value value = elaborator.expression(*let->second->value, *this);
    if (!value.poisoned() && let->second->type != nullptr) {
      const auto declared = elaborator.annotation(*let->second->type, *this);
      value = declared ? elaborator.fit(value, *declared, let->second->value->span, absl::StrCat("`", name, "`"), true) : Value{};
    }
    return steps_.let_values[key] = value;
  }
  void list(std::vector<std::string>& names) const override {
    names.push_back(steps_.name);
    for (const auto& [name, let] : steps_.lets) names.push_back(name);
  }

 private:
  ModelElaborator& model_;
  Steps& steps_;
  int64_t step_;
};

void ModelElaborator::learn(const syntax::Stmt& stmt) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  Annotation number;
  number.element = plain(ScalarKind::F64);
  const auto type = stmt.type != nullptr ? elaborator_.annotation(*stmt.type, *scope_) : std::optional<Annotation>(number);
  if (!type) return break_names(stmt);
  if (!type->fields.empty()) {
    diagnostics.report(Code::A0710, stmt.type->span, "learnt records are not built yet").note("declare a parameter per field");
    return break_names(stmt);
  }
  if (stmt.law != nullptr) {
    const Value prior = elaborator_.expression(*stmt.law, *scope_);
    if (!prior.poisoned() && prior.kind != Value::Kind::Law) {
      diagnostics.report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note("a prior is a distribution, such as `normal(0, 1)`");
    }
  }
  std::vector<double> values;
  if (stmt.value != nullptr) {
    const Value value = elaborator_.fit(elaborator_.number(*stmt.value, *scope_), *type, stmt.value->span, "the value of a learnt parameter", true);
    if (value.poisoned()) return break_names(stmt);
    if (!Elaborator::is_constant(value)) {
      diagnostics.report(Code::A0310, stmt.value->span, "the value of a learnt parameter must be known when compiling");
      return break_names(stmt);
    }
    values = Elaborator::constant_values(value);
  }
  for (const syntax::Name& name : stmt.names) {
    if (is_declared(name.text)) {
      claim(name, stmt);
      continue;
    }
    Slot slot;
    slot.role = Slot::Role::Learn;
    slot.name = absl::StrCat(model_->name, ".", name.text);
    slot.doc = stmt.doc;
    slot.span = name.span;
    Value learnt = elaborator_.slots(std::move(slot), *type, values, model_->slots);
    learnt.span = name.span;
    learnt_[name.text] = std::move(learnt);
  }
}

void ModelElaborator::mark_broken(Entry& entry) {
  entry.broken = true;
  sound_ = false;
}

std::vector<Variable*> ModelElaborator::members(const std::string& name, const Entry& entry) {
  if (entry.variable != nullptr) return {entry.variable};
  std::vector<Variable*> result;
  const Shape& shape = families_[name].shape;
  for (int64_t position = 0; position < element_count(shape); ++position) result.push_back(entries_[absl::StrCat(name, index_text(shape, position))].variable);
  return result;
}

/// Types a variable, or a whole family that one equation makes.
void ModelElaborator::type_variable(const std::string& name, Entry& entry) {
  if (!entry.root.empty() && entry.steps == nullptr) {
    Entry& root = entries_[entry.root];
    type_variable(entry.root, root);
    entry.typed = root.typed;
    entry.broken = root.broken;
    return;
  }
  if (entry.typed || entry.typing) return;
  if (entry.variable == nullptr && families_[name].steps != nullptr) return;  // typed step by step
  entry.typing = true;
  bool ok = true;
  elaborator_.enter(absl::StrCat(model_->name, ".", entry.root.empty() ? name : entry.root), entry.stmt, &model_->slots);
  switch (entry.stmt->kind) {
    case Kind::Input: ok = type_input(name, entry); break;
    case Kind::Exo: ok = type_exo(name, entry); break;
    default: ok = type_var(name, entry); break;
  }
  elaborator_.leave();
  if (!ok) mark_broken(entry);
  entry.typing = false;
  entry.typed = true;
}

bool ModelElaborator::type_input(const std::string& name, Entry& entry) {
  const auto type = elaborator_.annotation(*entry.stmt->type, *scope_);
  if (!type) return false;
  for (Variable* variable : members(name, entry)) {
    const Shape shape = variable->type.shape;
    variable->type = type->element;
    variable->type.shape = shape;
  }
  return true;
}

bool ModelElaborator::define_exo(Variable& variable, const LawCall& law, const std::optional<Annotation>& declared, Span span) {
  Builder& builder = elaborator_.builder();
  const Variable* made = elaborator_.make_exo(law, variable.name, variable.span, false, variable.type.shape);
  variable.type = made->type;
  variable.equation = made->equation;
  variable.support = made->support;
  variable.law_text = made->law_text;
  if (!declared) return true;
  Type type = declared->element;
  type.shape = made->type.shape;
  const Value as_declared = builder.coerce(Builder::value(made->equation), type, span, absl::StrCat("`", variable.name, "`"));
  if (as_declared.poisoned()) return false;
  const auto in_unit = [&](const Expr* bound) {
    return bound == nullptr ? nullptr : builder.as_unit(Builder::value(bound), type.unit, bound->span).expr;
  };
  variable.equation = as_declared.expr;
  variable.support.low = in_unit(variable.support.low);
  variable.support.high = in_unit(variable.support.high);
  variable.type = type;
  return true;
}

bool ModelElaborator::type_exo(const std::string& name, Entry& entry) {
  const syntax::Stmt& stmt = *entry.stmt;
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  for (Variable* variable : members(name, entry)) variable->equation = elaborator_.builder().number(0, variable->span);
  const auto law_of = [&](const LawCall& law, const Variable& variable, const Shape& shape, size_t i) {
    if (!variable.type.shape.empty()) return elaborator_.law_of_all(law, shape);
    return shape.empty() ? law : elaborator_.law_at(law, static_cast<int64_t>(i));
  };
  if (stmt.method != nullptr) {
    diagnostics.report(Code::A0708, stmt.method->span, "the choice of a noise's form is not built yet");
    return false;
  }
  std::optional<StepScope> step;
  if (entry.steps != nullptr) step.emplace(*this, *entry.steps, entry.step);
  const Scope& scope = step ? static_cast<const Scope&>(*step) : *scope_;
  const Value law = elaborator_.expression(*stmt.law, scope);
  if (law.poisoned()) return false;
  if (law.kind != Value::Kind::Law) {
    diagnostics.report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note("a law is a distribution, such as `normal(0, 1)`; a definition is `var x = …`");
    return false;
  }
  std::optional<Annotation> declared;
  if (stmt.type != nullptr) {
    declared = elaborator_.annotation(*stmt.type, scope);
    if (!declared) return false;
  }
  const auto shape = elaborator_.law_shape(*law.law);
  if (!shape || !agree(name, entry, *shape, stmt.law->span)) return false;
  const std::vector<Variable*> variables = members(name, entry);
  for (size_t i = 0; i < variables.size(); ++i) {
    if (!define_exo(*variables[i], law_of(*law.law, *variables[i], *shape, i), declared, stmt.law->span)) return false;
  }
  return true;
}

/// Whether a law or value of `shape` can be that of `name`; a name declared without a shape takes it.
bool ModelElaborator::agree(const std::string& name, Entry& entry, const Shape& shape, Span span) {
  if (shape.empty()) return true;
  if (entry.steps != nullptr) {
    elaborator_.diagnostics().report(Code::A0706, span, "vectors inside `over` are not built yet").note("declare a variable per element");
    return false;
  }
  if (entry.variable != nullptr && entry.stmt->type == nullptr) {
    make_family(name, shape, *entry.stmt, nullptr);
    return true;
  }
  const Shape own = entry.variable != nullptr ? entry.variable->type.shape : families_[name].shape;
  if (own == shape) return true;
  elaborator_.diagnostics().report(Code::A0312, span, absl::StrCat("`", name, "` ", own.empty() ? "is one number" : absl::StrCat("has the shape ", to_string(own)), ", and this has ", to_string(shape)));
  return false;
}

bool ModelElaborator::type_var(const std::string& name, Entry& entry) {
  const syntax::Stmt& stmt = *entry.stmt;
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  Builder& builder = elaborator_.builder();
  std::optional<StepScope> step;
  if (entry.steps != nullptr) step.emplace(*this, *entry.steps, entry.step);
  const Scope& scope = step ? static_cast<const Scope&>(*step) : *scope_;
  std::optional<Annotation> declared;
  if (stmt.type != nullptr) {
    declared = elaborator_.annotation(*stmt.type, scope);
    if (!declared) return false;
  }
  for (Variable* variable : members(name, entry)) {
    const Shape whole = variable->type.shape;
    if (declared) variable->type = declared->element;  // known to equations that lead back here
    variable->type.shape = whole;
    variable->equation = builder.number(0, variable->span, variable->type.unit);
  }
  if (stmt.has_parents || (stmt.value == nullptr && stmt.law == nullptr)) {
    diagnostics.report(Code::A0707, stmt.span, absl::StrCat("`", name, "` has no equation, and non-parametric models are not built yet"))
        .note("write `var x = …` or `var x ~ …`");
    return false;
  }
  if (stmt.method != nullptr) {
    diagnostics.report(Code::A0708, stmt.method->span, "the choice of a noise's form is not built yet");
    return false;
  }
  std::vector<Value> values;
  if (stmt.law != nullptr) {
    const Value law = elaborator_.expression(*stmt.law, scope);
    if (law.poisoned()) return false;
    if (law.kind != Value::Kind::Law) {
      diagnostics.report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note(absl::StrCat("a definition is `var ", name, " = …`"));
      return false;
    }
    const auto shape = elaborator_.law_shape(*law.law);
    if (!shape || !agree(name, entry, *shape, stmt.law->span)) return false;
    const std::vector<Variable*> variables = members(name, entry);
    for (size_t i = 0; i < variables.size(); ++i) {
      std::vector<Variable*> noises;
      const Shape& whole = variables[i]->type.shape;
      const LawCall element = !whole.empty() ? elaborator_.law_of_all(*law.law, whole) : shape->empty() ? *law.law : elaborator_.law_at(*law.law, static_cast<int64_t>(i));
      values.push_back(elaborator_.draw_variables(element, absl::StrCat(variables[i]->name, ".noise"), variables[i]->span, noises, whole).result);
      for (Variable* noise : noises) {
        Entry& made = entries_[noise->name];
        made.stmt = &stmt;
        made.variable = noise;
        made.typed = true;
        model_->variables.push_back(noise);
      }
      if (values.back().poisoned()) return false;
    }
  } else {
    Value value = elaborator_.number(*stmt.value, scope);
    if (value.poisoned() || (value.is_tensor() && !agree(name, entry, value.shape, value.span))) return false;
    const std::vector<Variable*> variables = members(name, entry);
    if (variables.size() == 1 && !variables[0]->type.shape.empty()) {
      Value all = value;
      all.expr = builder.as_whole(value, variables[0]->type.shape);
      all.kind = Value::Kind::Number;
      all.items = nullptr;
      values = {all};
    } else if (value.is_tensor()) {
      values = *builder.as_items(value).items;
    } else {
      values.assign(variables.size(), value);
    }
  }
  const std::vector<Variable*> variables = members(name, entry);
  for (size_t i = 0; i < variables.size(); ++i) {
    Value& value = values[i];
    if (value.expr->type.scalar != ScalarKind::Bool && !is_float(value.expr->type.scalar) && !declared && value.literal) {
      value = builder.as_scalar(value, ScalarKind::F64, value.span);  // var x = 1 is a number like others
    }
    if (declared) {
      value = builder.coerce(value, declared->element, value.span, absl::StrCat("`", variables[i]->name, "`"));
      if (value.poisoned()) return false;
    } else {
      const Shape whole = variables[i]->type.shape;
      variables[i]->type = value.expr->type;
      variables[i]->type.range.reset();
      variables[i]->type.shape = whole;
    }
    variables[i]->equation = value.expr;
  }
  return true;
}

/// A vector as a value: its elements are looked up, and typed, when they are asked for.
std::optional<Value> ModelElaborator::family(const std::string& name, Span use, WorldId world, int64_t here) {
  Value value;
  value.kind = Value::Kind::Family;
  value.shape = families_[name].shape;
  value.here = here;
  value.span = use;
  value.element = [this, name, use, world, shape = value.shape](int64_t position) {
    return *find(absl::StrCat(name, index_text(shape, position)), use, world);
  };
  return value;
}

std::optional<Value> ModelElaborator::find(const std::string& name, Span use, WorldId world) {
  Builder& builder = elaborator_.builder();
  if (const auto entry = entries_.find(name); entry != entries_.end()) {
    type_variable(name, entry->second);
    if (entry->second.broken) return Value{};
    if (entry->second.variable == nullptr) return family(name, use, world, -1);
    return Builder::whole(builder.variable(entry->second.variable, world, use), use);
  }
  // `x.noise` exists once x is typed.
  if (const size_t dot = name.find(".noise"); dot != std::string::npos) {
    const auto owner = entries_.find(name.substr(0, dot));
    if (owner == entries_.end() || owner->second.typing) return std::nullopt;
    const bool typed = owner->second.typed;
    type_variable(owner->first, owner->second);
    if (!typed && entries_.count(name) > 0) return find(name, use, world);
    // The noises of a vector are a vector.
    if (owner->second.variable != nullptr || name.size() != dot + 6 || owner->second.broken) return std::nullopt;
    Value noises = *family(owner->first, use, world, -1);
    if (entries_.count(absl::StrCat(owner->first, index_text(noises.shape, 0), ".noise")) == 0) return std::nullopt;
    noises.element = [this, root = owner->first, use, world, shape = noises.shape](int64_t position) {
      return *find(absl::StrCat(root, index_text(shape, position), ".noise"), use, world);
    };
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
  value.span = use;
  return value;
}

Value ModelElaborator::let_value(const std::string& name, const syntax::Stmt& stmt) {
  elaborator_.enter(absl::StrCat(model_->name, ".", name), &stmt, &model_->slots);
  Value value = elaborator_.expression(*stmt.value, *scope_);
  elaborator_.leave();
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
    return {entry->second.variable};
  }
  shape = families_[name].shape;
  std::vector<const Variable*> result;
  for (int64_t position = 0; position < element_count(shape); ++position) {
    Entry& element = entries_[absl::StrCat(name, index_text(shape, position))];
    type_variable(element.variable->name, element);
    if (element.broken) return {};
    result.push_back(element.variable);
  }
  return result;
}

std::optional<std::string> ModelElaborator::step_name(const std::string& name) const {
  const auto found = families_.find(name);
  if (found == families_.end() || found->second.steps == nullptr) return std::nullopt;
  return found->second.steps->name;
}

void ModelElaborator::list(std::vector<std::string>& names) const {
  for (const auto& [name, entry] : entries_) {
    if (entry.root.empty()) names.push_back(name);
  }
  for (const auto& [name, let] : lets_) names.push_back(name);
  for (const auto& [name, slot] : learnt_) names.push_back(name);
  for (const auto& [name, constraint] : constraints_) names.push_back(name);
}

}  // namespace acie::sema
