// `over t in 0..T { … }`: families with a variable per step.
#include "compiler/Sema/Steps.h"
#include "compiler/Sema/Lets.h"
#include "compiler/Sema/OpenStepScope.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace acie::sema {

using Kind = syntax::Stmt::Kind;

/// A `let` of each step.
void ModelElaborator::over_let(const syntax::Stmt& stmt, Steps& steps) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (!names_a_value(stmt, "a model", diagnostics)) return break_names(stmt);
  const syntax::Name& name = stmt.names[0];
  if (!is_declared(name.text) && steps.lets.emplace(name.text, &stmt).second) return;
  diagnostics.report(Code::A0202, stmt.span, absl::StrCat("`", name.text, "` is declared twice in `", model_->name, "`"));
  sound_ = false;
}

/// over t in 0..T { … }: a variable per step.
void ModelElaborator::over(const syntax::Stmt& stmt) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (stmt.value->kind != syntax::Expr::Kind::Range) {
    diagnostics.report(Code::A0312, stmt.value->span, "`over` runs over a range, `over t in 0..T`");
    return break_names(stmt);
  }
  const Value end = elaborator_.scalar(*stmt.value->operands[1], *scope_);
  const auto open = end.poisoned() ? std::nullopt : Builder::size_of(end.expr);
  const auto first = elaborator_.integer(*stmt.value->operands[0], *scope_, "the first step");
  if (end.poisoned() || !first) return break_names(stmt);
  if (open && sizes::is_open(*open) && *first == 0) return over_open(stmt, *open);
  const auto last = elaborator_.integer(*stmt.value->operands[1], *scope_, "the end of the steps");
  if (!last) return break_names(stmt);
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
      case Kind::Let: over_let(*inner, steps); break;
      case Kind::Input: case Kind::Exo: case Kind::Var: over_variable(*inner, steps, names); break;
      case Kind::Learn: over_learn(*inner, steps); break;
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

/// Types every step: only the first says which shape a series has that is declared without one.
void ModelElaborator::type_steps(const std::string& name) {
  const int64_t count = families_[name].steps->count;
  for (int64_t step = 0; step < count; ++step) {
    const std::string of = absl::StrCat(name, "[", step, "]");
    type_variable(of, entries_[of]);
  }
}

/// A variable of each step, with a shape of its own if it has one.
void ModelElaborator::over_variable(const syntax::Stmt& stmt, Steps& steps, std::vector<std::string>& names) {
  Shape shape{steps.count};
  const bool written = stmt.type != nullptr && (!stmt.type->dims.empty() || stmt.type->kind == syntax::Type::Kind::Named || stmt.type->kind == syntax::Type::Kind::Record);
  const auto type = written ? elaborator_.annotation(*stmt.type, *scope_) : std::nullopt;
  if (written && !type) return break_names(stmt);
  if (type) shape.insert(shape.end(), type->shape.begin(), type->shape.end());
  for (const syntax::Name& name : stmt.names) {
    Entry* entry = claim(name, stmt);
    if (entry == nullptr) continue;
    order_.pop_back();
    const auto role = stmt.kind == Kind::Input ? Variable::Role::Input : stmt.kind == Kind::Exo ? Variable::Role::Exo : Variable::Role::Var;
    entry->variable->role = role;
    if (type && !type->fields.empty()) {
      order_.push_back(name.text);  // which a record gives back
      declare_record(name, stmt, role, *type, &steps, &names);
      continue;
    }
    if (type) entry->variable->type = type->element;
    steps.variables.insert(name.text);
    names.push_back(name.text);
    make_family(name.text, shape, stmt, &steps);
  }
}

/// A learnt value for each step: one parameter with the steps as its first axis.
void ModelElaborator::over_learn(const syntax::Stmt& stmt, Steps& steps) {
  Annotation number;
  number.element = plain(ScalarKind::F64);
  const auto type = stmt.type != nullptr ? elaborator_.annotation(*stmt.type, *scope_) : std::optional<Annotation>(number);
  if (!type) return break_names(stmt);
  for (const syntax::Name& name : stmt.names) over_learn_as(name, stmt, *type, steps);
}

void ModelElaborator::over_learn_as(const syntax::Name& name, const syntax::Stmt& stmt, const Annotation& of, Steps& steps) {
  if (!of.fields.empty()) {
    if (is_declared(name.text)) {
      claim(name, stmt);
      return;
    }
    const auto parts = elaborator_.learnt_fields(stmt, name, of);
    if (!parts) return break_name(name);
    records_[name.text] = {&stmt, of, {}, &steps};
    for (size_t i = 0; i < parts->size(); ++i) over_learn_as((*parts)[i].names[0], (*parts)[i], of.fields[i].type, steps);
    return;
  }
  const Annotation* const type = &of;
  Elaborator::FirstValues first;
  const bool open = sizes::is_open(steps.count);
  for (int64_t step = 0; step < (open ? 1 : steps.count); ++step) {
    std::unique_ptr<Scope> scope;
    if (open) scope = std::make_unique<OpenStepScope>(*this, steps, kThisWorld, "", scope_.get());
    else scope = std::make_unique<StepScope>(*this, steps, steps.first + step);
    const auto more = first_values(stmt, *type, *scope);
    if (!more) return break_name(name);
    first.values.insert(first.values.end(), more->values.begin(), more->values.end());
    first.initial = more->initial;
  }
  if ((open || sizes::any_open(type->shape)) && !first.values.empty()) {
    // Of an open shape there is one value for all elements, of all steps too.
    if (std::any_of(first.values.begin(), first.values.end(), [&](double value) { return value != first.values[0]; })) {
      Shape shape = type->shape;
      if (open) shape.insert(shape.begin(), steps.count);
      elaborator_.diagnostics().report(Code::A0701, stmt.value->span, absl::StrCat("first values that differ from ", open ? "element to element" : "step to step", ", of a size that is read at start, ", to_string(shape), ", are not built yet")).note("one number is the first value of all; `--params FILE` gives each its own");
      return break_name(name);
    }
    first.values = {first.values[0]};
  }
  Annotation all = *type;
  all.shape.insert(all.shape.begin(), steps.count);
  if (declare_learnt(name, stmt, all, first)) steps.learnt.insert(name.text);
}

