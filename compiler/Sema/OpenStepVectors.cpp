// Vectors at each step of `over t in 0..T` with as many steps as the data say: each element is a series of its own,
// "x[..,0]", "x[..,1]", …, so that laws, abduction, interventions and the loop over steps know numbers alone. The name itself
// is the tensor of all steps, put together from them; where the table has it, its elements are parts of that column.

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/OpenStepScope.h"
#include "compiler/Sema/Strides.h"

namespace acie::sema {

using Kind = syntax::Stmt::Kind;

namespace {

/// "x[..,1,2]": the series of one element of a vector at each step.
std::string series_name(const std::string& vector, const Shape& each, int64_t position) {
  return absl::StrCat(vector, "[..,", index_text(each, position).substr(1));
}

}  // namespace

/// All steps of all series as one tensor [T, each…].
const Expr* ModelElaborator::all_steps(std::vector<const Expr*> series, int64_t count, const Shape& each, Span span) {
  Builder& builder = elaborator_.builder();
  Shape shape = each;
  shape.insert(shape.begin(), count);
  std::vector<int64_t> strides = {1};
  for (const int64_t stride : strides_of(each)) strides.push_back(sizes::times(count, stride));
  const auto parts = static_cast<int64_t>(series.size());
  return builder.view(builder.concat(std::move(series), {parts, count}, span), shape, 0, std::move(strides), span);
}

/// After `name` was claimed: the variable of all steps, and a series per element.
void ModelElaborator::make_open_vector(const std::string& name, const Annotation& type, const syntax::Stmt& stmt, Steps& steps) {
  Entry& root = entries_[name];
  OpenVector& vector = open_vectors_[name];
  vector.each = type.shape;
  vector.steps = &steps;
  Variable like = *root.variable;
  Shape shape = type.shape;
  shape.insert(shape.begin(), steps.count);
  make_whole(*root.variable, shape, stmt);
  if (like.role == Variable::Role::Input) {
    // The column stays an input; what worlds see is put together from the series, which may be set.
    vector.column = root.variable;
    Variable all = *root.variable;
    all.name = absl::StrCat(name, ".all");
    root.variable = elaborator_.program().make(std::move(all));
    model_->variables.push_back(root.variable);
  }
  root.variable->role = Variable::Role::Var;
  like.type.shape = {steps.count};
  if (like.role == Variable::Role::Input) like.role = Variable::Role::Var;
  for (int64_t k = 0; k < element_count(type.shape); ++k) {
    Variable series = like;
    series.name = series_name(name, type.shape, k);
    series.equation = elaborator_.builder().number(0, series.span, series.type.unit);
    series.vector = VectorElement{name, shape, k};
    const std::string own = series.name;
    Entry& entry = entries_[own];
    entry.stmt = &stmt;
    entry.root = name;
    entry.variable = elaborator_.program().make(std::move(series));
    model_->variables.push_back(entry.variable);
    vector.series.push_back(own);
    open_series_[own] = &steps;
  }
  steps.variables.insert(name);
}

/// Types all elements of a vector at each step: one equation, or law, makes them.
void ModelElaborator::type_open_vector(const std::string& name, Entry& entry) {
  OpenVector& vector = open_vectors_[name];
  entry.typing = true;
  elaborator_.enter(absl::StrCat(model_->name, ".", entry.record.empty() ? name : entry.record), entry.stmt, &module_, &model_->slots);
  const OpenStepScope scope(*this, *vector.steps, kThisWorld, "", scope_.get());
  Builder& builder = elaborator_.builder();
  const syntax::Stmt& stmt = *entry.stmt;
  const Span span = entry.variable->span;
  bool ok = true;
  if (vector.column != nullptr) {
    for (size_t k = 0; k < vector.series.size(); ++k) {
      Variable& series = *entries_[vector.series[k]].variable;
      series.equation = builder.view(builder.variable(vector.column, kThisWorld, span), {vector.steps->count}, static_cast<int64_t>(k), {static_cast<int64_t>(vector.series.size())}, span);
    }
  } else if (!check_open_statement(name, stmt)) {
    ok = false;
  } else if (stmt.law != nullptr) {
    ok = type_open_laws(name, entry, scope);
  } else {
    Value value;
    {
      const Builder::Loop loop(builder, {vector.steps->count});
      value = entry.record.empty() ? elaborator_.number(*stmt.value, scope) : field_value(name, entry, scope);
    }
    ok = !value.poisoned();
    if (ok && (!value.is_tensor() || value.shape != vector.each)) {
      elaborator_.diagnostics().report(Code::A0312, value.span, absl::StrCat("`", name, "` has the shape ", to_string(vector.each), " at each step, and this ", value.is_tensor() ? absl::StrCat("has ", to_string(value.shape)) : "is one number"));
      ok = false;
    }
    if (ok) value = builder.as_items(value);
    for (size_t k = 0; ok && k < vector.series.size(); ++k) {
      Value item = (*value.items)[k];
      item.span = value.span;
      ok = settle_open_type(vector.series[k], entries_[vector.series[k]], item, true);
    }
  }
  std::vector<const Expr*> parts;
  for (const std::string& series : vector.series) parts.push_back(builder.variable(entries_[series].variable, kThisWorld, span));
  entry.variable->equation = all_steps(std::move(parts), vector.steps->count, vector.each, span);
  elaborator_.leave();
  if (!ok) mark_broken(entry);
  entry.typing = false;
  entry.typed = true;
  for (const std::string& series : vector.series) {
    entries_[series].typed = true;
    entries_[series].broken = entry.broken;
  }
}

/// `exo u : f64[2] ~ …`, `var y : f64[2] ~ …`: a law for each element of each step.
bool ModelElaborator::type_open_laws(const std::string& name, Entry& entry, const Scope& scope) {
  const syntax::Stmt& stmt = *entry.stmt;
  const OpenVector& vector = open_vectors_[name];
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const auto law = open_law(stmt, {vector.steps->count}, scope);
  if (!law) return false;
  const auto of = elaborator_.law_shape(*law);
  if (!of) return false;
  if (!of->empty() && *of != vector.each) {
    diagnostics.report(Code::A0312, stmt.law->span, absl::StrCat("`", name, "` has the shape ", to_string(vector.each), " at each step, and this has ", to_string(*of)));
    return false;
  }
  if (!of->empty() && Elaborator::is_joint(*law)) {
    if (stmt.kind == Kind::Exo) {
      diagnostics.report(Code::A0701, stmt.law->span, "noises with a law of tensors are not built yet where the number of steps is read at start").note(absl::StrCat("`var ", name, " ~ …` has it; or draw independent noises, `exo u : f64[…] ~ normal(0, 1)`, and put them together in an equation"));
      return false;
    }
    std::vector<Variable*> noises;
    Value drawn = elaborator_.draw_jointly(*law, name, vector.series, vector.each, entries_[name].variable->span, noises, {vector.steps->count});
    add_noises(noises, stmt);
    if (drawn.poisoned()) return false;
    drawn = elaborator_.builder().as_items(drawn);
    for (size_t k = 0; k < vector.series.size(); ++k) {
      if (!settle_open_type(vector.series[k], entries_[vector.series[k]], (*drawn.items)[k], stmt.type != nullptr)) return false;
    }
    return true;
  }
  for (size_t k = 0; k < vector.series.size(); ++k) {
    const std::string& own = vector.series[k];
    if (!settle_open_law(own, entries_[own], of->empty() ? *law : elaborator_.law_at(*law, static_cast<int64_t>(k)), stmt.type != nullptr)) return false;
  }
  return true;
}

/// Inside `over`: this step's vector by its bare name, earlier ones by `x[t-1]`. `is_natural`: of which elements the natural value is meant.
Value ModelElaborator::open_vector_here(const std::string& name, const Steps& steps, WorldId world, const std::function<bool(int64_t)>& is_natural, Span use) {
  const OpenVector& vector = open_vectors_[name];
  type_variable(name, entries_[name]);
  if (entries_[name].broken) return Value{};
  Value series;
  series.kind = Value::Kind::Family;
  series.shape = vector.each;
  series.shape.insert(series.shape.begin(), steps.count);
  series.here = 0;
  series.fields = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{steps.name});
  series.span = use;
  const auto of_each = [this, &vector, &steps, world, is_natural, use](const std::function<Value(const Value&)>& f) {
    std::vector<Value> items;
    for (size_t k = 0; k < vector.series.size(); ++k) items.push_back(f(open_series(vector.series[k], steps, world, is_natural(static_cast<int64_t>(k)), use)));
    return elaborator_.builder().tensor(vector.each, std::move(items), use);
  };
  series.slice = [of_each](int64_t back) { return of_each([back](const Value& one) { return one.slice(back); }); };
  series.element = [of_each](int64_t step) { return of_each([step](const Value& one) { return one.element(step); }); };
  return series;
}

