// The types, laws and equations of a model's variables: each is found on first use.

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Steps.h"

namespace acie::sema {

using Kind = syntax::Stmt::Kind;

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
  if (open_vectors_.count(name) > 0) return type_open_vector(name, entry);
  if (open_series_.count(name) > 0) return type_open_series(name, entry);
  if (entry.variable == nullptr && families_[name].steps != nullptr) return;  // typed step by step
  entry.typing = true;
  bool ok = true;
  elaborator_.enter(absl::StrCat(model_->name, ".", !entry.record.empty() ? entry.record : entry.root.empty() ? name : entry.root), entry.stmt, &module_, &model_->slots);
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
  const auto type = declared_type(entry, *scope_);
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
  Value drawn = Builder::value(made->equation);
  drawn.span = span;
  const Value as_declared = builder.coerce(drawn, type, span, absl::StrCat("`", variable.name, "`"));
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
  if (shape && !shape->empty() && Elaborator::is_joint(*law.law)) {
    diagnostics.report(Code::A0402, stmt.law->span, "noises are independent of each other, and this is a law of a tensor").note(absl::StrCat("declare it `var ", name, " ~ …`: it is made of the noises that the law draws"));
    return false;
  }
  if (!shape || !agree(name, entry, *shape, stmt.law->span)) return false;
  const std::vector<Variable*> variables = members(name, entry);
  for (size_t i = 0; i < variables.size(); ++i) {
    if (!define_exo(*variables[i], law_of(*law.law, *variables[i], *shape, i), declared, stmt.law->span)) return false;
  }
  return true;
}

/// Noises that a law of `stmt` made, which have their types already.
void ModelElaborator::add_noises(const std::vector<Variable*>& noises, const syntax::Stmt& stmt) {
  for (Variable* noise : noises) {
    Entry& made = entries_[noise->name];
    made.stmt = &stmt;
    made.variable = noise;
    made.typed = true;
    model_->variables.push_back(noise);
  }
}

/// Whether a law or value of `shape` can be that of `name`; a name declared without a shape takes it.
bool ModelElaborator::agree(const std::string& name, Entry& entry, const Shape& shape, Span span) {
  if (shape.empty()) return true;
  if (entry.steps != nullptr) {
    const Shape own = families_[entry.root].each();
    if (own == shape || (own.empty() && entry.stmt->type == nullptr && grow_steps(entry.root, shape, *entry.stmt, *entry.steps))) return true;
    elaborator_.diagnostics().report(Code::A0312, span, absl::StrCat("`", entry.root, "` ", own.empty() ? "is one number at each step" : absl::StrCat("has the shape ", to_string(own), " at each step"), ", and this has ", to_string(shape)))
        .note(absl::StrCat("declare its shape: `", entry.root, " : f64", to_string(shape), "`"));
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
    declared = declared_type(entry, scope);
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
  Value joint;  // what a law of a tensor gives
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
    if (!shape->empty() && Elaborator::is_joint(*law.law)) {
      std::vector<std::string> names;
      for (const Variable* variable : variables) names.push_back(variable->name);
      std::vector<Variable*> noises;
      joint = elaborator_.draw_jointly(*law.law, name, names, *shape, stmt.names[0].span, noises);
      add_noises(noises, stmt);
      if (joint.poisoned()) return false;
    }
    for (size_t i = 0; joint.poisoned() && i < variables.size(); ++i) {
      std::vector<Variable*> noises;
      const Shape& whole = variables[i]->type.shape;
      const LawCall element = !whole.empty() ? elaborator_.law_of_all(*law.law, whole) : shape->empty() ? *law.law : elaborator_.law_at(*law.law, static_cast<int64_t>(i));
      values.push_back(elaborator_.draw_variables(element, absl::StrCat(variables[i]->name, ".noise"), variables[i]->span, noises, whole).result);
      add_noises(noises, stmt);
      if (values.back().poisoned()) return false;
      if (declared) values.back() = elaborator_.as_drawn(values.back(), *law.law, declared->element);
      if (values.back().poisoned()) return false;
    }
  }
  if (stmt.law == nullptr || !joint.poisoned()) {
    Value value = !joint.poisoned() ? joint : entry.record.empty() ? elaborator_.number(*stmt.value, scope) : field_value(name, entry, scope);
    if (value.is_tensor() && declared && value.shape.size() == declared->shape.size() && std::count(value.shape.begin(), value.shape.end(), kStretch) > 0) {
      value = elaborator_.fit(value, Annotation{value.is_whole() ? value.expr->type : (*value.items)[0].expr->type, declared->shape, {}}, value.span, absl::StrCat("`", name, "`"), false);
    }
    value = Builder::settled_axes(std::move(value));
    if (value.poisoned() || (value.is_tensor() && !agree(name, entry, value.shape, value.span))) return false;
    const std::vector<Variable*> variables = members(name, entry);
    if (variables.size() == 1 && !variables[0]->type.shape.empty()) {
      Value all = value;
      all.expr = builder.as_whole(value, variables[0]->type.shape);
      all.kind = Value::Kind::Number;
      all.items = nullptr;
      values = {all};
    } else if (value.is_whole()) {
      for (size_t i = 0; i < variables.size(); ++i) {
        values.push_back(Builder::value(builder.element(value.expr, static_cast<int64_t>(i)), value.literal));
        values.back().span = value.span;
      }
    } else if (value.is_tensor()) {
      values = *value.items;
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

}  // namespace acie::sema
