// `over t in 0..T { … }` with as many steps as the data say: each series is one variable, a vector over the steps, whose
// equation is elaborated once for all of them. Series that need their own past are computed by a loop (StepLoops.h).

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Lets.h"
#include "compiler/Sema/OpenStepScope.h"

namespace acie::sema {

using Kind = syntax::Stmt::Kind;

namespace {

/// A shape in the type of what each step has that is no small known one, else null.
const Shape* too_large(const Annotation& type) {
  for (const Annotation::Field& field : type.fields) {
    if (const Shape* found = too_large(field.type)) return found;
  }
  return sizes::any_open(type.shape) || element_count(type.shape) > kUnrolled ? &type.shape : nullptr;
}

}  // namespace

/// After `name` was claimed: one series, or one for each element of a vector.
void ModelElaborator::declare_open(const std::string& name, const Annotation& type, const syntax::Stmt& stmt, Steps& steps) {
  Variable& variable = *entries_[name].variable;
  variable.type = type.element;
  if (!type.shape.empty()) return make_open_vector(name, type, stmt, steps);
  make_whole(variable, {steps.count}, stmt);
  steps.variables.insert(name);
  open_series_[name] = &steps;
}

void ModelElaborator::over_open(const syntax::Stmt& stmt, int64_t count) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  auto made = std::make_unique<Steps>();
  Steps& steps = *made;
  steps.stmt = &stmt;
  steps.name = stmt.names[0].text;
  steps.count = count;
  Expr places = *elaborator_.builder().places({count}, 0, {1}, stmt.names[0].span);
  places.type.range = Range{0, std::numeric_limits<double>::infinity()};
  steps.number = Builder::value(elaborator_.program().make(std::move(places)), true);
  steps_.push_back(std::move(made));
  const auto later = [&](const syntax::Stmt& inner, Code code, const std::string& what, const std::string& note) {
    diagnostics.report(code, inner.span, absl::StrCat(what, " not built yet where the number of steps is read at start")).note(note);
    break_names(inner);
  };
  for (const syntax::Stmt* inner : stmt.body) {
    switch (inner->kind) {
      case Kind::Let: over_let(*inner, steps); continue;
      case Kind::Input: case Kind::Exo: case Kind::Var: break;
      case Kind::Learn: over_learn(*inner, steps); continue;
      default: later(*inner, Code::A0706, "this statement is", "`input`, `exo`, `var`, `let` and `learn` are"); continue;
    }
    const auto type = inner->type != nullptr ? elaborator_.annotation(*inner->type, *scope_) : std::optional(Annotation{plain(ScalarKind::F64), {}, {}});
    if (!type) {
      break_names(*inner);
      continue;
    }
    if (const Shape* each = too_large(*type)) {
      later(*inner, Code::A0701, absl::StrCat("tensors of more than ", kUnrolled, " elements at each step, as of ", to_string(*each), ", are"), "a model variable outside of `over` may be `f64[T, …]` of any size");
      continue;
    }
    for (const syntax::Name& name : inner->names) {
      Entry* entry = claim(name, *inner);
      if (entry == nullptr) continue;
      const auto role = inner->kind == Kind::Input ? Variable::Role::Input : inner->kind == Kind::Exo ? Variable::Role::Exo : Variable::Role::Var;
      entry->variable->role = role;
      if (type->fields.empty()) declare_open(name.text, *type, *inner, steps);
      else declare_record(name, *inner, role, *type, &steps);
    }
  }
}