/// Learnt values of each step inside `over`: one parameter with the steps as its first axis.
Value ModelElaborator::open_learnt_here(const std::string& name, const Steps& steps, Span use) {
  Builder& builder = elaborator_.builder();
  const Value all = *find(name, use, kThisWorld);
  if (all.poisoned()) return all;
  Value series;
  series.kind = Value::Kind::Family;
  series.shape = all.shape;
  series.here = 0;
  series.fields = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{steps.name});
  series.span = use;
  const Shape each(all.shape.begin() + 1, all.shape.end());
  const auto of_each = [&builder, all, each, use](const std::function<const Expr*(int64_t, int64_t)>& f) {
    const int64_t size = element_count(each);
    if (each.empty()) return Builder::value(f(0, 1));
    std::vector<Value> items;
    for (int64_t k = 0; k < size; ++k) items.push_back(Builder::value(f(k, size)));
    return builder.tensor(each, std::move(items), use);
  };
  series.slice = [&builder, of_each, all, count = steps.count, use](int64_t back) {
    return of_each([&](int64_t k, int64_t size) {
      const Expr* one = size == 1 ? all.expr : builder.view(all.expr, {count}, k, {size}, use);
      return back == 0 ? one : back > 0 ? builder.view(one, {count}, back - 1, {0}, use) : builder.gather(one, places_before(builder, -back, count, use), use);
    });
  };
  series.element = [&builder, of_each, all, use](int64_t step) {
    return of_each([&](int64_t k, int64_t size) { return builder.view(all.expr, {}, step * size + k, {}, use); });
  };
  return series;
}

