// Tensors that are one expression each (`Value::is_whole`): what reads, joins and folds them.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Builder.h"
#include "compiler/Sema/Fold.h"
#include "compiler/Sema/FoldTensors.h"
#include "compiler/Sema/Strides.h"

namespace acie::sema {
namespace {

/// Constants of up to as many elements are listed where one number is every element.
constexpr int64_t kListedConstants = 65536;

/// The shape as it lies in memory: what stretches has one element.
Shape settled(Shape shape) {
  for (int64_t& size : shape) size = std::max<int64_t>(size, 1);
  return shape;
}

}  // namespace

Value Builder::whole(const Expr* expr, Span span) {
  Value v = value(expr);
  v.span = span;
  if (expr->type.shape.empty()) return v;
  v.kind = Value::Kind::Tensor;
  v.shape = expr->type.shape;
  return v;
}

const Expr* Builder::as_whole(const Value& v, const Shape& shape) {
  const auto many = [](const Value& item) { return !item.expr->type.shape.empty(); };
  if (in_loop() && (v.is_number() ? many(v) : v.items != nullptr && std::any_of(v.items->begin(), v.items->end(), many))) {
    diagnostics_.report(Code::A0701, v.span, absl::StrCat("tensors of more than ", kUnrolled, " elements made of a number for each place of a loop are not built yet"));
    mixed_ = true;
    const Shape of = settled(v.is_number() ? shape : v.shape);
    return dense(of, std::vector<double>(static_cast<size_t>(std::max<int64_t>(element_count(of), 1)), 0), plain(ScalarKind::F64), v.span);
  }
  // Constants stay constants.
  const auto closed = [](int64_t size) { return !sizes::is_open(size); };
  if (v.is_number() && v.expr->kind == Expr::Kind::Constant && std::all_of(shape.begin(), shape.end(), closed) && !shape.empty() && element_count(shape) <= kListedConstants)
    return dense(settled(shape), std::vector<double>(static_cast<size_t>(element_count(settled(shape))), *constant_value(v.expr)), v.expr->type, v.span);
  if (v.is_number()) return v.expr->type.shape.empty() && !shape.empty() ? view(v.expr, settled(shape), 0, std::vector<int64_t>(shape.size(), 0), v.span) : v.expr;
  if (v.is_whole()) return v.expr;
  const std::vector<Value>& items = *v.items;
  const auto constant = [](const Value& item) { return item.expr->kind == Expr::Kind::Constant; };
  if (std::all_of(items.begin(), items.end(), constant)) {
    std::vector<double> numbers;
    for (const Value& item : items) numbers.push_back(*constant_value(item.expr));
    return dense(settled(v.shape), std::move(numbers), items[0].expr->type, v.span);
  }
  std::vector<const Expr*> parts;
  for (const Value& item : items) parts.push_back(item.expr);
  return concat(std::move(parts), settled(v.shape), v.span);
}

Value Builder::as_items(const Value& v) {
  if (!v.is_whole()) return v;
  if (sizes::is_open(element_count(v.shape))) {
    diagnostics_.report(Code::A0701, v.span, absl::StrCat("this goes through elements one by one, and the size of ", to_string(v.shape), " is read at start"))
        .note("sums, comprehensions, `map`, slices and `@` work on any size");
    return Value{};
  }
  Value result = v;
  std::vector<Value> items;
  for (int64_t position = 0; position < element_count(v.shape); ++position) {
    items.push_back(value(view(v.expr, {}, position, {}, v.span)));
    items.back().span = v.span;
  }
  result.expr = nullptr;
  result.items = std::make_shared<const std::vector<Value>>(std::move(items));
  return result;
}

const Expr* Builder::element(const Expr* whole, int64_t position) {
  if (whole->type.shape.empty()) return whole;
  if (const auto known = elements_.find({whole, position}); known != elements_.end()) return known->second;
  const auto found = [&]() -> const Expr* {
    switch (whole->kind) {
      case Expr::Kind::Dense: return program_.make(element_of(*whole, position));
      case Expr::Kind::View: return element(whole->operands[0], sizes::plus(whole->elements->offset, place_in(whole->type.shape, whole->elements->strides, position)));
      case Expr::Kind::Concat: {
        int64_t before = 0;
        for (const Expr* part : whole->operands) {
          const int64_t count = element_count(part->type.shape);
          if (position < before + count) return element(part, position - before);
          before += count;
        }
        break;
      }
      case Expr::Kind::Gather: {
        const Expr* places = whole->operands[1];
        if (places->kind != Expr::Kind::Dense) break;
        const auto last = static_cast<double>(element_count(whole->operands[0]->type.shape) - 1);
        return element(whole->operands[0], static_cast<int64_t>(std::clamp(places->elements->numbers[static_cast<size_t>(position)], 0.0, last)));
      }
      case Expr::Kind::Apply: {
        Expr one = *whole;
        one.type.shape.clear();
        for (const Expr*& operand : one.operands) operand = element(operand, position);
        auto folded = fold(one);
        return program_.make(folded ? *std::move(folded) : std::move(one));
      }
      default: break;
    }
    return view(whole, {}, position, {}, whole->span);
  }();
  return elements_[{whole, position}] = found;
}

std::vector<const Expr*> Builder::join(std::vector<Value> parts, Span span) {
  for (Value& part : parts) {
    if (!require_numbers(part)) return {};
    part.expr = as_whole(part, {});
    part.kind = Value::Kind::Number;
    part.items = nullptr;
  }
  const bool logical = std::all_of(parts.begin(), parts.end(), [](const Value& part) { return part.expr->type.scalar == ScalarKind::Bool; });
  if (!logical && (!unify(parts, false, Op::Add, span) || !unify_units(parts, Op::Add, span))) return {};
  std::vector<const Expr*> result;
  for (const Value& part : parts) result.push_back(part.expr);
  return result;
}

Expr Builder::element_of(const Expr& constant, int64_t position) {
  Expr element = constant;
  if (constant.kind != Expr::Kind::Dense) return element;
  element.kind = Expr::Kind::Constant;
  element.type.shape.clear();
  element.number = constant.elements->numbers[static_cast<size_t>(position)];
  element.integer = static_cast<int64_t>(element.number);
  element.elements = nullptr;
  return element;
}

const Expr* Builder::dense(Shape shape, std::vector<double> numbers, const Type& type, Span span) {
  Expr expr;
  expr.kind = Expr::Kind::Dense;
  expr.type = type;
  expr.type.range.reset();
  expr.type.shape = std::move(shape);
  Expr::Elements elements;
  elements.numbers = std::move(numbers);
  expr.elements = std::make_shared<const Expr::Elements>(std::move(elements));
  expr.span = span;
  return program_.make(std::move(expr));
}

const Expr* Builder::view(const Expr* of, Shape shape, int64_t offset, std::vector<int64_t> strides, Span span) {
  if (shape == of->type.shape && offset == 0 && strides == strides_of(shape)) return of;
  if (of->kind == Expr::Kind::Dense && !sizes::any_open(shape)) {
    if (shape.empty()) return program_.make(element_of(*of, offset));
    std::vector<double> numbers;
    for (int64_t position = 0; position < element_count(shape); ++position) numbers.push_back(of->elements->numbers[static_cast<size_t>(offset + place_in(shape, strides, position))]);
    return dense(std::move(shape), std::move(numbers), of->type, span);
  }
  Expr expr;
  expr.kind = Expr::Kind::View;
  expr.type = of->type;
  expr.type.shape = std::move(shape);
  Expr::Elements elements;
  elements.offset = offset;
  elements.strides = std::move(strides);
  expr.elements = std::make_shared<const Expr::Elements>(std::move(elements));
  expr.operands = {of};
  expr.span = span;
  return program_.make(std::move(expr));
}

const Expr* Builder::part(const Expr* of, const Shape& shape, int64_t offset, Span span) { return view(of, shape, offset, strides_of(shape), span); }

const Expr* Builder::reshaped(const Expr* of, const Shape& shape, Span span) { return view(of, shape, 0, strides_of(shape), span); }

const Expr* Builder::first_part(const Expr* of, Span span) {
  const Shape rest(of->type.shape.begin() + 1, of->type.shape.end());
  return view(of, rest, 0, strides_of(rest), span);
}

const Expr* Builder::stretched(const Expr* of, const Shape& own, const Shape& shape, Span span) {
  std::vector<int64_t> strides = strides_of(own);
  for (size_t axis = 0; axis < own.size(); ++axis) {
    if (own[axis] == kStretch) strides[axis] = 0;
  }
  return view(of, settled(shape), 0, std::move(strides), span);
}

const Expr* Builder::gather(const Expr* of, const Expr* places, Span span) {
  if (const auto known = constant_value(places)) return view(of, {}, static_cast<int64_t>(*known), {}, span);
  if (places->kind == Expr::Kind::Places) return view(of, places->type.shape, places->elements->offset, places->elements->strides, span);
  if (places->kind == Expr::Kind::Dense) {
    // Places in even steps along every axis are a view.
    const Shape& shape = places->type.shape;
    const std::vector<double>& at = places->elements->numbers;
    const std::vector<int64_t> own = strides_of(shape);
    std::vector<int64_t> strides(shape.size(), 0);
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] > 1) strides[axis] = static_cast<int64_t>(at[static_cast<size_t>(own[axis])] - at[0]);
    }
    bool even = true;
    for (int64_t position = 0; even && position < element_count(shape); ++position) even = at[static_cast<size_t>(position)] == at[0] + static_cast<double>(place_in(shape, strides, position));
    if (even) return view(of, shape, static_cast<int64_t>(at[0]), std::move(strides), span);
  }
  Expr expr;
  expr.kind = Expr::Kind::Gather;
  expr.type = of->type;
  expr.type.shape = places->type.shape;
  expr.operands = {of, places};
  expr.span = span;
  return made(std::move(expr));
}

