// `do` on series whose number of steps is read at start.

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Indices.h"
#include "compiler/Sema/Queries.h"
#include "compiler/Sema/StepReads.h"

namespace acie::sema {

namespace {

/// Whether an intervention sets all steps from one on, `do a[3..] = e`, and leaves those before it to the equation, which
/// nothing else asks for: `do a[3..] = 0.5 * a` needs what the equation makes of an intervened past.
bool sets_the_rest(const Intervention& intervention) {
  const Expr* value = intervention.value;
  if (value->kind != Expr::Kind::Apply || value->op != Op::Select || value->operands[2]->kind != Expr::Kind::Natural) return false;
  const std::vector<const Expr*> set = references(value->operands[1]);
  if (std::any_of(set.begin(), set.end(), [](const Expr* reference) { return reference->kind == Expr::Kind::Natural; })) return false;
  const Expr* condition = value->operands[0];
  if (condition->kind != Expr::Kind::Apply || (condition->op != Op::Ge && condition->op != Op::Gt)) return false;
  const Expr *steps = condition->operands[0], *first = condition->operands[1];
  if (first->kind == Expr::Kind::View) first = first->operands[0];  // one number for all steps
  return steps->kind == Expr::Kind::Places && steps->elements->strides == std::vector<int64_t>{1} && first->kind == Expr::Kind::Constant;
}

/// An element of an input that is a vector at each step: as known as other inputs are.
bool is_part_of_input(const Variable& variable) {
  const Expr* equation = variable.equation;
  return variable.vector && equation != nullptr && equation->kind == Expr::Kind::View && equation->operands[0]->kind == Expr::Kind::Variable && equation->operands[0]->variable->role == Variable::Role::Input;
}

/// Whether all of `a` lies before all of `b`.
bool lies_before(const Elaborator::AxisPart& a, const Elaborator::AxisPart& b, ModelElaborator& model) {
  return has_room(model, sizes::plus(sizes::minus(b.low, sizes::plus(a.low, a.count)), 1));
}

}  // namespace

/// What a law gives at all steps of a series: fresh noise, of this world of this query alone.
Value QueryElaborator::drawn_steps(WorldId world, const LawCall& law, const Variable* series, const std::string& which, Span span) {
  std::vector<Variable*> noises;
  const Shape& shape = series->type.shape;
  const std::string name = absl::StrCat(query_->name, ".", prefixed(world, series->name), ".do", which);
  const Value drawn = elaborator_.draw_variables(elaborator_.law_of_all(law, shape), name, span, noises, shape).result;
  for (Variable* noise : noises) model_.model()->variables.push_back(noise);
  return elaborator_.builder().in_world(drawn, world);
}

/// `do a[1..] = e`, `do a[0] = e`, `do a ~ e` of series, where `e`, a value or a law, reads series at steps that the loop over
/// them has: the value of each step. Several statements may set parts that lie apart. False where `e` reads otherwise.
bool QueryElaborator::set_steps_of_series(WorldId world, const syntax::Stmt& stmt, const Targets& targets, const Value& value, const Value& condition) {
  const std::vector<const Variable*> series = model_.element_series(targets.elements[0]);
  if (series.empty() || targets.parts.empty()) return false;
  Builder& builder = elaborator_.builder();
  const std::vector<Elaborator::AxisPart>& parts = targets.parts;
  const int64_t count = targets.shape[0], end = sizes::plus(parts[0].low, parts[0].count);
  const bool single = parts[0].kind == Elaborator::AxisPart::Kind::Place;
  // Which element of the value is whose: the steps along its first axis, then the element of a step. Nullopt for what is not set.
  const auto item = [&](size_t element) -> std::optional<std::vector<StepPlace>> {
    std::vector<StepPlace> place;
    if (!single) place.push_back({true, sizes::minus(0, parts[0].low)});
    int64_t below = static_cast<int64_t>(series.size()), rest = static_cast<int64_t>(element);
    for (size_t axis = 1; axis < parts.size(); ++axis) {
      below /= targets.shape[axis];
      const int64_t at = rest / below - parts[axis].low;
      rest %= below;
      if (at < 0 || at >= parts[axis].count) return std::nullopt;
      if (parts[axis].kind == Elaborator::AxisPart::Kind::Slice) place.push_back({false, at});
    }
    return place;
  };
  std::set<const Variable*> set_here;
  for (size_t k = 0; k < series.size(); ++k) {
    if (item(k)) set_here.insert(series[k]);
  }
  StepReads reads(builder, model_, world, count, parts[0].low, single, [&](const Variable* each) { return set_here.count(each) > 0; });
  struct Part {
    const Variable* series;
    Value value, condition;
  };
  std::vector<Part> made;
  for (size_t k = 0; k < series.size(); ++k) {
    const auto place = item(k);
    if (!place) continue;
    Part part{series[k], value, Value{}};
    const auto step = [&](const Value& of) {
      const Expr* all = of.is_tensor() ? builder.as_whole(of, of.shape) : of.expr;
      const Expr* each = reads.at(all, of.is_tensor() ? *place : std::vector<StepPlace>());
      Value result = each == nullptr ? Value{} : Builder::value(each, of.literal);
      result.span = of.span;
      return result;
    };
    if (value.kind == Value::Kind::Law) {
      LawCall law = *value.law;
      for (Value& argument : law.arguments) {
        // The probabilities of one draw are no values of steps.
        if (law.categorical) {
          argument = builder.as_items(argument);
          std::vector<Value> items = *argument.items;
          for (Value& item : items) item = step(item);
          if (std::any_of(items.begin(), items.end(), [](const Value& item) { return item.poisoned(); })) return false;
          argument.items = std::make_shared<const std::vector<Value>>(std::move(items));
        } else {
          argument = step(argument);
        }
        if (argument.poisoned()) return false;
      }
      part.value.law = std::make_shared<const LawCall>(std::move(law));
    } else {
      part.value = step(value);
      if (part.value.poisoned()) return false;
    }
    const Builder::Loop loop(builder);
    const Value at = Builder::value(builder.places({count}, 0, {1}, stmt.span), true);
    const auto both = [&](const Value& a, const Value& b) { return a.poisoned() ? b : builder.apply(Op::And, {a, b}, stmt.span); };
    if (parts[0].low != 0) part.condition = builder.apply(Op::Ge, {at, builder.size(parts[0].low, stmt.span)}, stmt.span);
    if (end != count) part.condition = both(part.condition, builder.apply(Op::Lt, {at, builder.size(end, stmt.span)}, stmt.span));
    if (!condition.poisoned()) {
      const Value holds = step(condition);
      if (holds.poisoned()) return false;
      part.condition = both(part.condition, holds);
    }
    if (stmt.do_kind == syntax::Stmt::DoKind::Shift) part.value = builder.apply(Op::Add, {Builder::value(builder.natural(series[k], world, stmt.span)), part.value}, stmt.span);
    made.push_back(std::move(part));
  }
  const std::string which = parts[0].low == 0 ? "" : absl::StrCat("[", sizes::text(parts[0].low), "]");
  for (Part& part : made) {
    if (part.value.law != nullptr) part.value = drawn_steps(world, *part.value.law, part.series, which, stmt.span);
    if (!part.value.poisoned()) continue;
    complete_ = false;
    return true;
  }
  std::vector<std::vector<Elaborator::AxisPart>>& before = parts_set_[{world, targets.elements[0]}];
  const bool apart = !before.empty() && std::all_of(before.begin(), before.end(), [&](const std::vector<Elaborator::AxisPart>& other) {
    // Elements of a step are told apart whatever the number of steps is.
    for (size_t axis = parts.size(); axis-- > 0;) {
      if (lies_before(parts[axis], other[axis], model_) || lies_before(other[axis], parts[axis], model_)) return true;
    }
    return false;
  });
  before.push_back(parts);
  std::vector<Intervention>& interventions = query_->worlds[static_cast<size_t>(world)].interventions;
  for (Part& part : made) {
    if (!part.condition.poisoned() && part.condition.expr->type.shape.empty()) part.condition.expr = builder.as_whole(part.condition, {count});
    const auto earlier = !apart ? interventions.end() : std::find_if(interventions.begin(), interventions.end(), [&](const Intervention& each) { return each.target == part.series; });
    part.value.expr = builder.as_whole(part.value, {count});
    if (earlier == interventions.end()) {
      set(world, part.series, part.value, part.condition, stmt.span);
      continue;
    }
    Type type = part.series->type;
    type.range.reset();
    Value more = builder.coerce(part.value, type, part.value.span, absl::StrCat("`", targets.name, "`"));
    if (!more.poisoned()) more = builder.select(part.condition, more, Builder::value(earlier->value), stmt.span);
    if (more.poisoned()) complete_ = false;
    else earlier->value = more.expr;
  }
  return true;
}

/// `do a[t] = e`, `do a[t] = e if c`: every step, with what that step's names are in this world. False where `stmt` is none.
bool QueryElaborator::set_open_steps(WorldId world, const syntax::Stmt& stmt, const Scope& scope) {
  const std::vector<syntax::Index>& indices = stmt.target->indices;
  const std::string name = stmt.target->path.str();
  const auto step = model_.open_step_name(name);
  if (!step || !are_of_every(*step, indices)) return false;
  for (const Scope* s = &scope; s != nullptr; s = s->parent()) {
    if (s->find(*step, stmt.span)) return false;
  }
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  Builder& builder = elaborator_.builder();
  std::vector<ModelElaborator::OpenPart> parts = model_.open_parts(name);
  const bool record = model_.is_record(name);
  for (const ModelElaborator::OpenPart& part : parts) {
    if (part.series.empty()) {
      complete_ = false;
      return true;
    }
  }
  // `do x[t, i] = e` of a vector at each step: those elements alone.
  std::vector<int64_t> positions;
  if (indices.size() > 1) {
    if (record || parts[0].each.empty()) {
      diagnostics.report(Code::A0312, stmt.target->span, absl::StrCat("`", name, "` is ", record ? "a record" : "one number", " at each step and has no elements"));
      complete_ = false;
      return true;
    }
    const auto chosen = elaborator_.select_elements(parts[0].each, {indices.begin() + 1, indices.end()}, scope, stmt.target->span);
    if (!chosen) {
      complete_ = false;
      return true;
    }
    positions = chosen->positions;
    std::vector<int64_t> places = positions;
    std::sort(places.begin(), places.end());
    if (set_twice(places, *stmt.target)) return true;
    std::vector<const Variable*> series;
    for (const int64_t position : positions) series.push_back(parts[0].series[static_cast<size_t>(position)]);
    parts[0].series = std::move(series);
    parts[0].each = chosen->shape;
  }
  const bool drawn = stmt.do_kind == syntax::Stmt::DoKind::Stochastic;
  if (stmt.do_kind == syntax::Stmt::DoKind::Symbolic) {
    diagnostics.report(Code::A0707, stmt.span, "symbolic interventions are not built yet").note(absl::StrCat("give a value, `do ", name, "[", *step, "] = …`"));
    complete_ = false;
    return true;
  }
  if (record && stmt.do_kind != syntax::Stmt::DoKind::Hard) {
    diagnostics.report(Code::A0405, stmt.span, absl::StrCat("a record is set to a record, `do ", name, "[", *step, "] = {…}`")).note(absl::StrCat("of one field: `do ", parts[0].name, "[", *step, "] += …`"));
    complete_ = false;
    return true;
  }
  const Shape shape = parts[0].series[0]->type.shape;
  const std::unique_ptr<Scope> steps = model_.open_step_scope(name, world, scope, positions);
  Value value, condition;
  {
    const Builder::Loop loop(builder, shape);
    if (stmt.condition != nullptr) condition = elaborator_.scalar(*stmt.condition, *steps);
    const std::unique_ptr<Scope> where = stmt.condition != nullptr ? elaborator_.steps_where(*stmt.condition, *steps) : nullptr;
    const Scope& in = where != nullptr ? *where : *steps;
    value = drawn ? elaborator_.expression(*stmt.law, in) : record ? elaborator_.expression(*stmt.value, in) : elaborator_.number(*stmt.value, in);
  }
  if (value.poisoned() || (stmt.condition != nullptr && condition.poisoned())) {
    complete_ = false;
    return true;
  }
  if (!condition.poisoned()) condition.expr = builder.as_whole(condition, shape);
  if (drawn) {
    set_open_steps_drawn(world, stmt, parts[0], value, condition);
    return true;
  }
  for (const ModelElaborator::OpenPart& part : parts) {
    Value own = value;
    for (size_t begin = 0; !own.poisoned() && begin < part.path.size();) {
      const size_t end = std::min(part.path.find('.', begin), part.path.size());
      const Value* field = own.kind == Value::Kind::Record ? own.field(part.path.substr(begin, end - begin)) : nullptr;
      if (field == nullptr) diagnostics.report(Code::A0304, stmt.value->span, absl::StrCat("`", name, "` has a field `", part.path, "`, and this has none")).note(absl::StrCat("`{..", name, ", ", part.path, ": …}` sets some of its fields"));
      own = field == nullptr ? Value{} : *field;
      begin = end + 1;
    }
    if (own.poisoned()) {
      complete_ = false;
      return true;
    }
    if (own.is_tensor() && own.shape != part.each) {
      diagnostics.report(Code::A0312, stmt.value->span, absl::StrCat("this sets ", part.each.empty() ? "one number" : absl::StrCat("elements of the shape ", to_string(part.each)), ", and the value has the shape ", to_string(own.shape)));
      complete_ = false;
      return true;
    }
    if (own.is_tensor()) own = builder.as_items(own);
    for (size_t k = 0; k < part.series.size(); ++k) {
      Value to = own.is_tensor() ? (*own.items)[k] : own;
      to.span = own.span;
      if (stmt.do_kind == syntax::Stmt::DoKind::Shift) {
        const Builder::Loop loop(builder, shape);
        to = builder.apply(Op::Add, {Builder::value(builder.natural(part.series[k], world, stmt.span)), to}, stmt.span);
      }
      if (!to.poisoned()) to.expr = builder.as_whole(to, shape);
      set(world, part.series[k], to, condition, stmt.span);
    }
  }
  return true;
}

/// `do a[t] ~ law`: `law` as it is at all steps.
void QueryElaborator::set_open_steps_drawn(WorldId world, const syntax::Stmt& stmt, const ModelElaborator::OpenPart& part, const Value& law, const Value& condition) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  complete_ = false;
  if (law.kind != Value::Kind::Law) {
    diagnostics.report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note(absl::StrCat("a value is set with `do ", part.name, "[…] = …`"));
    return;
  }
  const auto of = elaborator_.law_shape(*law.law);
  if (!of) return;
  if (!of->empty() && *of != part.each) {
    diagnostics.report(Code::A0312, stmt.law->span, absl::StrCat("this sets ", part.each.empty() ? "one number" : absl::StrCat("elements of the shape ", to_string(part.each)), ", and the law has the shape ", to_string(*of)));
    return;
  }
  // Of a law of tensors the elements are made together.
  Value joint;
  if (!of->empty() && Elaborator::is_joint(*law.law)) {
    const std::string prefix = absl::StrCat(query_->name, ".", prefixed(world, ""));
    std::vector<std::string> names;
    for (const Variable* series : part.series) names.push_back(absl::StrCat(prefix, series->name, ".do"));
    std::vector<Variable*> noises;
    joint = elaborator_.draw_jointly(*law.law, absl::StrCat(prefix, part.name, ".do"), names, part.each, stmt.span, noises, part.series[0]->type.shape);
    for (Variable* noise : noises) model_.model()->variables.push_back(noise);
    if (joint.poisoned()) return;
    joint = elaborator_.builder().as_items(elaborator_.builder().in_world(joint, world));
  }
  complete_ = true;
  for (size_t k = 0; k < part.series.size(); ++k) {
    const Variable* series = part.series[k];
    Value to = joint.is_tensor() ? (*joint.items)[k] : drawn_steps(world, of->empty() ? *law.law : elaborator_.law_at(*law.law, static_cast<int64_t>(k)), series, "", stmt.span);
    if (!to.poisoned()) to.expr = elaborator_.builder().as_whole(to, series->type.shape);
    set(world, series, to, condition, stmt.span);
  }
}

