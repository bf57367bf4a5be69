// Indices that are known only when running: numbers and tensors of places, each inside its axis by its declared range.

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/Ranges.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/Indices.h"
#include "compiler/Sema/SizeBounds.h"

namespace acie::sema {

using Kind = syntax::Expr::Kind;

namespace {

/// What is known of a value by its own declared range, or those of what it is computed from.
std::optional<Range> range_of(const Expr* expr) {
  const Interval all = expr->type.range ? Interval::closed(expr->type.range->low, expr->type.range->high) : Ranges::declared().of(expr);
  if (!std::isfinite(all.low) || !std::isfinite(all.high)) return std::nullopt;
  return Range{all.low, all.high};
}

/// Whether an index is an input `g : index[J]` of this axis, whose cells the run compares with J.
bool is_place_in(const Expr* index, int64_t size) {
  return index->kind == Expr::Kind::Variable && index->variable->role == Variable::Role::Input && sizes::is_open(size) && index->type.range && index->type.range->low >= 0 &&
         index->type.range->high == static_cast<double>(sizes::minus(size, 1));
}

}  // namespace

/// Whether an index that is known only when running says by its range that it lies in an axis of `size`; reported where not.
bool Elaborator::lies_inside(const Value& index, int64_t size, Span span) {
  if (index.items != nullptr) {
    return std::all_of(index.items->begin(), index.items->end(), [&](const Value& item) { return lies_inside(item, size, span); });
  }
  if (!(index.is_number() || index.is_whole()) || is_float(index.expr->type.scalar) || index.expr->type.scalar == ScalarKind::Bool || is_text(index.expr->type)) {
    diagnostics_.report(Code::A0304, span, "an index is an integer");
    return false;
  }
  std::optional<std::pair<double, double>> ends;
  if (index.expr->kind == Expr::Kind::Dense) {
    const auto [low, high] = std::minmax_element(index.expr->elements->numbers.begin(), index.expr->elements->numbers.end());
    ends = {*low, *high};
  } else if (const auto known = index.is_number() ? constant_value(index.expr) : std::nullopt) {
    ends = {*known, *known};
  }
  if (ends) {
    if (ends->first >= 0 && leave_room(sizes::minus(size, static_cast<int64_t>(ends->second)))) return true;
    diagnostics_.report(Code::A0312, span, absl::StrCat("there is no element ", ends->first < 0 ? ends->first : ends->second, ": this axis has ", sizes::text(size))).note(absl::StrCat("elements count from 0 to ", sizes::text(sizes::minus(size, 1))));
    return false;
  }
  if (is_place_in(index.expr, size)) return true;
  if (const auto bounds = index.is_number() ? size_bounds(index.expr) : std::nullopt) {
    if (leave_room(bounds->room_below()) && leave_room(bounds->room_above(size))) return true;
    diagnostics_.report(Code::A0312, span, absl::StrCat("this index, computed from sizes, leaves its axis, which has ", sizes::text(size), " elements"));
    return false;
  }
  const auto range = range_of(index.expr);
  if (range && range->low >= 0 && sizes::is_open(size) && range->high < static_cast<double>(sizes::kOpen)) return leave_room(sizes::minus(size, static_cast<int64_t>(range->high)));
  if (range && range->low >= 0 && range->high <= static_cast<double>(size - 1)) return true;
  diagnostics_.report(Code::A0312, span, absl::StrCat("this index is known only when running, and nothing says that it lies in 0..", sizes::text(sizes::minus(size, 1))))
      .note(sizes::is_open(size) ? "declare its range, as in `input i : i64 in 0..9`: the run then checks that there are as many elements" : absl::StrCat("declare it so: `input i : index[", size, "]`, or `i64 in 0..", size - 1, "`"));
  return false;
}

/// `place`, a place in a tensor of `count` elements that was made of indices inside its axes.
Value Elaborator::inside(const Value& place, int64_t count) {
  if (place.expr->kind == Expr::Kind::Dense || place.expr->kind == Expr::Kind::Constant || place.expr->kind == Expr::Kind::Places || sizes::is_open(count)) return place;
  Expr ranged = *place.expr;
  ranged.type.range = Range{0, static_cast<double>(count - 1)};
  Value result = place;
  result.expr = program().make(std::move(ranged));
  return result;
}

/// x[g, 1.., j] with some indices known only when running, and slices or whole axes beside them; nullopt where all indices
/// are constants, or each is a number.
std::optional<Value> Elaborator::computed_part(const Value& base, const syntax::Expr& expr, const Scope& scope) {
  if (expr.indices.size() > base.shape.size()) return std::nullopt;
  // Only plain forms, an index per axis from the left: what `..` among others means is counted elsewhere.
  std::vector<Value> computed(expr.indices.size());
  bool any = false;
  for (size_t axis = 0; axis < expr.indices.size(); ++axis) {
    const syntax::Index& index = expr.indices[axis];
    if (index.name || is_new(index) || (index.kind == syntax::Index::Kind::All && base.shape.size() != expr.indices.size())) return std::nullopt;
    if (index.kind != syntax::Index::Kind::Value || index.value->kind == Kind::Integer) continue;
    Value at = expression(*index.value, scope);
    if (at.poisoned()) return Value{};
    if (!at.is_number() || at.expr->kind == Expr::Kind::Constant) continue;
    if (!at.expr->type.shape.empty()) return std::nullopt;  // a place of a loop
    computed[axis] = std::move(at);
    any = true;
  }
  if (!any) return std::nullopt;
  // The part at places 0 of the computed axes, and how far each step along them leads.
  std::vector<syntax::Index> plain_indices = expr.indices;
  syntax::Expr zero;
  zero.kind = Kind::Integer;
  zero.text = "0";
  zero.span = expr.span;
  for (size_t axis = 0; axis < computed.size(); ++axis) {
    if (computed[axis].poisoned()) continue;
    if (!lies_inside(computed[axis], base.shape[axis], expr.indices[axis].span)) return Value{};
    plain_indices[axis].value = &zero;
  }
  ExpressionTypes* const types = std::exchange(types_, nullptr);  // `zero` stands in no program
  const auto chosen = select_elements(base.shape, plain_indices, scope, expr.span);
  types_ = types;
  if (!chosen) return Value{};
  Value whole = base;
  whole.here = -1;
  whole = force(whole, expr.span);
  if (whole.poisoned()) return whole;
  Value step;
  for (size_t axis = 0; axis < computed.size(); ++axis) {
    if (computed[axis].poisoned()) continue;
    const int64_t stride = element_count(Shape(base.shape.begin() + static_cast<ptrdiff_t>(axis) + 1, base.shape.end()));
    const Value scaled = builder_.apply(Op::Mul, {computed[axis], Builder::value(builder_.integer(stride, expr.span))}, expr.span);
    step = step.poisoned() ? scaled : builder_.apply(Op::Add, {step, scaled}, expr.span);
    if (step.poisoned()) return step;
  }
  const int64_t count = element_count(base.shape);
  std::vector<Value> items;
  if (whole.is_whole() || chosen->positions.size() > static_cast<size_t>(kUnrolled)) {
    std::vector<double> places(chosen->positions.begin(), chosen->positions.end());
    Shape shape = chosen->shape;
    for (int64_t& size : shape) size = std::max<int64_t>(size, 1);
    Value from = Builder::value(builder_.dense(shape, std::move(places), plain(ScalarKind::I64), expr.span));
    const Value at = inside(builder_.apply(Op::Add, {from, step}, expr.span), count);
    Value part = Builder::whole(builder_.gather(builder_.as_whole(whole, whole.shape), at.expr, expr.span), expr.span);
    part.shape = chosen->shape;
    return part;
  }
  const auto last = std::find_if(computed.rbegin(), computed.rend(), [](const Value& v) { return !v.poisoned(); });
  const bool alone = std::all_of(last + 1, computed.rend(), [](const Value& v) { return v.poisoned(); });
  const auto axis = static_cast<size_t>(computed.rend() - last - 1);
  const int64_t stride = element_count(Shape(base.shape.begin() + static_cast<ptrdiff_t>(axis) + 1, base.shape.end()));
  for (const int64_t position : chosen->positions) {
    if (alone) {
      // Of one axis, its elements are all that can be meant.
      std::vector<Value> line;
      for (int64_t k = 0; k < base.shape[axis]; ++k) line.push_back((*whole.items)[static_cast<size_t>(position + k * stride)]);
      items.push_back(element_by_value(builder_.tensor({base.shape[axis]}, std::move(line), expr.span), *last, expr.span));
      if (items.back().poisoned()) return Value{};
      continue;
    }
    const Value at = inside(builder_.apply(Op::Add, {Builder::value(builder_.integer(position, expr.span)), step}, expr.span), count);
    items.push_back(element_by_value(whole, at, expr.span));
    if (items.back().poisoned()) return Value{};
  }
  return builder_.tensor(chosen->shape, std::move(items), expr.span);
}

/// x[i] for an i known only when running: its declared range must lie inside the axis, so that every row has an element.
Value Elaborator::element_by_value(const Value& base, const Value& written, Span span) {
  Value index = written;
  if (is_text(index.expr->type)) {
    diagnostics_.report(Code::A0304, written.span, "an index is an integer, and this is a text").note("`type Band = g | r` declares texts that are places: `f64[Band]`");
    return Value{};
  }
  if (index.expr->type.finite != nullptr) {  // the place of its value
    Expr place = *index.expr;
    place.type.finite = nullptr;
    index.expr = program().make(std::move(place));
  }
  const auto known = [&] {
    const auto& numbers = index.expr->elements->numbers;
    return *std::min_element(numbers.begin(), numbers.end()) >= 0 && *std::max_element(numbers.begin(), numbers.end()) < static_cast<double>(element_count(base.shape));
  };
  if (index.expr->kind == Expr::Kind::Places) {
    // The first place and the last, of each axis of a matrix where it is put together.
    const auto [low, high] = Builder::ends_of(*index.expr);
    if (leave_room(sizes::plus(low, 1)) && leave_room(sizes::minus(element_count(base.shape), high))) return Builder::value(builder_.gather(builder_.as_whole(base, base.shape), index.expr, span));
    diagnostics_.report(Code::A0312, index.span, absl::StrCat("this index runs from ", sizes::text(low), " to ", sizes::text(high), " and leaves the tensor: its shape is ", to_string(base.shape)));
    return Value{};
  }
  if (index.expr->kind == Expr::Kind::Dense) {
    if (known()) leave_room(sizes::minus(element_count(base.shape), static_cast<int64_t>(*std::max_element(index.expr->elements->numbers.begin(), index.expr->elements->numbers.end()))));
    if (known()) return Builder::value(builder_.gather(builder_.as_whole(base, base.shape), index.expr, span));
    diagnostics_.report(Code::A0312, index.span, absl::StrCat("this index leaves the tensor: its shape is ", to_string(base.shape)));
    return Value{};
  }
  const auto range = range_of(index.expr);
  const int64_t size = element_count(base.shape);
  if (size_bounds(index.expr)) return lies_inside(index, size, index.span) ? Builder::value(builder_.gather(builder_.as_whole(base, base.shape), index.expr, span)) : Value{};
  if (is_place_in(index.expr, size)) return Builder::value(builder_.gather(builder_.as_whole(base, base.shape), index.expr, span));
  if (!range || range->low < 0 || range->high > static_cast<double>(size - 1) || range->high >= static_cast<double>(sizes::kOpen)) {
    diagnostics_.report(Code::A0312, index.span, absl::StrCat("this index is known only when running, and nothing says that it lies in 0..", sizes::text(sizes::minus(size, 1))))
        .note(sizes::is_open(size) ? "declare its range, as in `input i : i64 in 0..9`: the run then checks that there are as many elements" : absl::StrCat("declare it so: `input i : index[", size, "]`, or `i64 in 0..", size - 1, "`"));
    return Value{};
  }
  leave_room(sizes::minus(size, static_cast<int64_t>(range->high)));
  if (base.is_whole() || !index.expr->type.shape.empty()) return Builder::value(builder_.gather(builder_.as_whole(base, base.shape), index.expr, span));
  // A balanced tree of comparisons: log(n) deep.
  const std::function<Value(int64_t, int64_t)> among = [&](int64_t begin, int64_t end) -> Value {
    if (end - begin == 1) return (*base.items)[static_cast<size_t>(begin)];
    const int64_t middle = begin + (end - begin) / 2;
    const Value before = builder_.apply(Op::Lt, {index, Builder::value(builder_.integer(middle, span), true)}, span);
    return builder_.select(before, among(begin, middle), among(middle, end), span);
  };
  Value result = among(0, size);
  result.literal = false;
  // One of these is chosen: what their declared ranges say together holds.
  std::optional<Range> of_all;
  for (const Value& item : *base.items) {
    const auto known = constant_value(item.expr);
    const std::optional<Range> of = known ? std::optional(Range{*known, *known}) : range_of(item.expr);
    if (!of) return result;
    of_all = of_all ? Range{std::min(of_all->low, of->low), std::max(of_all->high, of->high)} : *of;
  }
  Expr ranged = *result.expr;
  ranged.type.range = of_all;
  result.expr = program().make(std::move(ranged));
  return result;
}

Value Elaborator::step_of(const Value& series, const syntax::Expr& expr, const Scope& scope) {
  const auto later = [&] {
    diagnostics_.report(Code::A0701, expr.span, "of a series whose number of steps is read at start, steps before this one by a known number and the first ones are built")
        .note("`l[t-1]`, `l[t-3..t]`, `l[0]`; outside of `over` the series is a vector like others");
    return Value{};
  };
  if (expr.indices.empty() || expr.indices[0].kind == syntax::Index::Kind::All || expr.indices[0].name || is_new(expr.indices[0])) return later();
  if (expr.indices.size() > 1) {
    // `x[t-1, 0]` of a vector: the step, then its element; of `x[t-2..t, 0]` the same for each step.
    syntax::Expr step = expr, rest = expr;
    step.indices.resize(1);
    if (expr.indices[0].kind == syntax::Index::Kind::Value) rest.indices.erase(rest.indices.begin());
    else rest.indices[0] = syntax::Index{syntax::Index::Kind::All, std::nullopt, nullptr, nullptr, nullptr, expr.indices[0].span};
    const Value of = force(step_of(series, step, scope), expr.span);
    return of.poisoned() ? of : index_of(of, rest, scope);
  }
  // The least step here, of which `if t > 0` says more.
  double least = 0;
  for (const Scope* s = &scope; s != nullptr; s = s->parent()) {
    const auto steps = s->find(series.fields->front(), expr.span);
    if (!steps) continue;
    if (steps->is_number() && steps->expr->type.range) least = steps->expr->type.range->low;
    break;
  }
  // How far from this step, as `t - 2` is.
  const auto away = [&](const Value& at) -> std::optional<int64_t> {
    const Expr* places = at.expr;
    if (places->kind != Expr::Kind::Places || places->elements->strides != std::vector<int64_t>{1} || sizes::is_open(places->elements->offset)) return std::nullopt;
    return places->elements->offset;
  };
  const auto none = [&](Span span, int64_t step) {
    diagnostics_.report(Code::A0312, span, absl::StrCat("there is no step ", step, ": steps count from 0")).note("the first step has none before it: `if t == 0 then start else x[t - 1]`");
    return Value{};
  };
  const syntax::Index& index = expr.indices[0];
  if (index.kind != syntax::Index::Kind::Value) {
    // As many steps up to this one.
    if (index.low == nullptr || index.high == nullptr) return later();
    const Value low = scalar(*index.low, scope), high = scalar(*index.high, scope);
    if (low.poisoned() || high.poisoned()) return Value{};
    const auto from = away(low), to = away(high);
    if (!from || !to || *to > 1 || *to - *from > kUnrolled) return later();
    if (*from >= *to) {
      diagnostics_.report(Code::A0312, index.span, "this slice holds no step").note("a slice stops before its upper end and holds at least one element");
      return Value{};
    }
    if (-static_cast<double>(*from) > least) return none(index.span, static_cast<int64_t>(least) + *from);
    std::vector<Value> items;
    Shape shape;
    for (int64_t step = *from; step < *to; ++step) {
      const Value one = force(series.slice(step), expr.span);
      if (one.poisoned()) return one;
      shape = one.shape;
      const Value all = one.is_tensor() ? builder_.as_items(one) : one;
      if (all.is_tensor()) items.insert(items.end(), all.items->begin(), all.items->end());
      else items.push_back(all);
    }
    if (static_cast<int64_t>(items.size()) > kUnrolled) return later();
    shape.insert(shape.begin(), *to - *from);
    return builder_.tensor(std::move(shape), std::move(items), expr.span);
  }
  const Value at = scalar(*index.value, scope);
  if (at.poisoned()) return Value{};
  if (const auto known = at.expr->kind == Expr::Kind::Constant && !is_float(at.expr->type.scalar) ? std::optional(at.expr->integer) : std::nullopt) {
    if (*known >= 0 && static_cast<double>(*known) < least) return series.slice(*known + 1);
    if (*known >= 0 && leave_room(sizes::minus(series.shape[0], *known))) return series.element(*known);
    diagnostics_.report(Code::A0312, expr.span, absl::StrCat("there is no step ", *known, ": steps count from 0"));
    return Value{};
  }
  const auto step = away(at);
  if (!step || *step > 0) return later();
  return static_cast<double>(-*step) <= least ? series.slice(*step) : none(index.span, static_cast<int64_t>(least) + *step);
}

/// The place of the element that indices choose where one of them is no constant, counted through all axes; nullopt where
/// all are, or where slices stand among them.
std::optional<Value> Elaborator::computed_index(const Shape& shape, const syntax::Expr& expr, const Scope& scope) {
  if (expr.indices.size() != shape.size()) return std::nullopt;
  std::vector<Value> places;
  bool computed = false;
  for (const syntax::Index& index : expr.indices) {
    if (index.kind != syntax::Index::Kind::Value || index.name || is_new(index)) return std::nullopt;
    places.push_back(expression(*index.value, scope));
    if (places.back().poisoned()) return Value{};
    if (!places.back().is_number()) return std::nullopt;
    const Expr* at = places.back().expr;
    computed = computed || (at->kind != Expr::Kind::Constant && (!at->type.shape.empty() || !Builder::size_of(at)));
  }
  if (!computed) return std::nullopt;
  if (places.size() == 1) return places[0];
  Value place;
  for (size_t axis = 0; axis < places.size(); ++axis) {
    const auto below = builder_.size(element_count(Shape(shape.begin() + static_cast<ptrdiff_t>(axis) + 1, shape.end())), expr.span);
    // Only what is known for every element of a loop is checked axis by axis.
    const Expr* at = places[axis].expr;
    const auto inside = [&](double p) { return p >= 0 && p < static_cast<double>(shape[axis]); };
    bool known = false;
    if (at->kind == Expr::Kind::Dense) known = std::all_of(at->elements->numbers.begin(), at->elements->numbers.end(), inside);
    else if (at->kind == Expr::Kind::Constant) known = inside(static_cast<double>(at->integer));
    const auto ends = at->kind == Expr::Kind::Places ? std::optional(Builder::ends_of(*at)) : std::nullopt;
    const auto size = !ends && sizes::is_open(shape[axis]) ? Builder::size_of(at) : std::nullopt;
    if (ends) known = leave_room(sizes::plus(ends->first, 1)) && leave_room(sizes::minus(shape[axis], ends->second));
    if (size) known = leave_room(sizes::plus(*size, 1)) && leave_room(sizes::minus(shape[axis], *size));
    if (at->kind == Expr::Kind::Dense && sizes::is_open(shape[axis])) known = false;
    if (!known && (ends || size)) {
      diagnostics_.report(Code::A0312, expr.indices[axis].span, absl::StrCat("this index leaves its axis, which has ", sizes::text(shape[axis]), " elements"));
      return Value{};
    }
    if (!known && !lies_inside(places[axis], shape[axis], expr.indices[axis].span)) return Value{};
    Value scaled = builder_.apply(Op::Mul, {places[axis], below}, expr.span);
    place = place.poisoned() ? scaled : builder_.apply(Op::Add, {place, scaled}, expr.span);
    if (place.poisoned()) return place;
  }
  return inside(place, element_count(shape));
}

/// `x` at a tensor of places along one axis: the shape of the places stands where the axis was.
Value Elaborator::gather_along(const Value& x, size_t axis, const Value& places, Span span) {
  Value at = places;
  if (const Type& of = at.is_whole() ? at.expr->type : (*at.items)[0].expr->type; of.finite != nullptr && !is_text(of)) at = builder_.as_scalar(at, ScalarKind::I64, span);
  if (at.poisoned() || !lies_inside(at, std::max<int64_t>(x.shape[axis], 1), places.span)) return Value{};
  if (x.shape.size() == 1 && !x.is_whole() && !at.is_whole()) {
    std::vector<Value> chosen;
    for (const Value& item : *at.items) {
      const auto known = constant_value(item.expr);
      chosen.push_back(known ? (*x.items)[static_cast<size_t>(*known)] : element_by_value(x, item, span));
      if (chosen.back().poisoned()) return Value{};
    }
    return builder_.tensor(at.shape, std::move(chosen), span);
  }
  Shape shape(x.shape.begin(), x.shape.begin() + static_cast<ptrdiff_t>(axis));
  shape.insert(shape.end(), at.shape.begin(), at.shape.end());
  shape.insert(shape.end(), x.shape.begin() + static_cast<ptrdiff_t>(axis) + 1, x.shape.end());
  Shape settled = shape;
  for (int64_t& size : settled) size = std::max<int64_t>(size, 1);
  // Where in x: what the other axes add lies in even steps, and the place along this one is counted in its own.
  const int64_t inner = element_count(Shape(x.shape.begin() + static_cast<ptrdiff_t>(axis) + 1, x.shape.end()));
  std::vector<int64_t> along(shape.size(), 0), others(shape.size(), 0);
  int64_t step = 1;
  for (size_t k = at.shape.size(); k-- > 0; step = sizes::times(step, std::max<int64_t>(at.shape[k], 1))) along[axis + k] = step;
  step = 1;
  for (size_t k = x.shape.size(); k-- > 0; step = sizes::times(step, std::max<int64_t>(x.shape[k], 1))) {
    if (k != axis) others[k < axis ? k : k - 1 + at.shape.size()] = step;
  }
  Value place;
  {
    const Builder::Loop loop(builder_);
    const Expr* chosen = builder_.view(builder_.as_whole(at, at.shape), settled, 0, std::move(along), span);
    place = builder_.apply(Op::Mul, {Builder::value(chosen), builder_.size(inner, span)}, span);
    if (x.shape.size() > 1) place = builder_.apply(Op::Add, {place, Builder::value(builder_.places(settled, 0, std::move(others), span), true)}, span);
  }
  if (place.poisoned()) return place;
  place = inside(place, element_count(x.shape));
  Value part = Builder::whole(builder_.gather(builder_.as_whole(x, x.shape), place.expr, span), span);
  part.shape = std::move(shape);
  return !sizes::is_open(element_count(part.shape)) && element_count(part.shape) <= kUnrolled ? builder_.as_items(part) : part;
}

/// x[v, 1.., w] where indices are tensors of integers that are known only when running: each chooses along its own axis.
/// Nullopt where none is.
std::optional<Value> Elaborator::gathered(const Value& base, const syntax::Expr& expr, const Scope& scope) {
  std::vector<std::pair<size_t, Value>> tensors;  // by their index
  for (size_t i = 0; i < expr.indices.size(); ++i) {
    const syntax::Index& index = expr.indices[i];
    if (index.name || is_new(index)) return std::nullopt;
    if (index.kind != syntax::Index::Kind::Value || index.value->kind == Kind::Integer) continue;
    Value chosen = expression(*index.value, scope);
    if (chosen.poisoned()) return Value{};
    if (!chosen.is_tensor()) continue;
    const bool known = !chosen.is_whole() && std::all_of(chosen.items->begin(), chosen.items->end(), [](const Value& item) { return constant_value(item.expr).has_value(); });
    if (known && !sizes::any_open(base.shape)) continue;
    chosen.span = index.span;
    tensors.emplace_back(i, std::move(chosen));
  }
  if (tensors.empty()) return std::nullopt;
  // What the other indices choose, with these axes whole; numbers before them take their axes away.
  syntax::Expr rest = expr;
  for (const auto& [at, places] : tensors) {
    rest.indices[at].kind = syntax::Index::Kind::Slice;
    rest.indices[at].value = rest.indices[at].low = rest.indices[at].high = nullptr;
  }
  ExpressionTypes* const types = std::exchange(types_, nullptr);  // `rest` stands in no program
  Value part = expr.indices.size() == tensors.size() ? force(base, expr.span) : index(rest, scope);
  types_ = types;
  const auto axis_of = [&](size_t at) {
    size_t axis = 0;
    for (size_t i = 0; i < at; ++i) {
      if (expr.indices[i].kind == syntax::Index::Kind::All) axis += base.shape.size() - (expr.indices.size() - 1);
      else if (expr.indices[i].kind == syntax::Index::Kind::Slice) ++axis;
      else if (expression(*expr.indices[i].value, scope).is_tensor()) ++axis;
    }
    return axis;
  };
  // Each along its own axis, the last first: the places of the others stay where they are.
  for (auto each = tensors.rbegin(); each != tensors.rend() && !part.poisoned(); ++each) part = gather_along(part, axis_of(each->first), each->second, expr.span);
  return part;
}

}  // namespace acie::sema