/// One step's part of a series: this step's by its bare name, earlier ones by `l[t-1]`. A slice at -2 is what was two steps
/// ago, one at 1 the first step's as later ones read it, one at 3 the third's.
Value ModelElaborator::open_series(const std::string& name, const Steps& steps, WorldId world, bool natural, Span use) {
  Entry& entry = entries_[name];
  type_variable(name, entry);
  if (entry.broken) return Value{};
  if (entry.typing) assumed_.insert(name);
  const Variable* variable = entry.variable;
  Builder& builder = elaborator_.builder();
  Value series;
  series.kind = Value::Kind::Family;
  series.shape = {steps.count};
  series.here = 0;
  series.fields = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{steps.name});
  series.span = use;
  series.slice = [&builder, variable, world, natural, count = steps.count, use](int64_t back) {
    const Expr* all = natural && back == 0 ? builder.natural(variable, world, use) : builder.variable(variable, world, use);
    if (back < 0) return Builder::value(builder.gather(all, places_before(builder, -back, count, use), use));
    if (back < 2) return Builder::value(back == 0 ? all : builder.view(all, {count}, 0, {0}, use));
    return Builder::value(builder.gather(all, places_until(builder, back - 1, count, use), use));
  };
  series.element = [&builder, variable, world, use](int64_t step) { return Builder::value(builder.view(builder.variable(variable, world, use), {}, step, {}, use)); };
  return series;
}

std::optional<Value> ModelElaborator::OpenStepScope::find(const std::string& name, Span use) const {
  if (auto own = Scope::find(name, use)) return own;
  if (name == steps_.name) return steps_.number;
  if (steps_.variables.count(name) > 0) {
    const bool natural = name == target_ || (name.size() > target_.size() && name[target_.size()] == '.' && name.compare(0, target_.size(), target_) == 0 && !target_.empty());
    return model_.open_vector(name) != nullptr ? model_.open_vector_here(name, steps_, world_, [this, natural](int64_t k) { return natural && (positions_.empty() || std::find(positions_.begin(), positions_.end(), k) != positions_.end()); }, use) : model_.open_series(name, steps_, world_, natural, use);
  }
  if (steps_.learnt.count(name) > 0) return model_.open_learnt_here(name, steps_, use);
  if (auto record = model_.record_of_step(name, steps_, *this, use)) return record;
  const auto let = steps_.lets.find(name);
  if (let == steps_.lets.end()) return std::nullopt;
  Elaborator& elaborator = model_.elaborator_;
  elaborator.mark_used(let->second);
  const auto key = std::pair(name, static_cast<int64_t>(world_));
  if (const auto known = steps_.let_values.find(key); known != steps_.let_values.end()) return known->second;
  steps_.let_values[key] = Value{};  // a `let` of itself
  elaborator.enter(absl::StrCat(model_.model_->name, ".", name), let->second, &model_.module_, &model_.model_->slots);
  Value value;
  {
    const OpenStepScope here(model_, steps_, world_, "", parent());
    value = model_.let_of_step(*let->second, here);
    if (value.kind == Value::Kind::Function) value.names = this;
  }
  elaborator.leave();
  if (value.kind == Value::Kind::Function) {
    steps_.let_values.erase(key);  // it stands in this scope, which lives no longer than its use
    return value;
  }
  return steps_.let_values[key] = value;
}

void ModelElaborator::OpenStepScope::list(std::vector<std::string>& names) const {
  names.push_back(steps_.name);
  for (const auto& [name, let] : steps_.lets) names.push_back(name);
}

void ModelElaborator::type_open_series(const std::string& name, Entry& entry) {
  entry.typing = true;
  elaborator_.enter(absl::StrCat(model_->name, ".", entry.record.empty() ? name : entry.record), entry.stmt, &module_, &model_->slots);
  const OpenStepScope scope(*this, *open_series_[name], kThisWorld, "", scope_.get());
  const syntax::Stmt& stmt = *entry.stmt;
  bool ok = true;  // the type of an input is as it was declared
  if (stmt.kind != Kind::Input) ok = check_open_statement(name, stmt) && (stmt.law != nullptr ? type_open_law(name, entry, scope) : type_open_equation(name, entry, scope));
  elaborator_.leave();
  if (!ok) mark_broken(entry);
  entry.typing = false;
  entry.typed = true;
}

