// Tensors, records and what chooses, makes and multiplies them.

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Sema/Analysis/Triangles.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/Indices.h"
#include "compiler/Sema/TensorLimits.h"

namespace acie::sema {
namespace {

using Kind = syntax::Expr::Kind;

/// Multiplications of a product that is written out.
constexpr int64_t kLargestProduct = 4096;

bool is_zero(const Value& v) { return constant_value(v.expr) == 0.0; }

/// Whether every element is an exogenous variable.
bool is_noise(const Value& v) {
  return v.is_tensor() && !v.is_whole() && std::all_of(v.items->begin(), v.items->end(), [](const Value& item) {
           return item.expr->kind == Expr::Kind::Variable && item.expr->variable->role == Variable::Role::Exo;
         });
}

}  // namespace

std::optional<int64_t> Elaborator::integer(const syntax::Expr& expr, const Scope& scope, const std::string& what) {
  const Value v = scalar(expr, scope);
  if (v.poisoned()) return std::nullopt;
  if (const auto open = Builder::size_of(v.expr); open && sizes::is_open(*open)) {
    diagnostics_.report(Code::A0310, expr.span, absl::StrCat(what, " must be known when compiling, and `", sizes::text(*open), "` is read from the data at start"))
        .note("dimensions read at start are sizes of tensors, ends of slices and of the ranges of comprehensions");
    return std::nullopt;
  }
  if (v.expr->kind != Expr::Kind::Constant || is_float(v.expr->type.scalar) || is_text(v.expr->type)) {
    diagnostics_.report(v.expr->kind == Expr::Kind::Constant ? Code::A0304 : Code::A0310, expr.span,
                        v.expr->kind == Expr::Kind::Constant ? absl::StrCat(what, " is an integer") : absl::StrCat(what, " must be known when compiling"));
    return std::nullopt;
  }
  return v.expr->integer;
}

Value Elaborator::scalar(const syntax::Expr& expr, const Scope& scope) {
  Value v = number(expr, scope);
  return builder_.require_number(v) ? v : Value{};
}

namespace {

/// Whether something in a record is a series whose steps are looked up one by one.
bool has_series(const Value& v) {
  if (v.kind != Value::Kind::Record) return v.kind == Value::Kind::Family;
  return std::any_of(v.items->begin(), v.items->end(), has_series);
}

/// Whether a record has an axis that an index may go along: it is a list of records, or one of each step.
bool has_axis(const Value& v) {
  if (v.kind != Value::Kind::Record) return v.kind == Value::Kind::Family || v.is_tensor();
  return !v.items->empty() && std::all_of(v.items->begin(), v.items->end(), has_axis);
}

}  // namespace

Value Elaborator::force(const Value& v, Span span) {
  if (v.kind == Value::Kind::Record && has_series(v)) {
    std::vector<Value> parts;
    for (const Value& item : *v.items) {
      parts.push_back(force(item, span));
      if (parts.back().poisoned()) return Value{};
    }
    return builder_.record(*v.fields, std::move(parts), span);
  }
  if (v.kind != Value::Kind::Family) return v;
  if (v.here >= 0 && v.slice) return v.slice(v.here);
  // The bare name of a series is its step here: a number, or the elements of a vector.
  const Shape shape = v.here >= 0 ? Shape(v.shape.begin() + 1, v.shape.end()) : v.shape;
  if (v.here >= 0 && shape.empty()) return v.element(v.here);
  if (v.slice) {
    std::vector<Value> steps;
    for (int64_t step = 0; step < v.shape[0]; ++step) {
      steps.push_back(v.slice(step));
      if (steps.back().poisoned()) return Value{};
    }
    return stack(std::move(steps), {v.shape[0]}, span);
  }
  const int64_t count = element_count(shape), first = v.here >= 0 ? v.here * count : 0;
  std::vector<Value> items;
  for (int64_t position = first; position < first + count; ++position) {
    items.push_back(v.element(position));
    if (items.back().poisoned()) return Value{};
  }
  return builder_.tensor(shape, std::move(items), span);
}

/// Elements of a series of large tensors: what lies in one step is read from its variable, and all of it is joined.
Value Elaborator::elements_of_steps(const Value& series, const Selection& chosen, Span span) {
  const int64_t each = element_count(Shape(series.shape.begin() + 1, series.shape.end()));
  Shape settled = chosen.shape;
  for (int64_t& size : settled) size = std::max<int64_t>(size, 1);
  std::vector<Value> parts;
  for (size_t begin = 0, end = 0; begin < chosen.positions.size(); begin = end) {
    const int64_t step = chosen.positions[begin] / each;
    std::vector<double> places;
    for (; end < chosen.positions.size() && chosen.positions[end] / each == step; ++end) places.push_back(static_cast<double>(chosen.positions[end] % each));
    const Value of = series.slice(step);
    if (of.poisoned()) return of;
    const bool all = places.size() == chosen.positions.size();
    const Expr* flat = builder_.reshaped(of.expr, {each}, span);
    if (all && chosen.shape.empty()) return Builder::value(builder_.view(flat, {}, static_cast<int64_t>(places[0]), {}, span));
    const Shape shape = all ? settled : Shape{static_cast<int64_t>(places.size())};
    parts.push_back(Builder::whole(builder_.gather(flat, builder_.dense(shape, std::move(places), plain(ScalarKind::I64), span), span), span));
  }
  std::vector<const Expr*> joined;
  for (const Value& part : parts) joined.push_back(part.expr);
  Value result = parts.size() == 1 ? parts[0] : Builder::whole(builder_.concat(std::move(joined), std::move(settled), span), span);
  result.shape = chosen.shape;
  return result;
}

std::optional<std::vector<syntax::Index>> Elaborator::positional(const Shape& shape, const std::vector<syntax::Index>& indices, const Scope& scope) {
  std::vector<std::optional<syntax::Index>> found(shape.size());
  for (const syntax::Index& index : indices) {
    const auto refuse = [&](const std::string& message, const std::string& note) {
      diagnostics_.report(Code::A0312, index.span, message).note(note);
      return std::nullopt;
    };
    if (!index.name) return refuse("an index without the name of its axis beside one that has it", "name them all, `x[W = 3, T = ..2]`, or none");
    syntax::Expr name;
    name.kind = Kind::Name;
    name.name = *index.name;
    name.span = index.name->span;
    const auto size = named_size(name, scope);
    const std::string text = absl::StrCat("`", index.name->text, "`");
    if (!size) return refuse(absl::StrCat(text, " names no axis"), absl::StrCat("an axis is named by its dimension, `dim W = 3`; the shape here is ", to_string(shape)));
    const auto axis = std::find(shape.begin(), shape.end(), *size);
    if (axis == shape.end()) return refuse(absl::StrCat("no axis here has the size ", text, ", ", sizes::text(*size)), absl::StrCat("the shape is ", to_string(shape)));
    if (std::find(axis + 1, shape.end(), *size) != shape.end()) return refuse(absl::StrCat("several axes here have the size ", text, ", ", sizes::text(*size)), "say which by its place: `x[.., 3]`");
    auto& place = found[static_cast<size_t>(axis - shape.begin())];
    if (place) return refuse(absl::StrCat("two indices for the axis ", text), "an axis has one");
    place = index;
    place->name.reset();
  }
  std::vector<syntax::Index> result;
  for (auto& index : found) {
    if (!index) index.emplace().kind = syntax::Index::Kind::All;
    result.push_back(*std::move(index));
  }
  return result;
}

bool Elaborator::names_axes(const std::vector<syntax::Index>& indices) {
  return std::any_of(indices.begin(), indices.end(), [](const syntax::Index& index) { return index.name.has_value(); });
}

std::optional<Elaborator::Selection> Elaborator::select_elements(const Shape& shape, const std::vector<syntax::Index>& indices, const Scope& scope, Span span, bool steps) {
  if (names_axes(indices)) {
    const auto placed = positional(shape, indices, scope);
    return placed ? select_elements(shape, *placed, scope, span, steps) : std::nullopt;
  }
  // Per result axis: which places of which source axis; an axis of -1 is new.
  struct Axis {
    std::vector<int64_t> places;
    bool kept = true;  // false: one place, the axis is gone
    bool stretches = false;
  };
  std::vector<Axis> axes;
  std::vector<size_t> source;  // of each entry of axes that is not new
  size_t next = 0;
  size_t consumed = 0;
  for (const syntax::Index& index : indices) consumed += !is_new(index);
  const bool leading_rest = !indices.empty() && indices[0].kind == syntax::Index::Kind::All;
  for (const syntax::Index& index : indices) {
    if (is_new(index)) {
      axes.push_back({{0}, true, true});
      continue;
    }
    if (next >= shape.size()) {
      diagnostics_.report(Code::A0312, span, absl::StrCat("this has ", shape.size(), shape.size() == 1 ? " axis" : " axes", ", and here are more indices")).note(absl::StrCat("its shape is ", to_string(shape)));
      return std::nullopt;
    }
    // `..` before other indices stands for as many whole axes as are left over.
    if (index.kind == syntax::Index::Kind::All) {
      const size_t whole = (leading_rest && &index == &indices[0]) || &index == &indices.back() ? shape.size() - consumed + 1 : 1;
      for (size_t k = 0; k < whole && next < shape.size(); ++k, ++next) {
        Axis axis;
        axis.stretches = shape[next] == kStretch;
        for (int64_t place = 0; place < std::max<int64_t>(shape[next], 1); ++place) axis.places.push_back(place);
        source.push_back(axes.size());
        axes.push_back(std::move(axis));
      }
      continue;
    }
    const int64_t size = std::max<int64_t>(shape[next], 1);
    const auto place = [&](const syntax::Expr& text, const char* what) -> std::optional<int64_t> {
      auto at = integer(text, scope, what);
      if (at && *at < 0 && counts_from_end(text)) *at += size;
      return at;
    };
    Axis axis;
    if (index.kind == syntax::Index::Kind::Value) {
      axis.kept = false;
      const Value chosen = expression(*index.value, scope);
      if (chosen.poisoned()) return std::nullopt;
      if (chosen.is_tensor()) {
        axis.kept = true;
        const Value places = builder_.as_items(chosen);
        if (places.poisoned()) return std::nullopt;
        for (const Value& item : *places.items) {
          const auto at = constant_value(item.expr);
          if (is_text(item.expr->type)) {
            diagnostics_.report(Code::A0304, index.span, "an index is an integer, and these are texts");
            return std::nullopt;
          }
          if (!at || is_float(item.expr->type.scalar) || item.expr->type.scalar == ScalarKind::Bool) {
            diagnostics_.report(Code::A0701, index.span, "indices that are not constant integers are not built yet");
            return std::nullopt;
          }
          axis.places.push_back(static_cast<int64_t>(*at));
        }
      } else if (const auto at = place(*index.value, "an index")) {
        axis.places.push_back(*at);
      } else {
        return std::nullopt;
      }
      for (const int64_t at : axis.places) {
        if (at >= 0 && at < size) continue;
        if (steps) {
          diagnostics_.report(Code::A0312, index.span, absl::StrCat("there is no step ", at, ": steps count from 0 to ", size - 1)).note("the first step has none before it: `if t == 0 then start else x[t - 1]`");
          return std::nullopt;
        }
        diagnostics_.report(Code::A0312, index.span, absl::StrCat("there is no element ", at, ": this axis has ", size)).note(absl::StrCat("elements count from 0 to ", size - 1, "; `-1`, written so, is the last"));
        return std::nullopt;
      }
    } else {
      const auto low = index.low != nullptr ? place(*index.low, "the start of a slice") : std::optional<int64_t>(0);
      const auto high = index.high != nullptr ? place(*index.high, "the end of a slice") : std::optional<int64_t>(size);
      if (!low || !high) return std::nullopt;
      if (*low < 0 || *high > size || *low >= *high) {
        diagnostics_.report(Code::A0312, index.span, absl::StrCat("this slice runs from ", *low, " up to ", *high, ", and the axis has ", size, " elements")).note("a slice stops before its upper end and holds at least one element");
        return std::nullopt;
      }
      for (int64_t at = *low; at < *high; ++at) axis.places.push_back(at);
    }
    source.push_back(axes.size());
    axes.push_back(std::move(axis));
    ++next;
  }
  for (; next < shape.size(); ++next) {
    Axis axis;
    axis.stretches = shape[next] == kStretch;
    for (int64_t place = 0; place < std::max<int64_t>(shape[next], 1); ++place) axis.places.push_back(place);
    source.push_back(axes.size());
    axes.push_back(std::move(axis));
  }
  std::vector<int64_t> stride(axes.size(), 0);
  int64_t step = 1;
  for (size_t axis = shape.size(); axis-- > 0; step *= std::max<int64_t>(shape[axis], 1)) stride[source[axis]] = step;
  Selection selection;
  selection.positions = {0};
  for (size_t a = 0; a < axes.size(); ++a) {
    if (axes[a].kept) selection.shape.push_back(axes[a].stretches ? kStretch : static_cast<int64_t>(axes[a].places.size()));
    std::vector<int64_t> positions;
    for (const int64_t base : selection.positions) {
      for (const int64_t at : axes[a].places) positions.push_back(base + at * stride[a]);
    }
    selection.positions = std::move(positions);
  }
  return selection;
}

Value Elaborator::index(const syntax::Expr& expr, const Scope& scope) {
  if (expr.base->kind == Kind::Name) {
    if (auto found = estimate_or_draws(expr, scope)) return *found;
  }
  if (auto function = sized(expr, scope)) return *function;
  const Value base = unforced(*expr.base, scope);
  if (base.poisoned()) return base;
  if (!expr.indices2.empty()) {
    diagnostics_.report(Code::A0207, expr.span, "`;` stands in `Q[0.95; x]` alone");
    return Value{};
  }
  std::vector<std::pair<const syntax::Expr*, const Scope*>> looked_at;
  for (const syntax::Index& index : expr.indices) {
    for (const syntax::Expr* part : {index.value, index.low, index.high}) {
      if (part != nullptr && index_values_.emplace(std::pair(part, &scope), std::nullopt).second) looked_at.emplace_back(part, &scope);
    }
  }
  const auto forget = absl::MakeCleanup([&] {
    for (const auto& each : looked_at) index_values_.erase(each);
  });
  if (!names_axes(expr.indices)) return index_of(base, expr, scope);
  const auto placed = positional(base.shape, expr.indices, scope);
  if (!placed) return Value{};
  syntax::Expr plain = expr;
  plain.indices = *placed;
  return index_of(base, plain, scope);
}

namespace {

/// Of `w.x[t]`, a vector at each place of a loop, its shape; nullopt where the indices choose something else.
std::optional<Shape> vector_at_places(const Shape& shape, const syntax::Expr& expr, const std::function<Value(const syntax::Expr&)>& index) {
  if (expr.indices.size() >= shape.size()) return std::nullopt;
  Shape each(shape.begin() + static_cast<ptrdiff_t>(expr.indices.size()), shape.end());
  if (sizes::any_open(each) || element_count(each) > kUnrolled) return std::nullopt;
  bool places = false;
  for (const syntax::Index& written : expr.indices) {
    if (written.kind != syntax::Index::Kind::Value || written.name || written.value->kind != syntax::Expr::Kind::Name) return std::nullopt;
    const Value at = index(*written.value);
    if (!at.is_number()) return std::nullopt;
    places = places || at.expr->kind == Expr::Kind::Places;
  }
  return places ? std::optional(std::move(each)) : std::nullopt;
}

/// Its elements, written out: `w.x[t, 0]`, `w.x[t, 1]`, …
std::vector<Value> elements_at(const Shape& each, const syntax::Expr& expr, const std::function<Value(const syntax::Expr&)>& element) {
  std::vector<Value> items;
  for (int64_t k = 0; k < element_count(each); ++k) {
    syntax::Expr full = expr;
    std::vector<syntax::Expr> rest(each.size());
    int64_t position = k;
    for (size_t axis = each.size(); axis-- > 0; position /= each[axis]) {
      rest[axis].kind = syntax::Expr::Kind::Integer;
      rest[axis].text = std::to_string(position % each[axis]);
      rest[axis].span = expr.span;
    }
    for (syntax::Expr& index : rest) {
      syntax::Index& added = full.indices.emplace_back();
      added.kind = syntax::Index::Kind::Value;
      added.value = &index;
      added.span = expr.span;
    }
    items.push_back(element(full));
  }
  return items;
}

}  // namespace

Value Elaborator::index_of(const Value& base, const syntax::Expr& expr, const Scope& scope) {
  if (base.kind == Value::Kind::Record && has_axis(base)) {
    // The record at a place: each field there.
    std::vector<Value> parts;
    for (const Value& item : *base.items) {
      parts.push_back(index_of(item, expr, scope));
      if (parts.back().poisoned()) return Value{};
    }
    return builder_.record(*base.fields, std::move(parts), expr.span);
  }
  const bool family = base.kind == Value::Kind::Family;
  if (!family && !base.is_tensor()) {
    if (builder_.require_number(base)) diagnostics_.report(Code::A0312, expr.span, "this is one number and has no elements").label(base.span, absl::StrCat("this is `", to_string(base.expr->type), "`"));
    return Value{};
  }
  if (family && sizes::any_open(base.shape)) return step_of(base, expr, scope);
  if (const auto at = computed_index(base.shape, expr, scope)) {
    Value whole = base;
    whole.here = -1;
    whole = force(whole, expr.span);
    return whole.poisoned() || at->poisoned() ? Value{} : element_by_value(whole, *at, expr.span);
  }
  if (builder_.in_loop() && base.is_whole()) {
    const auto each = vector_at_places(base.shape, expr, [&](const syntax::Expr& index) { return expression(index, scope); });
    if (each) return builder_.tensor(*each, elements_at(*each, expr, [&](const syntax::Expr& element) { return index_of(base, element, scope); }), expr.span);
  }
  if (auto part = gathered(base, expr, scope)) return *std::move(part);
  if (std::none_of(base.shape.begin(), base.shape.end(), sizes::is_open)) {
    if (auto part = computed_part(base, expr, scope)) return *part;
  }
  if (base.is_whole()) {
    if (auto part = slice(base, expr.indices, scope, expr.span)) return *std::move(part);
  }
  const auto chosen = select_elements(base.shape, expr.indices, scope, expr.span, base.here >= 0);
  if (!chosen) return Value{};
  if (base.is_whole()) {
    std::vector<double> places(chosen->positions.begin(), chosen->positions.end());
    if (chosen->shape.empty()) return Builder::value(builder_.view(base.expr, {}, chosen->positions[0], {}, expr.span));
    Shape settled = chosen->shape;
    for (int64_t& size : settled) size = std::max<int64_t>(size, 1);
    Value part = Builder::whole(builder_.gather(base.expr, builder_.dense(std::move(settled), std::move(places), plain(ScalarKind::I64), expr.span), expr.span), expr.span);
    part.shape = chosen->shape;
    return part;
  }
  if (family && base.slice) return elements_of_steps(base, *chosen, expr.span);
  std::vector<Value> items;
  items.reserve(chosen->positions.size());
  for (const int64_t position : chosen->positions) {
    items.push_back(family ? base.element(position) : (*base.items)[static_cast<size_t>(position)]);
    if (items.back().poisoned()) return Value{};
  }
  if (chosen->shape.empty()) return items[0];
  return builder_.tensor(chosen->shape, std::move(items), expr.span);
}

Value Elaborator::stack(std::vector<Value> items, const Shape& outer, Span span) {
  if (std::any_of(items.begin(), items.end(), [](const Value& item) { return item.is_whole(); })) {
    const Shape each = items[0].shape;
    Shape shape = outer;
    shape.insert(shape.end(), each.begin(), each.end());
    for (const Value& item : items) {
      if (item.shape != each) {
        diagnostics_.report(Code::A0312, item.span, absl::StrCat("every item has the shape of the first, ", to_string(each), item.is_tensor() ? absl::StrCat(", and this is ", to_string(item.shape)) : ", and this is a number"));
        return Value{};
      }
    }
    std::vector<const Expr*> parts = builder_.join(std::move(items), span);
    if (parts.empty()) return Value{};
    return Builder::whole(builder_.concat(std::move(parts), std::move(shape), span), span);
  }
  const Value& first = items[0];
  if (first.kind == Value::Kind::Record) {
    std::vector<Value> fields;
    for (size_t f = 0; f < first.fields->size(); ++f) {
      std::vector<Value> parts;
      for (const Value& item : items) {
        const Value* part = item.field((*first.fields)[f]);
        if (part == nullptr || item.fields->size() != first.fields->size()) {
          diagnostics_.report(Code::A0304, item.span, "these records have different fields");
          return Value{};
        }
        parts.push_back(*part);
      }
      fields.push_back(stack(std::move(parts), outer, span));
      if (fields.back().poisoned()) return Value{};
    }
    return builder_.record(*first.fields, std::move(fields), span);
  }
  if (!first.is_tensor()) return builder_.tensor(outer, std::move(items), span);
  Shape shape = outer;
  shape.insert(shape.end(), first.shape.begin(), first.shape.end());
  std::vector<Value> elements;
  for (const Value& item : items) {
    if (!item.is_tensor() || item.shape != first.shape) {
      diagnostics_.report(Code::A0312, item.span, absl::StrCat("every item has the shape of the first, ", to_string(first.shape), item.is_tensor() ? absl::StrCat(", and this is ", to_string(item.shape)) : ", and this is a number"));
      return Value{};
    }
    elements.insert(elements.end(), item.items->begin(), item.items->end());
  }
  if (static_cast<int64_t>(elements.size()) > kLargest) {
    diagnostics_.report(Code::A0701, span, absl::StrCat("tensors of more than ", kLargest, " elements are not built yet"));
    return Value{};
  }
  return builder_.tensor(std::move(shape), std::move(elements), span);
}

Value Elaborator::list(const syntax::Expr& expr, const Scope& scope) {
  std::vector<Value> items;
  for (const syntax::Expr* item : expr.operands) {
    items.push_back(expression(*item, scope));
    if (items.back().poisoned()) return Value{};
  }
  if (items.empty()) {
    diagnostics_.report(Code::A0312, expr.span, "this list has no elements").note("every axis of a tensor has at least one");
    return Value{};
  }
  return stack(std::move(items), {static_cast<int64_t>(expr.operands.size())}, expr.span);
}

Value Elaborator::record(const syntax::Expr& expr, const Scope& scope) {
  std::vector<std::string> fields;
  std::vector<Value> items;
  for (const syntax::RecordField& field : expr.fields) {
    const Value value = expression(*field.value, scope);
    if (value.poisoned()) return value;
    if (!field.name) {
      if (value.kind != Value::Kind::Record) {
        diagnostics_.report(Code::A0304, field.value->span, "`..` spreads a record, and this is none");
        return Value{};
      }
      for (size_t i = 0; i < value.fields->size(); ++i) {
        const auto known = std::find(fields.begin(), fields.end(), (*value.fields)[i]);
        if (known == fields.end()) {
          fields.push_back((*value.fields)[i]);
          items.push_back((*value.items)[i]);
        } else {
          items[static_cast<size_t>(known - fields.begin())] = (*value.items)[i];
        }
      }
      continue;
    }
    const auto known = std::find(fields.begin(), fields.end(), field.name->text);
    if (known == fields.end()) {
      fields.push_back(field.name->text);
      items.push_back(value);
    } else {
      items[static_cast<size_t>(known - fields.begin())] = value;  // `{..r, flux: e}` replaces
    }
  }
  return builder_.record(std::move(fields), std::move(items), expr.span);
}

/// A whole matrix as the list of its elements, those that it cannot have as zeros.
Value Elaborator::listed(const Value& matrix) {
  Value result = builder_.as_items(matrix);
  const Triangle triangle = matrix.shape.size() == 2 && matrix.shape[0] == matrix.shape[1] ? triangle_of(matrix.expr) : Triangle::None;
  if (triangle == Triangle::None) return result;
  std::vector<Value> items = *result.items;
  const int64_t n = matrix.shape[0];
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      if (triangle == Triangle::Lower ? j > i : j < i) items[static_cast<size_t>(i * n + j)] = Builder::value(builder_.number(0, matrix.span, matrix.expr->type.unit), true);
    }
  }
  result.items = std::make_shared<const std::vector<Value>>(std::move(items));
  return result;
}