const Expr* Builder::concat(std::vector<const Expr*> parts, Shape shape, Span span) {
  Expr expr;
  expr.kind = Expr::Kind::Concat;
  expr.type = parts[0]->type;
  expr.type.range.reset();
  expr.type.shape = std::move(shape);
  expr.operands = std::move(parts);
  expr.span = span;
  return made(std::move(expr));
}

const Expr* Builder::made(Expr expr) {
  auto folded = fold_tensor(expr);
  if (!folded) return program_.make(std::move(expr));
  if (!expr.type.shape.empty()) return dense(expr.type.shape, *std::move(folded), expr.type, expr.span);
  Expr constant;
  constant.kind = Expr::Kind::Constant;
  constant.type = expr.type;
  constant.span = expr.span;
  constant.number = folded->front();
  constant.integer = is_float(expr.type.scalar) ? 0 : static_cast<int64_t>(folded->front());
  return program_.make(std::move(constant));
}

const Expr* Builder::routine(routines::Routine which, std::vector<const Expr*> operands, Type type, Span span) {
  Expr expr;
  expr.kind = Expr::Kind::Routine;
  expr.routine = which;
  expr.type = std::move(type);
  expr.type.range.reset();
  expr.operands = std::move(operands);
  expr.span = span;
  return made(std::move(expr));
}