bool ModelElaborator::check_open_statement(const std::string& name, const syntax::Stmt& stmt) {
  if (stmt.has_parents || (stmt.value == nullptr && stmt.law == nullptr)) {
    elaborator_.diagnostics().report(Code::A0707, stmt.span, absl::StrCat("`", name, "` has no equation, and non-parametric models are not built yet")).note("write `var x = …` or `var x ~ …`");
    return false;
  }
  if (stmt.method == nullptr) return true;
  elaborator_.diagnostics().report(Code::A0708, stmt.method->span, "the choice of a noise's form is not built yet");
  return false;
}

/// The law of a statement at all steps, `shape`, at once; nullopt after reporting.
std::optional<LawCall> ModelElaborator::open_law(const syntax::Stmt& stmt, const Shape& shape, const Scope& scope) {
  Value written;
  {
    const Builder::Loop loop(elaborator_.builder(), shape);
    written = elaborator_.expression(*stmt.law, scope);
  }
  if (written.poisoned()) return std::nullopt;
  if (written.kind == Value::Kind::Law) return *written.law;
  elaborator_.diagnostics().report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note("a law is a distribution, such as `normal(0, 1)`; a definition is `var x = …`");
  return std::nullopt;
}

/// `exo u ~ …`, `var y ~ …`: a law per step, whose arguments may differ from step to step.
bool ModelElaborator::type_open_law(const std::string& name, Entry& entry, const Scope& scope) {
  const syntax::Stmt& stmt = *entry.stmt;
  entry.variable->equation = elaborator_.builder().number(0, entry.variable->span, entry.variable->type.unit);
  const auto law = open_law(stmt, entry.variable->type.shape, scope);
  if (!law) return false;
  const auto of = elaborator_.law_shape(*law);
  if (!of) return false;
  if (!of->empty()) {
    elaborator_.diagnostics().report(Code::A0312, stmt.law->span, absl::StrCat("`", name, "` is one number at each step, and this has ", to_string(*of))).note(absl::StrCat("declare its shape: `", name, " : f64", to_string(*of), "`"));
    return false;
  }
  return settle_open_law(name, entry, *law, stmt.type != nullptr);
}

/// Gives a series the law of one number at each step.
bool ModelElaborator::settle_open_law(const std::string& name, Entry& entry, LawCall law, bool declared) {
  Variable& variable = *entry.variable;
  const syntax::Stmt& stmt = *entry.stmt;
  const Shape shape = variable.type.shape;
  for (Value& argument : law.arguments) {
    if (argument.is_number() && argument.expr->type.shape == shape) argument = Builder::whole(argument.expr, argument.span);
  }
  const LawCall all = elaborator_.law_of_all(law, shape);
  std::optional<Annotation> type;
  if (declared) type = Annotation{variable.type, shape, {}};
  if (stmt.kind == Kind::Exo) return define_exo(variable, all, type, stmt.law->span);
  std::vector<Variable*> noises;
  Value drawn = elaborator_.draw_variables(all, absl::StrCat(name, ".noise"), variable.span, noises, shape).result;
  add_noises(noises, stmt);
  if (drawn.poisoned()) return false;
  if (declared) drawn = elaborator_.as_drawn(drawn, law, type->element);
  return settle_open_type(name, entry, drawn, declared);
}

bool ModelElaborator::type_open_equation(const std::string& name, Entry& entry, const Scope& scope) {
  Variable& variable = *entry.variable;
  Builder& builder = elaborator_.builder();
  const Shape shape = variable.type.shape;
  variable.equation = builder.number(0, variable.span, variable.type.unit);
  Value value;
  {
    const Builder::Loop loop(builder, shape);
    value = entry.record.empty() ? elaborator_.number(*entry.stmt->value, scope) : field_value(name, entry, scope);
  }
  if (value.poisoned()) return false;
  if (!value.is_number()) {
    elaborator_.diagnostics().report(Code::A0312, value.span, absl::StrCat("`", name, "` is one number at each step, and this has ", to_string(value.shape))).note(absl::StrCat("declare its shape: `", name, " : f64", to_string(value.shape), "`"));
    return false;
  }
  return settle_open_type(name, entry, value, entry.stmt->type != nullptr);
}