Value Elaborator::matrix_product(const Value& left, const Value& right, Span span) {
  if (!builder_.require_numbers(left) || !builder_.require_numbers(right)) return Value{};
  const auto refuse = [&](const std::string& message) {
    diagnostics_.report(Code::A0312, span, message)
        .label(left.span, left.is_tensor() ? absl::StrCat("shape ", to_string(left.shape)) : "a number")
        .label(right.span, right.is_tensor() ? absl::StrCat("shape ", to_string(right.shape)) : "a number");
    return Value{};
  };
  if (!left.is_tensor() || !right.is_tensor()) return refuse("`@` multiplies vectors and matrices; `*` multiplies by a number");
  // A vector on the left is a row, on the right a column; leading axes of matrices are a batch, the same on both sides.
  Shape a = left.shape, b = right.shape;
  if (std::count(a.begin(), a.end(), kStretch) + std::count(b.begin(), b.end(), kStretch) > 0) return refuse("axes made by `new` have no place in `@`");
  const bool row = a.size() == 1, column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  Shape batch_a(a.begin(), a.end() - 2), batch_b(b.begin(), b.end() - 2);
  if (!batch_a.empty() && !batch_b.empty() && batch_a != batch_b) return refuse("the leading axes of `@` are a batch, the same on both sides");
  const Shape batch = batch_a.empty() ? batch_b : batch_a;
  const int64_t rows = a[a.size() - 2], inner = a.back(), columns = b.back();
  if (inner != b[b.size() - 2]) return refuse(absl::StrCat("`@` adds over an axis of ", sizes::text(inner), " on the left and ", sizes::text(b[b.size() - 2]), " on the right"));
  Shape shape = batch;
  if (!row) shape.push_back(rows);
  if (!column) shape.push_back(columns);
  // A matrix of more than kUnrolled elements times a short vector of noises is written out too, so that each noise can be
  // solved for; what its form says is zero is no dependence.
  const int64_t terms = element_count(batch) * rows * inner * columns;
  if (batch.empty() && terms <= kLargestProduct && left.is_whole() != right.is_whole() && (is_noise(left) || is_noise(right))) {
    return matrix_product(left.is_whole() ? listed(left) : left, right.is_whole() ? listed(right) : right, span);
  }
  // A product of what it takes to write it out is written out, element by element.
  if (left.is_whole() || right.is_whole() || element_count(batch) * rows * inner * columns > kLargestProduct) {
    const Value* both[] = {&left, &right};
    // The unit and type of one product are those of all.
    std::vector<Value> one;
    for (const Value* v : both) one.push_back(Builder::value(builder_.view(builder_.as_whole(*v, v->shape), {}, 0, {}, v->span)));
    const Value product = builder_.apply(Op::Mul, one, span);
    if (product.poisoned()) return product;
    if (!is_float(product.expr->type.scalar) && graph_ == nullptr) {  // graphs compute them exactly
      diagnostics_.report(Code::A0701, span, "products of large matrices of integers are not built yet").note("convert one with `as f64`");
      return Value{};
    }
    std::vector<const Expr*> operands;
    for (size_t i = 0; i < 2; ++i) {
      const Value converted = builder_.as_scalar(*both[i], product.expr->type.scalar, span);
      const Shape& wanted = i == 0 ? a : b;
      operands.push_back(builder_.reshaped(builder_.as_whole(converted, converted.shape), wanted, span));
    }
    Type type = product.expr->type;
    return Builder::whole(builder_.contract(operands[0], operands[1], std::move(shape), type, span), span);
  }
  std::vector<Value> items;
  for (int64_t m = 0; m < element_count(batch); ++m) {
    const int64_t from_a = batch_a.empty() ? 0 : m * rows * inner, from_b = batch_b.empty() ? 0 : m * inner * columns;
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        // A constant zero in a matrix says that there is no dependence: the term is left out, not added as 0 · x. So a
        // triangular matrix is triangular to the analysis, and each noise of L u + m follows from the ones before it.
        std::vector<Value> terms;
        Value nothing;
        for (int64_t k = 0; k < inner; ++k) {
          Value x = (*left.items)[static_cast<size_t>(from_a + i * inner + k)], y = (*right.items)[static_cast<size_t>(from_b + k * columns + j)];
          x.span = left.span;
          y.span = right.span;
          Value term = builder_.apply(Op::Mul, {x, y}, span);
          if (term.poisoned()) return Value{};
          if (is_zero(x) || is_zero(y)) nothing = Builder::value(builder_.number(0, span, term.expr->type.unit), true);
          else terms.push_back(std::move(term));
        }
        items.push_back(terms.empty() ? nothing : builder_.sum(terms, span));
        if (items.back().poisoned()) return Value{};
      }
    }
  }
  return shape.empty() ? items[0] : builder_.tensor(std::move(shape), std::move(items), span);
}

}  // namespace acie::sema