/// A record of series, each of which stands at the step of `at`.
std::optional<Value> ModelElaborator::record_of_step(const std::string& name, const Steps& steps, const Scope& at, Span use) {
  const auto record = records_.find(name);
  if (record == records_.end() || record->second.steps != &steps) return std::nullopt;
  std::vector<std::string> names;
  std::vector<Value> parts;
  for (const auto& [field, of] : record->second.type.fields) {
    names.push_back(field);
    parts.push_back(*at.find(absl::StrCat(name, ".", field), use));
  }
  return elaborator_.builder().record(std::move(names), std::move(parts), use);
}

/// What a `let` of each step is, at the step of `at`.
Value ModelElaborator::let_of_step(const syntax::Stmt& let, const Scope& at) {
  const std::string& name = let.names[0].text;
  const Value value = elaborator_.named_by_let(elaborator_.expression(*let.value, at), absl::StrCat(model_->name, ".", name), &let);
  if (value.poisoned() || let.type == nullptr) return value;
  const auto declared = elaborator_.annotation(*let.type, at);
  return declared ? elaborator_.fit(value, *declared, let.value->span, absl::StrCat("`", name, "`"), true) : Value{};
}

std::optional<Value> ModelElaborator::StepScope::find(const std::string& name, Span use) const {
  Elaborator& elaborator = model_.elaborator_;
  if (name == steps_.name) return Builder::value(elaborator.builder().integer(step_, use), true);
  if (steps_.variables.count(name) > 0) return model_.family(name, use, kThisWorld, step_ - steps_.first);
  if (auto record = model_.record_of_step(name, steps_, *this, use)) return record;
  if (steps_.learnt.count(name) > 0) {
    // The tensor of all steps, of which the bare name is this step's part.
    Value value = *model_.find(name, use, kThisWorld);
    if (value.poisoned()) return value;
    Builder& builder = elaborator.builder();
    Value series;
    series.kind = Value::Kind::Family;
    series.shape = value.shape;
    series.here = step_ - steps_.first;
    series.span = use;
    if (value.is_whole()) {
      const Shape each(value.shape.begin() + 1, value.shape.end());
      const int64_t count = element_count(each);
      if (count > kUnrolled) series.slice = [&builder, value, each, count, use](int64_t step) { return Builder::whole(builder.part(value.expr, each, step * count, use), use); };
      series.element = [&builder, value, use](int64_t position) { return Builder::value(builder.view(value.expr, {}, position, {}, use)); };
    } else {
      series.element = [value](int64_t position) { return (*value.items)[static_cast<size_t>(position)]; };
    }
    return series;
  }
  const auto let = steps_.lets.find(name);
  if (let == steps_.lets.end()) return std::nullopt;
  elaborator.mark_used(let->second);
  const auto key = std::pair(name, step_);
  if (const auto known = steps_.let_values.find(key); known != steps_.let_values.end()) return known->second;
  steps_.let_values[key] = Value{};  // a `let` of itself
  elaborator.enter(absl::StrCat(model_.model_->name, ".", name), let->second, &model_.module_, &model_.model_->slots);
  Value value = model_.let_of_step(*let->second, *this);
  elaborator.leave();
  if (value.kind == Value::Kind::Function) {
    steps_.let_values.erase(key);  // it stands in this scope, which lives no longer than its use
    return value;
  }
  return steps_.let_values[key] = value;
}

std::optional<Value> ModelElaborator::PolicyScope::find(const std::string& name, Span use) const {
  if (auto own = Scope::find(name, use)) return own;
  if (steps_.variables.count(name) > 0) return model_.family(name, use, world_, step_ - steps_.first);
  if (auto record = model_.record_of_step(name, steps_, *this, use)) return record;
  auto value = at_.find(name, use);
  if (!value || value->poisoned() || steps_.lets.count(name) == 0) return value;
  Value here = elaborator_.builder().in_world(*value, world_);
  if (here.kind == Value::Kind::Function) here.world = world_;  // what it mentions is this world's
  return here;
}

void ModelElaborator::StepScope::list(std::vector<std::string>& names) const {
  names.push_back(steps_.name);
  for (const auto& [name, let] : steps_.lets) names.push_back(name);
}

std::unique_ptr<Scope> ModelElaborator::step_scope(const std::string& name, int64_t step, WorldId world, const Scope& parent) {
  return std::make_unique<PolicyScope>(*this, *steps_with(name), step, world, &parent);
}

}  // namespace acie::sema