const Expr* Builder::fold_axes(Folding folding, const Expr* of, size_t axes, Span span, const std::optional<units::Unit>& unit) {
  Expr expr;
  expr.kind = Expr::Kind::Fold;
  expr.folding = folding;
  expr.type = of->type;
  expr.type.range.reset();
  expr.type.shape.resize(of->type.shape.size() - axes);
  if (unit) expr.type.unit = *unit;
  expr.operands = {of};
  expr.span = span;
  return made(std::move(expr));
}

const Expr* Builder::contract(const Expr* a, const Expr* b, Shape shape, const Type& type, Span span) {
  Expr expr;

  expr.kind = Expr::Kind::Contract;
  expr.type = type;
  expr.type.range.reset();
  expr.type.shape = std::move(shape);
  expr.operands = {a, b};
  expr.span = span;
  return made(std::move(expr));
}

const Expr* Builder::again(const Expr& node, std::vector<const Expr*> operands) {
  Expr copy = node;
  copy.operands = std::move(operands);
  switch (copy.kind) {
    case Expr::Kind::Apply: {
      if (copy.op == Op::Select) {
        if (const auto known = constant_value(copy.operands[0])) return as_whole(whole(copy.operands[*known != 0 ? 1 : 2], copy.span), copy.type.shape);
      }
      if (auto folded = fold_places(copy)) return program_.make(*std::move(folded));
      auto folded = copy.type.shape.empty() ? fold(copy) : fold_elements(copy);
      return program_.make(folded ? *std::move(folded) : std::move(copy));
    }
    case Expr::Kind::View:
      return copy.type.shape.empty() ? element(copy.operands[0], copy.elements->offset) : view(copy.operands[0], copy.type.shape, copy.elements->offset, copy.elements->strides, copy.span);
    case Expr::Kind::Gather: {
      const auto place = constant_value(copy.operands[1]);
      if (!place) return gather(copy.operands[0], copy.operands[1], copy.span);
      const auto last = static_cast<double>(element_count(copy.operands[0]->type.shape) - 1);
      return element(copy.operands[0], static_cast<int64_t>(std::clamp(*place, 0.0, last)));
    }
    case Expr::Kind::Concat: case Expr::Kind::Fold: case Expr::Kind::Contract: case Expr::Kind::Routine: return made(std::move(copy));
    default: return program_.make(std::move(copy));
  }
}

}  // namespace acie::sema