/// In a world that sets series, those that need each other there become a loop with what is set inside; the others follow
/// step by step from whole series.
void QueryElaborator::roll_open_series(WorldId world) {
  std::vector<Intervention>& interventions = query_->worlds[static_cast<size_t>(world)].interventions;
  std::vector<const Variable*> targets;
  for (const Intervention& intervention : interventions) targets.push_back(intervention.target);
  // A series whose first steps alone are given is made again in every world, with the noise that they tell.
  for (const auto& [series, first] : first_steps_) targets.push_back(series);
  std::set<const Variable*> given, done;
  for (const Evidence& item : query_->evidence) given.insert(item.variable);
  for (const Variable* variable : model_.model()->variables) {
    if (is_part_of_input(*variable)) given.insert(variable);
  }
  Builder& builder = elaborator_.builder();
  // Before the first step that any sets, all is as the evidence says: what the equations make there needs no noise.
  const bool all_set_the_rest = std::all_of(interventions.begin(), interventions.end(), sets_the_rest);
  for (const Variable* target : targets) {
    std::vector<StepSeries> all = model_.series_with(target);
    if (all.empty() || !done.insert(all[0].variable).second) continue;
    std::set<const Variable*> set;
    Span span = target->span;
    for (StepSeries& series : all) {
      if (series.step != nullptr) series.step = builder.in_world(series.step, world);
      if (world != kFactual) series.step = with_first_noises(series.step);
      series.natural = series.step;
      const auto intervention = std::find_if(interventions.begin(), interventions.end(), [&](const Intervention& each) { return each.target == series.variable; });
      if (series.step == nullptr || given.count(series.variable) > 0) series.kept = builder.variable(series.variable, kFactual, span);
      // What noises alone make is as the evidence says, in every world.
      const std::vector<const Expr*> reads = series.step == nullptr ? std::vector<const Expr*>() : references(series.step);
      const bool of_noises = std::all_of(reads.begin(), reads.end(), [](const Expr* read) { return read->variable->role == Variable::Role::Exo; });
      if (series.step != nullptr && of_noises && given.count(series.variable) > 0) series.natural = series.kept;
      if (intervention == interventions.end()) continue;
      set.insert(series.variable);
      series.step = intervention->value;
      if (all_set_the_rest && given.count(series.variable) > 0) series.natural = builder.variable(series.variable, kFactual, span);
      span = intervention->span;
    }
    for (const SeriesGroup& group : group_series(all, world)) {
      std::vector<StepSeries> together;
      for (const size_t i : group.members) together.push_back(all[i]);
      const bool told = std::any_of(together.begin(), together.end(), [&](const StepSeries& series) { return first_steps_.count(series.variable) > 0; });
      const bool rolls = group.circle || told;
      // In the factual world all of these are made of what was seen: what is the same there keeps its bits here.
      for (StepSeries& series : together) {
        if (told && world != kFactual) series.kept = builder.variable(series.variable, kFactual, span);
      }
      const bool sets = told || std::any_of(together.begin(), together.end(), [&](const StepSeries& series) { return set.count(series.variable) > 0; });
      const bool as_declared = !sets && std::all_of(together.begin(), together.end(), [&](const StepSeries& series) { return series.step == nullptr || model_.is_rolled(series.variable) == group.circle; });
      if (as_declared && !group.circle) continue;
      // A loop of the model stands where nothing that it computes is set; its own loop says so.
      if (as_declared && group.members.size() == model_.rolled_with(together[0].variable)) continue;
      std::vector<const Expr*> values;
      if (rolls) {
        values = roll_series(builder, together, world, together[0].variable->type.shape[0], given);
        if (values.empty()) complete_ = false;
      } else {
        for (const StepSeries& series : together) values.push_back(series.step);
      }
      for (size_t i = 0; i < values.size(); ++i) {
        const Variable* variable = together[i].variable;
        const auto intervention = std::find_if(interventions.begin(), interventions.end(), [&](const Intervention& each) { return each.target == variable; });
        if (intervention != interventions.end()) {
          if (rolls) intervention->value = values[i];
        } else if (values[i] != nullptr) {
          interventions.push_back({variable, values[i], span});
        }
      }
    }
  }
}

}  // namespace acie::sema