/// The type of a series as declared, else what its equation has: but f64 where that was needed before it was known.
bool ModelElaborator::settle_open_type(const std::string& name, Entry& entry, Value value, bool declared) {
  Variable& variable = *entry.variable;
  Builder& builder = elaborator_.builder();
  if (value.poisoned()) return false;
  // Already one number per step, unless it is the same at all: another series' equation may be around this one.
  if (value.expr->type.shape.empty()) value.expr = builder.as_whole(value, variable.type.shape);
  if (declared || assumed_.count(name) > 0) {
    const size_t reported = elaborator_.diagnostics().size();
    Type type = variable.type;
    type.shape.clear();
    value = builder.coerce(value, type, value.span, absl::StrCat("`", name, "`"));
    if (value.poisoned() && !declared && elaborator_.diagnostics().size() > reported) elaborator_.diagnostics().report(Code::A0313, variable.span, absl::StrCat("`", name, "` needs its own earlier steps, and its type is not written")).note(absl::StrCat("declare it: `var ", name, " : f64<…> = …`"));
    if (value.poisoned()) return false;
  } else {
    if (value.literal && !is_float(value.expr->type.scalar) && value.expr->type.scalar != ScalarKind::Bool) value = builder.as_scalar(value, ScalarKind::F64, value.span);
    const Shape shape = variable.type.shape;
    variable.type = value.expr->type;
    variable.type.range.reset();
    variable.type.shape = shape;
  }
  variable.equation = value.expr;
  return true;
}

/// `e` with these variables as what stands for them.
const Expr* ModelElaborator::replace_series(const Expr* e, const std::map<const Variable*, const Expr*>& by, std::map<const Expr*, const Expr*>& done) {
  if (const auto known = done.find(e); known != done.end()) return known->second;
  const Expr* result = e;
  if (const auto found = e->kind == Expr::Kind::Variable ? by.find(e->variable) : by.end(); found != by.end()) {
    result = found->second;
  } else if (!e->operands.empty()) {
    std::vector<const Expr*> operands;
    for (const Expr* operand : e->operands) operands.push_back(replace_series(operand, by, done));
    if (operands != e->operands) {
      Expr moved = *e;
      moved.operands = std::move(operands);
      result = elaborator_.program().make(std::move(moved));
    }
  }
  return done[e] = result;
}