/// The vector at each step whose variable of all steps this is; null for others.
const ModelElaborator::OpenVector* ModelElaborator::open_vector_of(const Variable* all) const {
  const auto found = std::find_if(open_vectors_.begin(), open_vectors_.end(), [&](const auto& each) { return entries_.at(each.first).variable == all; });
  return found == open_vectors_.end() ? nullptr : &found->second;
}

const Variable* ModelElaborator::open_vector(const std::string& name) const { return open_vectors_.count(name) > 0 ? entries_.at(name).variable : nullptr; }

std::vector<const Variable*> ModelElaborator::element_series(const Variable* variable) const {
  if (variable->role == Variable::Role::Exo) return {};
  if (open_series_.count(variable->name) > 0) return {variable};
  std::vector<const Variable*> result;
  for (const auto& [name, vector] : open_vectors_) {
    if (entries_.at(name).variable != variable || entries_.at(name).stmt->kind == Kind::Exo) continue;
    for (const std::string& series : vector.series) result.push_back(entries_.at(series).variable);
  }
  return result;
}

/// The noises of `var x : f64[2] ~ …`, all steps of them; nullopt where it has none.
std::optional<Value> ModelElaborator::open_vector_noises(const std::string& name, Span use, WorldId world) {
  const OpenVector& vector = open_vectors_[name];
  std::vector<const Expr*> noises;
  for (const std::string& series : vector.series) {
    const auto noise = entries_.find(absl::StrCat(series, ".noise"));
    if (noise == entries_.end()) return std::nullopt;
    noises.push_back(elaborator_.builder().variable(noise->second.variable, world, use));
  }
  return Builder::whole(all_steps(std::move(noises), vector.steps->count, vector.each, use), use);
}

