// `do` on variables that are whole tensors.

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Queries.h"
#include "compiler/Sema/Runs.h"

namespace acie::sema {

/// What a series of whole tensors would be by itself in that world, at the steps of which something is set; at others, this world's value.
Value QueryElaborator::natural_steps(WorldId world, const Targets& targets, Span span) {
  Builder& builder = elaborator_.builder();
  Value natural;
  natural.kind = Value::Kind::Family;
  natural.shape = targets.shape;
  natural.here = policy_step_;
  natural.span = span;
  const int64_t each = element_count(targets.elements[0]->type.shape);
  natural.slice = [&builder, world, targets, each, span](int64_t step) {
    const Variable* variable = targets.elements[static_cast<size_t>(step)];
    return Builder::whole(targets.sets(step * each, (step + 1) * each) ? builder.natural(variable, world, span) : builder.variable(variable, world, span), span);
  };
  natural.element = [&builder, slice = natural.slice, each, span](int64_t position) { return Builder::value(builder.view(slice(position / each).expr, {}, position % each, {}, span)); };
  return natural;
}

/// A series of whole tensors: step by step, what is set of each.
void QueryElaborator::set_steps(WorldId world, const syntax::Stmt& stmt, const Targets& targets, const Value& value, const Value& law, const Value& condition) {
  Builder& builder = elaborator_.builder();
  const int64_t each = element_count(targets.elements[0]->type.shape);
  const std::vector<int64_t>& chosen = targets.chosen;
  Runs runs(builder);
  for (size_t begin = 0, end = 0; begin < chosen.size(); begin = end) {
    Targets step;
    step.name = targets.name;
    step.elements = {targets.elements[static_cast<size_t>(chosen[begin] / each)]};
    step.shape = step.elements[0]->type.shape;
    for (; end < chosen.size() && chosen[end] / each == chosen[begin] / each; ++end) step.chosen.push_back(chosen[end] % each);
    step.chosen_shape = static_cast<int64_t>(step.chosen.size()) == each ? step.shape : Shape{static_cast<int64_t>(step.chosen.size())};
    const auto part = [&](const Value& v) {
      if (!v.is_tensor()) return v;
      return Builder::whole(runs.of(builder.as_whole(v, v.shape), step.chosen_shape, static_cast<int64_t>(begin)), v.span);
    };
    Value law_of_step = law;
    if (law.kind == Value::Kind::Law) {
      LawCall laws = *law.law;
      for (Value& argument : laws.arguments) {
        if (!laws.categorical) argument = part(argument);  // its probabilities are those of each element
      }
      law_of_step.law = std::make_shared<const LawCall>(std::move(laws));
    }
    set_whole(world, stmt, step, part(value), law_of_step, part(condition));
  }
}

/// Sets elements of a variable of which an earlier `do` sets others; false if there is none, or it sets some of these.
bool QueryElaborator::set_more(WorldId world, const Variable* variable, const Value& value, const Value& condition, const std::vector<double>& chosen, Span span) {
  std::vector<double>& set = partly_set_[{world, variable}];
  if (set.empty()) {
    set = chosen;
    return false;
  }
  for (size_t i = 0; i < set.size(); ++i) {
    if (set[i] != 0 && chosen[i] != 0) return false;
  }
  for (size_t i = 0; i < set.size(); ++i) set[i] += chosen[i];
  Builder& builder = elaborator_.builder();
  for (Intervention& earlier : query_->worlds[static_cast<size_t>(world)].interventions) {
    if (earlier.target != variable) continue;
    Type type = variable->type;
    type.range.reset();
    Value more = builder.coerce(value, type, value.span, absl::StrCat("`", variable->name, "`"));
    if (!more.poisoned()) more = builder.select(condition, more, Builder::value(earlier.value), span);
    if (more.poisoned()) complete_ = false;
    else earlier.value = more.expr;
    return true;
  }
  return false;
}

/// Which elements of a tensor are set, and to which items of a value, where only the run knows how many there are: both are
/// computed place by place.
bool QueryElaborator::choose_parts(const std::vector<Elaborator::AxisPart>& parts, Targets& targets, Span span) {
  using Part = Elaborator::AxisPart;
  Builder& builder = elaborator_.builder();
  const Builder::Loop loop(builder);
  const auto both = [&](const Value& a, const Value& b) { return a.poisoned() ? b : builder.apply(Op::And, {a, b}, span); };
  targets.chosen_shape.clear();
  size_t axis = 0;
  for (const Part& part : parts) {
    if (part.kind == Part::Kind::New) {
      elaborator_.diagnostics().report(Code::A0312, span, "`do` sets elements that are there, and `new` makes an axis").note("`x[.., 0]` are elements of a matrix");
      return false;
    }
    std::vector<int64_t> strides(targets.shape.size(), 0);
    strides[axis] = 1;
    const int64_t size = targets.shape[axis++], end = sizes::plus(part.low, part.count);
    Value at = Builder::value(builder.places(targets.shape, 0, std::move(strides), span), true);
    if (part.low != 0) targets.set = both(targets.set, builder.apply(Op::Ge, {at, builder.size(part.low, span)}, span));
    if (end != size) targets.set = both(targets.set, builder.apply(Op::Lt, {at, builder.size(end, span)}, span));
    if (part.kind == Part::Kind::Place) continue;
    targets.chosen_shape.push_back(part.count);
    // Outside the slice any item will do: it is not set.
    if (part.low != 0) at = builder.apply(Op::Max, {builder.apply(Op::Sub, {at, builder.size(part.low, span)}, span), builder.size(0, span)}, span);
    if (end != size) at = builder.apply(Op::Min, {at, builder.size(sizes::minus(part.count, 1), span)}, span);
    targets.item = targets.item.poisoned() ? at : builder.apply(Op::Add, {builder.apply(Op::Mul, {targets.item, builder.size(part.count, span)}, span), at}, span);
  }
  return true;
}

/// The same for a variable that is a whole tensor: one intervention, which chooses element by element.
void QueryElaborator::set_whole(WorldId world, const syntax::Stmt& stmt, const Targets& targets, Value value, const Value& law, Value condition) {
  Builder& builder = elaborator_.builder();
  const Variable* variable = targets.elements[0];
  const auto each = [&](Value v) {
    v.expr = builder.as_whole(v, targets.shape);
    v.kind = Value::Kind::Number;
    v.items = nullptr;
    return v;
  };
  const bool open = sizes::any_open(targets.shape);
  const bool some = !open && static_cast<int64_t>(targets.chosen.size()) != element_count(targets.shape);
  // Of some elements: where they are, and which item of the value is whose.
  std::vector<double> set(open ? 0 : static_cast<size_t>(element_count(targets.shape)), 0), item = set;
  for (size_t i = 0; some && i < targets.chosen.size(); ++i) {
    set[static_cast<size_t>(targets.chosen[i])] = 1;
    item[static_cast<size_t>(targets.chosen[i])] = static_cast<double>(i);
  }
  const auto spread = [&](const Value& v) {
    if (!v.is_tensor() || (!some && targets.item.poisoned())) return each(v);
    const Expr* items = builder.reshaped(builder.as_whole(v, v.shape), {element_count(v.shape)}, v.span);
    return Builder::value(builder.gather(items, some ? builder.dense(targets.shape, item, plain(ScalarKind::I64), v.span) : targets.item.expr, v.span));
  };
  if (stmt.do_kind == syntax::Stmt::DoKind::Stochastic) {
    std::vector<Variable*> noises;
    LawCall laws = *law.law;
    for (Value& argument : laws.arguments) {
      if (!laws.categorical && (some || !targets.item.poisoned()) && argument.is_tensor()) argument = Builder::whole(spread(argument).expr, argument.span);
    }
    const std::string which = some ? absl::StrCat("[", targets.chosen[0], "]") : "";
    const Value drawn = elaborator_.draw_variables(elaborator_.law_of_all(laws, targets.shape), absl::StrCat(query_->name, ".", prefixed(world, variable->name), ".do", which), stmt.span, noises, targets.shape).result;
    for (Variable* noise : noises) model_.model()->variables.push_back(noise);
    value = builder.in_world(drawn, world);
  } else {
    value = spread(value);
    if (stmt.do_kind == syntax::Stmt::DoKind::Shift) value = builder.apply(Op::Add, {Builder::value(builder.natural(variable, world, stmt.span)), value}, stmt.span);
  }
  if (!condition.poisoned()) condition = spread(condition);
  if (!targets.set.poisoned()) condition = condition.poisoned() ? targets.set : builder.apply(Op::And, {targets.set, condition}, stmt.span);
  if (some) {
    const Value chosen = Builder::value(builder.dense(targets.shape, set, plain(ScalarKind::Bool), stmt.span));
    condition = condition.poisoned() ? chosen : builder.apply(Op::And, {chosen, condition}, stmt.span);
    if (set_more(world, variable, value, condition, set, stmt.span)) return;
  }
  this->set(world, variable, value, condition, stmt.span);
}

}  // namespace acie::sema
