// Dimensions that are read from the data at start (`dim J`): sizes as values and values as sizes, and what is done by
// places where a size is known only at start. What only the run can find out (`x[5]` of an `f64[J]`) it checks when it
// knows the sizes.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/Indices.h"

namespace acie::sema {
std::optional<int64_t> Builder::size_of(const Expr* expr) {
  switch (expr->kind) {
    case Expr::Kind::Constant: return is_float(expr->type.scalar) || sizes::is_open(expr->integer) ? std::nullopt : std::optional(expr->integer);
    case Expr::Kind::Slot: return expr->slot->role == Slot::Role::Size ? std::optional(sizes::dimension(expr->slot->name)) : std::nullopt;
    case Expr::Kind::Apply: break;
    default: return std::nullopt;
  }
  std::vector<int64_t> of;
  for (const Expr* operand : expr->operands) {
    const auto size = is_float(expr->type.scalar) ? std::nullopt : size_of(operand);
    if (!size) return std::nullopt;
    of.push_back(*size);
  }
  switch (expr->op) {
    case Op::Neg: return sizes::times(of[0], -1);
    case Op::Add: return sizes::plus(of[0], of[1]);
    case Op::Sub: return sizes::minus(of[0], of[1]);
    case Op::Mul: return sizes::times(of[0], of[1]);
    case Op::Convert: return of[0];
    default: return std::nullopt;
  }
}

std::pair<int64_t, int64_t> Builder::ends_of(const Expr& places) {
  int64_t low = places.elements->offset, high = low;
  for (size_t axis = 0; axis < places.type.shape.size(); ++axis) {
    const int64_t stride = places.elements->strides[axis], reach = sizes::times(sizes::minus(places.type.shape[axis], 1), stride);
    int64_t& end = stride < 0 ? low : high;
    end = sizes::plus(end, reach);
  }
  return {low, high};
}

Value Builder::size(int64_t size, Span span) {
  if (!sizes::is_open(size)) return value(integer(size, span), true);
  Value sum;
  for (const sizes::Term& term : sizes::polynomial(size)) {
    Value product;
    if (term.factor != 1 || term.dims.empty()) product = value(integer(term.factor, span), true);
    for (const std::string& dim : term.dims) {
      const Value factor = value(slot(program_.dimensions.at(dim), span), true);
      product = product.poisoned() ? factor : apply(Op::Mul, {product, factor}, span);
    }
    sum = sum.poisoned() ? product : apply(Op::Add, {sum, product}, span);
  }
  sum.literal = true;  // fits any numeric type, as a dimension that is written does
  sum.span = span;
  return sum;
}

const Expr* Builder::places(Shape shape, int64_t offset, std::vector<int64_t> strides, Span span) {
  Expr expr;
  expr.kind = Expr::Kind::Places;
  expr.type = plain(ScalarKind::I64);
  expr.type.shape = std::move(shape);
  Expr::Elements elements;
  elements.offset = offset;
  elements.strides = std::move(strides);
  expr.elements = std::make_shared<const Expr::Elements>(std::move(elements));
  expr.span = span;
  return program_.make(std::move(expr));
}

/// Sums of places, and places moved and scaled by sizes, are places: `x[i + 1]` is a slice, `m[i, j]` the matrix itself.
std::optional<Expr> Builder::fold_places(const Expr& apply) {
  const auto is_places = [](const Expr* e) { return e->kind == Expr::Kind::Places; };
  if (apply.kind != Expr::Kind::Apply || apply.type.scalar != ScalarKind::I64 || std::none_of(apply.operands.begin(), apply.operands.end(), is_places)) return std::nullopt;
  struct Steps {
    int64_t offset = 0;
    std::vector<int64_t> strides;
  };
  const size_t axes = apply.type.shape.size();
  const auto steps = [&](const Expr* e) -> std::optional<Steps> {
    if (is_places(e)) return Steps{e->elements->offset, e->elements->strides};
    const auto size = e->type.shape.empty() ? size_of(e) : std::nullopt;
    return size ? std::optional(Steps{*size, std::vector<int64_t>(axes, 0)}) : std::nullopt;
  };
  std::vector<Steps> of;
  for (const Expr* operand : apply.operands) {
    const auto found = steps(operand);
    if (!found) return std::nullopt;
    of.push_back(*found);
  }
  Expr::Elements made;
  made.strides.resize(axes);
  const auto each = [&](auto join) {
    made.offset = join(of[0].offset, of.back().offset);
    for (size_t axis = 0; axis < axes; ++axis) made.strides[axis] = join(of[0].strides[axis], of.back().strides[axis]);
  };
  switch (apply.op) {
    case Op::Neg: each([](int64_t a, int64_t) { return sizes::times(a, -1); }); break;
    case Op::Add: each(sizes::plus); break;
    case Op::Sub: each(sizes::minus); break;
    case Op::Mul: {
      if (is_places(apply.operands[0]) && is_places(apply.operands[1])) return std::nullopt;
      const Steps &steps_of = is_places(apply.operands[0]) ? of[0] : of[1], &factor = is_places(apply.operands[0]) ? of[1] : of[0];
      made.offset = sizes::times(steps_of.offset, factor.offset);
      for (size_t axis = 0; axis < axes; ++axis) made.strides[axis] = sizes::times(steps_of.strides[axis], factor.offset);
      break;
    }
    default: return std::nullopt;
  }
  // Larger ones are integers like others, which wrap in the run.
  if (!sizes::is_exact(made.offset) || !std::all_of(made.strides.begin(), made.strides.end(), sizes::is_exact)) return std::nullopt;
  Expr result = apply;
  result.kind = Expr::Kind::Places;
  result.operands.clear();
  result.elements = std::make_shared<const Expr::Elements>(std::move(made));
  return result;
}

bool Elaborator::leave_room(int64_t size) {
  if (sizes::is_open(size)) program().room.insert(size);
  return size >= 1;
}

Value Elaborator::read_at_start(const syntax::Name& name, const Module& module, Span use) {
  std::string called = name.text;
  Slot** known = &program().dimensions[called];
  if (*known != nullptr && (*known)->span != name.span) {  // of another module
    called = absl::StrCat(module.name, ".", name.text);
    known = &program().dimensions[called];
  }
  if (*known == nullptr) {
    Slot slot;
    slot.role = Slot::Role::Size;
    slot.name = called;
    slot.type = plain(ScalarKind::I64);
    slot.type.range = Range{1, std::numeric_limits<double>::infinity()};
    slot.span = name.span;
    *known = program().make(std::move(slot));
  }
  return builder_.size(sizes::dimension(called), use);
}

std::optional<int64_t> Elaborator::size(const syntax::Expr& expr, const Scope& scope, const std::string& what) {
  if (const FiniteType* finite = named_finite_type(expr, scope)) return static_cast<int64_t>(finite->values.size());
  // `f64[index[G]]` has an element for each place in an axis of G.
  if (const auto* base = expr.kind == syntax::Expr::Kind::Index ? expr.base : nullptr; base != nullptr && base->kind == syntax::Expr::Kind::Name && base->name.text == "index" && expr.indices.size() == 1 && expr.indices[0].kind == syntax::Index::Kind::Value && !expr.indices[0].name) {
    const Module* owner = nullptr;
    bool declared = find_declaration(*scope.module(), "index", &owner) != nullptr;
    for (const Scope* s = &scope; s != nullptr && !declared; s = s->parent()) declared = s->find("index", base->span).has_value();
    if (!declared) return size(*expr.indices[0].value, scope, what);
  }
  const Value v = scalar(expr, scope);
  if (v.poisoned()) return std::nullopt;
  const auto open = Builder::size_of(v.expr);
  const bool integer = v.expr->kind == Expr::Kind::Constant && !is_float(v.expr->type.scalar);
  if (open ? !sizes::is_exact(*open) : integer) {
    diagnostics_.report(Code::A0701, expr.span, absl::StrCat(what, " of more than ", sizes::kLargestFactor, " is not built yet"));
    return std::nullopt;
  }
  if (open) return open;
  if (v.expr->kind == Expr::Kind::Constant) {
    diagnostics_.report(Code::A0304, expr.span, absl::StrCat(what, " is an integer"));
    return std::nullopt;
  }
  auto report = diagnostics_.report(Code::A0310, expr.span, absl::StrCat(what, " must be known when compiling"));
  const auto is_size = [](const Expr* part) { return part->kind == Expr::Kind::Slot && part->slot->role == Slot::Role::Size; };
  if (const auto parts = postorder(v.expr); std::any_of(parts.begin(), parts.end(), is_size)) report.note("a dimension read at start may be added, subtracted and multiplied in a size");
  return std::nullopt;
}

/// What each index chooses along its axis, where a size is read at start: places, slices, whole and new axes. Nullopt after
/// reporting.
std::optional<std::vector<Elaborator::AxisPart>> Elaborator::axis_parts(const Shape& base, const std::vector<syntax::Index>& indices, const Scope& scope, Span span) {
  if (names_axes(indices)) {
    const auto placed = positional(base, indices, scope);
    return placed ? axis_parts(base, *placed, scope, span) : std::nullopt;
  }
  const auto refuse = [&](Span at, const std::string& message, const std::string& note) {
    diagnostics_.report(Code::A0312, at, message).note(note);
    return std::nullopt;
  };
  const auto takes_axis = [](const syntax::Index& index) { return !is_new(index); };
  const auto consumed = static_cast<size_t>(std::count_if(indices.begin(), indices.end(), takes_axis));
  const bool rest_first = !indices.empty() && indices[0].kind == syntax::Index::Kind::All;
  if (consumed > base.size() + (consumed > 0 && (rest_first || indices.back().kind == syntax::Index::Kind::All) ? 1 : 0)) {
    return refuse(span, absl::StrCat("this has ", base.size(), base.size() == 1 ? " axis" : " axes", ", and here are more indices"), absl::StrCat("its shape is ", to_string(base)));
  }
  std::vector<AxisPart> parts;
  size_t next = 0;
  for (const syntax::Index& index : indices) {
    if (is_new(index)) {
      parts.push_back({AxisPart::Kind::New, 0, 1});
      continue;
    }
    if (index.kind == syntax::Index::Kind::All) {
      const size_t whole = (rest_first && &index == &indices[0]) || &index == &indices.back() ? base.size() - consumed + 1 : 1;
      for (size_t k = 0; k < whole; ++k) parts.push_back({AxisPart::Kind::Slice, 0, base[next++]});
      continue;
    }
    const int64_t length = std::max<int64_t>(base[next++], 1);
    const auto place = [&](const syntax::Expr& text, const char* what) -> std::optional<int64_t> {
      const auto at = size(text, scope, what);
      return at && !sizes::is_open(*at) && *at < 0 && counts_from_end(text) ? std::optional(sizes::plus(length, *at)) : at;
    };
    if (index.kind == syntax::Index::Kind::Value) {
      if (const Value chosen = expression(*index.value, scope); chosen.is_tensor() || chosen.poisoned()) {
        if (chosen.is_tensor()) diagnostics_.report(Code::A0701, index.span, absl::StrCat("a tensor of places beside other indices is not built yet where a size is read at start, as in ", to_string(base))).note("`gather(x, places, axis: 0)` takes places along one axis");
        return std::nullopt;
      }
      const auto at = place(*index.value, "an index");
      if (!at) return std::nullopt;
      if (!leave_room(sizes::plus(*at, 1)) || !leave_room(sizes::minus(length, *at))) return refuse(index.span, absl::StrCat("there is no element ", sizes::text(*at), ": this axis has ", sizes::text(length)), absl::StrCat("elements count from 0 to ", sizes::text(sizes::minus(length, 1))));
      parts.push_back({AxisPart::Kind::Place, *at, 1});
      continue;
    }
    const auto low = index.low != nullptr ? place(*index.low, "the start of a slice") : std::optional<int64_t>(0);
    const auto high = index.high != nullptr ? place(*index.high, "the end of a slice") : std::optional<int64_t>(length);
    if (!low || !high) return std::nullopt;
    const int64_t count = sizes::minus(*high, *low);
    if (!leave_room(sizes::plus(*low, 1)) || !leave_room(count) || !leave_room(sizes::plus(sizes::minus(length, *high), 1))) {
      return refuse(index.span, absl::StrCat("this slice runs from ", sizes::text(*low), " up to ", sizes::text(*high), ", and the axis has ", sizes::text(length), " elements"), "a slice stops before its upper end and holds at least one element");
    }
    parts.push_back({AxisPart::Kind::Slice, *low, count});
  }
  while (next < base.size()) parts.push_back({AxisPart::Kind::Slice, 0, base[next++]});
  return parts;
}

/// Indices into a tensor with an open size, which are a view. Nullopt for other tensors.
std::optional<Value> Elaborator::slice(const Value& base, const std::vector<syntax::Index>& indices, const Scope& scope, Span span) {
  if (!sizes::any_open(base.shape)) return std::nullopt;
  const auto parts = axis_parts(base.shape, indices, scope, span);
  if (!parts) return Value{};
  std::vector<int64_t> own(base.shape.size());
  int64_t step = 1;
  for (size_t axis = own.size(); axis-- > 0; step = sizes::times(step, std::max<int64_t>(base.shape[axis], 1))) own[axis] = step;
  Shape shape;
  std::vector<int64_t> strides;
  int64_t offset = 0;
  size_t next = 0;
  for (const AxisPart& part : *parts) {
    const int64_t stride = part.kind == AxisPart::Kind::New ? 0 : own[next++];
    offset = sizes::plus(offset, sizes::times(part.low, stride));
    if (part.kind == AxisPart::Kind::Place) continue;
    shape.push_back(part.kind == AxisPart::Kind::New ? kStretch : part.count);
    strides.push_back(stride);
  }
  Shape settled = shape;
  for (int64_t& size : settled) size = std::max<int64_t>(size, 1);
  Value part = Builder::whole(builder_.view(base.expr, std::move(settled), offset, std::move(strides), span), span);
  if (!shape.empty()) part.shape = std::move(shape);
  return part;
}

/// zeros, ones, full, identity and linspace of a shape with an open size.
Value Elaborator::constant_of_open_shape(const std::string& name, const std::vector<Value>& arguments, const Shape& shape, Span span) {
  const auto number = [&](double value) { return Builder::value(builder_.number(value, span), true); };
  const auto count_along = [&](size_t axis) {
    std::vector<int64_t> strides(shape.size(), 0);
    strides[axis] = 1;
    return Builder::value(builder_.places(shape, 0, std::move(strides), span), true);
  };
  if (name == "identity" || name == "linspace") {
    Value each;
    {
      const Builder::Loop loop(builder_);
      if (name == "identity") {
        each = builder_.select(builder_.apply(Op::Eq, {count_along(0), count_along(1)}, span), number(1), number(0), span);
      } else {
        // Of one element the first end; the last is exact.
        const Value last = builder_.apply(Op::Sub, {builder_.size(shape[0], span), number(1)}, span);
        const Value share = builder_.apply(Op::Div, {count_along(0), builder_.apply(Op::Max, {last, number(1)}, span)}, span);
        const Value width = builder_.apply(Op::Sub, {arguments[1], arguments[0]}, span);
        const Value between = builder_.apply(Op::Add, {arguments[0], builder_.apply(Op::Mul, {width, share}, span)}, span);
        each = builder_.select(builder_.apply(Op::Eq, {share, number(1)}, span), arguments[1], between, span);
      }
    }
    return each.poisoned() ? each : Builder::whole(each.expr, span);
  }
  const Value each = name == "full" ? arguments[0] : number(name == "ones" ? 1 : 0);
  Value made = Builder::whole(builder_.as_whole(each, shape), span);
  made.literal = each.literal;
  return made;
}

}  // namespace acie::sema