/// What sets a vector of all steps [T, each…], as what sets each of its series; empty where `all` is no such vector.
std::vector<std::pair<const Variable*, const Expr*>> ModelElaborator::split_open_vector(const Variable* all, const Expr* value) {
  std::vector<std::pair<const Variable*, const Expr*>> result;
  const OpenVector* found = open_vector_of(all);
  if (found == nullptr) return result;
  const OpenVector& vector = *found;
  Builder& builder = elaborator_.builder();
  // The natural value of the vector is that of its series.
  std::map<const Expr*, const Expr*> by;
  for (const Expr* e : postorder(value)) {
    if (e->kind != Expr::Kind::Natural || e->variable != all) continue;
    std::vector<const Expr*> naturals;
    for (const std::string& series : vector.series) naturals.push_back(builder.natural(entries_.at(series).variable, e->world, e->span));
    by[e] = all_steps(std::move(naturals), vector.steps->count, vector.each, e->span);
  }
  const std::function<const Expr*(const Expr*)> with_naturals = [&](const Expr* e) -> const Expr* {
    if (const auto known = by.find(e); known != by.end()) return known->second;
    if (e->operands.empty()) return e;
    std::vector<const Expr*> operands;
    for (const Expr* operand : e->operands) operands.push_back(with_naturals(operand));
    if (operands == e->operands) return by[e] = e;
    Expr moved = *e;
    moved.operands = std::move(operands);
    return by[e] = elaborator_.program().make(std::move(moved));
  };
  const Expr* set = with_naturals(value);
  for (size_t k = 0; k < vector.series.size(); ++k) {
    std::map<const Expr*, const Expr*> done;
    result.emplace_back(entries_.at(vector.series[k]).variable, series_of(set, vector, *all, static_cast<int64_t>(k), done));
  }
  return result;
}

/// Of an expression over all steps and elements the series of element `position`, place by place where it is made so.
const Expr* ModelElaborator::series_of(const Expr* e, const OpenVector& vector, const Variable& all, int64_t position, std::map<const Expr*, const Expr*>& done) {
  if (e->type.shape != all.type.shape) return e;
  if (const auto known = done.find(e); known != done.end()) return known->second;
  Builder& builder = elaborator_.builder();
  const int64_t count = vector.steps->count;
  const Expr* result = nullptr;
  const OpenVector* of = e->kind == Expr::Kind::Variable ? open_vector_of(e->variable) : nullptr;
  if (of != nullptr && of->each == vector.each) {
    result = builder.variable(entries_.at(of->series[static_cast<size_t>(position)]).variable, e->world, e->span);
  } else if (e->kind == Expr::Kind::View && e->operands[0]->kind == Expr::Kind::Concat && e->operands[0]->type.shape == Shape{static_cast<int64_t>(vector.series.size()), count} &&
             e->elements->strides[0] == 1 && e->elements->offset == 0 && e->operands[0]->operands.size() == vector.series.size()) {
    result = e->operands[0]->operands[static_cast<size_t>(position)];  // as all_steps() puts them together
  } else if (e->kind == Expr::Kind::View || e->kind == Expr::Kind::Places) {
    int64_t offset = e->elements->offset;
    const std::vector<int64_t> strides = strides_of(vector.each);
    for (size_t axis = 0; axis < strides.size(); ++axis) offset = sizes::plus(offset, sizes::times(position / strides[axis] % vector.each[axis], e->elements->strides[axis + 1]));
    result = e->kind == Expr::Kind::Places ? builder.places({count}, offset, {e->elements->strides[0]}, e->span) : builder.view(e->operands[0], {count}, offset, {e->elements->strides[0]}, e->span);
  } else if (e->kind == Expr::Kind::Apply || e->kind == Expr::Kind::Gather) {
    Expr one = *e;
    one.type.shape = {count};
    for (const Expr*& operand : one.operands) {
      if (e->kind == Expr::Kind::Apply || operand == e->operands.back()) operand = series_of(operand, vector, all, position, done);
    }
    result = elaborator_.program().make(std::move(one));
  } else {
    result = builder.view(e, {count}, position, {element_count(vector.each)}, e->span);
  }
  return done[e] = result;
}

}  // namespace acie::sema