/// When all are typed: series that need their own past, alone or through each other, become a loop.
void ModelElaborator::roll_open_series() {
  std::vector<StepSeries> series;
  std::map<const Variable*, const Steps*> of;
  for (const auto& [name, steps] : open_series_) {
    Variable* variable = entries_[name].variable;
    if (variable->role == Variable::Role::Exo) continue;
    of[variable] = steps;
    if (variable->role == Variable::Role::Var) steps_of_[variable] = variable->equation;
    series.push_back({variable, variable->role == Variable::Role::Var ? variable->equation : nullptr, nullptr, nullptr});
  }
  // A step's own equation, for its noise: what follows from other series without a noise of its own is computed from these.
  std::map<const Variable*, const Expr*> plain_of;
  for (const SeriesGroup& group : group_series(series, kThisWorld)) {
    if (!group.circle) continue;
    std::vector<StepSeries> together;
    for (const size_t i : group.members) together.push_back(series[i]);
    const auto has_noise = [](const StepSeries& each) {
      const std::vector<const Expr*> reads = references(each.step);
      return std::any_of(reads.begin(), reads.end(), [](const Expr* r) { return r->variable->role == Variable::Role::Exo; });
    };
    std::vector<StepSeries> without;
    for (const StepSeries& each : together) {
      if (!has_noise(each)) without.push_back(each);
    }
    for (size_t pass = 0; pass < without.size(); ++pass) {
      for (const StepSeries& each : without) {
        if (plain_of.count(each.variable) > 0) continue;
        std::map<const Expr*, const Expr*> done;
        const Expr* replaced = replace_series(each.step, plain_of, done);
        const std::vector<const Expr*> reads = references(replaced);
        const bool open = std::any_of(reads.begin(), reads.end(), [&](const Expr* r) {
          return std::any_of(without.begin(), without.end(), [&](const StepSeries& other) { return other.variable == r->variable; });
        });
        if (!open) plain_of[each.variable] = replaced;
      }
    }
    const std::vector<const Expr*> rolled = roll_series(elaborator_.builder(), together, kThisWorld, of[together[0].variable]->count);
    if (rolled.empty()) {
      sound_ = false;
      return;
    }
    for (size_t i = 0; i < together.size(); ++i) {
      auto* variable = const_cast<Variable*>(together[i].variable);
      Variable step = *variable;
      step.name = absl::StrCat(variable->name, ".step");
      std::map<const Expr*, const Expr*> done;
      step.equation = replace_series(together[i].step, plain_of, done);
      step.doc.clear();
      step.generated = true;
      step_equations_[variable] = model_->variables.emplace_back(elaborator_.program().make(std::move(step)));
      variable->equation = rolled[i];
      rolled_with_[variable] = together.size();
    }
  }
}

std::vector<StepSeries> ModelElaborator::series_with(const Variable* variable) const {
  std::vector<StepSeries> result;
  if (open_series_.count(variable->name) == 0) return result;
  for (const auto& [name, steps] : open_series_) {
    const Variable* each = entries_.at(name).variable;
    if (each->role == Variable::Role::Exo || steps->count != open_series_.at(variable->name)->count) continue;
    const auto step = steps_of_.find(each);
    result.push_back({each, step == steps_of_.end() ? nullptr : step->second, nullptr, nullptr});
  }
  return result;
}

const Variable* ModelElaborator::step_equation(const Variable* series) const {
  const auto found = step_equations_.find(series);
  return found == step_equations_.end() ? nullptr : found->second;
}

ModelElaborator::Steps* ModelElaborator::open_steps(const std::string& name) const {
  if (const auto found = open_series_.find(name); found != open_series_.end()) return found->second;
  if (const auto found = open_vectors_.find(name); found != open_vectors_.end()) return found->second.steps;
  const auto record = records_.find(name);
  return record != records_.end() && record->second.steps != nullptr && sizes::is_open(record->second.steps->count) ? record->second.steps : nullptr;
}

std::vector<ModelElaborator::OpenPart> ModelElaborator::open_parts(const std::string& name) {
  std::vector<OpenPart> parts;
  const std::function<void(const std::string&)> add = [&](const std::string& of) {
    if (const std::vector<std::string> fields = record_fields(of); !fields.empty()) {
      for (const std::string& field : fields) add(field);
      return;
    }
    OpenPart& part = parts.emplace_back();
    part.name = of;
    if (of != name) part.path = of.substr(name.size() + 1);
    part.series = variables(of, part.each);
    if (!part.each.empty()) part.each.erase(part.each.begin());
  };
  add(name);
  return parts;
}

std::unique_ptr<Scope> ModelElaborator::open_step_scope(const std::string& name, WorldId world, const Scope& parent, const std::vector<int64_t>& positions) {
  Steps* steps = open_steps(name);
  return steps == nullptr ? nullptr : std::make_unique<OpenStepScope>(*this, *steps, world, name, &parent, positions);
}

std::optional<std::string> ModelElaborator::open_step_name(const std::string& name) const {
  const Steps* steps = open_steps(name);
  return steps == nullptr ? std::nullopt : std::optional(steps->name);
}

}  // namespace acie::sema
