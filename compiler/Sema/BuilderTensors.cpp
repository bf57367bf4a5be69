// Tensors as the elaborator sees them: a shape and one typed expression per element. Elements are independent
// expressions, so that abduction, interventions and worlds work on each of them as on any number.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Sema/Builder.h"

namespace acie::sema {
namespace {

/// One size for an axis of two operands; nullopt where they do not fit.
std::optional<int64_t> common_size(int64_t a, int64_t b) {
  if (a == kStretch) return b;
  if (b == kStretch || a == b) return a;
  return std::nullopt;
}

int64_t extent(int64_t size) { return size == kStretch ? 1 : size; }

/// The position in a tensor of shape `own` that lies at row-major `position` of `whole`, of the same rank.
int64_t position_in(const Shape& own, const Shape& whole, int64_t position) {
  int64_t result = 0, stride = 1;
  for (size_t axis = whole.size(); axis-- > 0;) {
    const int64_t at = position % extent(whole[axis]);
    position /= extent(whole[axis]);
    if (own[axis] != kStretch) result += at * stride;
    stride *= extent(own[axis]);
  }
  return result;
}

}  // namespace

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t size : shape) count = sizes::times(count, extent(size));
  return count;
}

std::string to_string(const Shape& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", ", [](std::string* out, int64_t size) {
    size == kStretch ? absl::StrAppend(out, "new") : absl::StrAppend(out, sizes::text(size));
  }), "]");
}

std::string index_text(const Shape& shape, int64_t position) {
  std::vector<int64_t> indices(shape.size());
  for (size_t axis = shape.size(); axis-- > 0;) {
    indices[axis] = position % extent(shape[axis]);
    position /= extent(shape[axis]);
  }
  return absl::StrCat("[", absl::StrJoin(indices, ","), "]");
}

const Value* Value::field(std::string_view name) const {
  if (fields == nullptr) return nullptr;
  const auto found = std::find(fields->begin(), fields->end(), name);
  return found == fields->end() ? nullptr : &(*items)[static_cast<size_t>(found - fields->begin())];
}

Value Builder::tensor(Shape shape, std::vector<Value> items, Span span) {
  if (items.empty()) {
    diagnostics_.report(Code::A0312, span, "this tensor has no elements").note("every axis has at least one");
    return Value{};
  }
  bool logical = true;
  const Value* lead = &items[0];
  for (const Value& item : items) {
    if (!require_number(item)) return Value{};
    logical = logical && item.expr->type.scalar == ScalarKind::Bool;
    if (lead->expr->type.unit.is_one()) lead = &item;
  }
  const units::Unit unit = lead->expr->type.unit;
  for (const Value& item : items) {
    if (units::compatible(item.expr->type.unit, unit)) continue;
    report_units(*lead, item, "the elements of a tensor have one unit", span);
    return Value{};
  }
  if (!logical) {
    if (!unify(items, false, Op::Add, span)) return Value{};
    for (Value& item : items) item.expr = scale(item.expr, unit, item.span);
    if (!unify(items, false, Op::Add, span)) return Value{};  // a conversion may have made a float of an integer
  }
  Value result;
  result.kind = Value::Kind::Tensor;
  result.shape = std::move(shape);
  result.items = std::make_shared<const std::vector<Value>>(std::move(items));
  result.span = span;
  return result;
}

Value Builder::record(std::vector<std::string> fields, std::vector<Value> items, Span span) {
  // A record that names the same one several times is small; what walks through it is not.
  constexpr int64_t kMost = 65536;
  int64_t leaves = 0;
  for (const Value& item : items) leaves += item.kind == Value::Kind::Record ? item.leaves : item.items != nullptr ? static_cast<int64_t>(item.items->size()) : 1;
  if (leaves > kMost) {
    diagnostics_.report(Code::A0701, span, absl::StrCat("records of more than ", kMost, " numbers are not built yet"));
    return Value{};
  }
  Value result;
  result.leaves = leaves;
  result.kind = Value::Kind::Record;
  result.fields = std::make_shared<const std::vector<std::string>>(std::move(fields));
  result.items = std::make_shared<const std::vector<Value>>(std::move(items));
  result.span = span;
  return result;
}

namespace {

/// More elements than this are not elaborated one by one.
constexpr int64_t kLargestListed = 65536;

/// Whether a value differs from place to place of the loop around it.
bool varies(const Value& v) {
  if (v.is_number()) return !v.expr->type.shape.empty();
  return v.items != nullptr && std::any_of(v.items->begin(), v.items->end(), varies);
}

}  // namespace

Value Builder::elementwise(const std::vector<Value>& operands, Span span, const std::string& what,
                           const std::function<Value(std::vector<Value>)>& f) {
  const Value* first = nullptr;
  Shape shape;
  for (const Value& operand : operands) {
    if (!require_numbers(operand)) return Value{};
    if (!operand.is_tensor()) continue;
    if (first == nullptr) {
      first = &operand;
      shape = operand.shape;
      continue;
    }
    bool fits = shape.size() == operand.shape.size();
    for (size_t axis = 0; fits && axis < shape.size(); ++axis) {
      const auto size = common_size(shape[axis], operand.shape[axis]);
      if (size) shape[axis] = *size;
      fits = size.has_value();
    }
    if (!fits) {
      auto report = diagnostics_.report(Code::A0312, span, absl::StrCat("`", what, "` needs both sides in one shape, and ", to_string(first->shape), " is not ", to_string(operand.shape)));
      report.label(first->span, absl::StrCat("shape ", to_string(first->shape))).label(operand.span, absl::StrCat("shape ", to_string(operand.shape)));
      if (first->shape.size() != operand.shape.size()) report.note("only numbers broadcast; `x[.., new]` adds an axis that stretches");
      return Value{};
    }
  }
  const int64_t count = element_count(shape);
  const auto whole_operand = [](const Value& v) { return v.is_whole(); };
  if (in_loop() && count > kUnrolled && std::any_of(operands.begin(), operands.end(), varies)) {
    diagnostics_.report(Code::A0701, span, absl::StrCat("tensors of more than ", kUnrolled, " elements together with a number for each place of a loop are not built yet"));
    mixed_ = true;
    return Value{};
  }
  const bool all_whole = std::all_of(operands.begin(), operands.end(), [&](const Value& v) { return !v.is_tensor() || v.is_whole(); });
  if (std::any_of(operands.begin(), operands.end(), whole_operand) && (all_whole || count > kUnrolled || steps_ > 0)) {
    // One expression: each operand stands for its elements.
    std::vector<Value> lifted;
    for (const Value& operand : operands) {
      Value each = operand;
      if (operand.is_tensor()) {
        each.expr = stretched(as_whole(operand, operand.shape), operand.shape, shape, operand.span);
        each.kind = Value::Kind::Number;
        each.items = nullptr;
      }
      lifted.push_back(std::move(each));
    }
    const size_t reported = diagnostics_.size();
    const Loop loop(*this, std::count(shape.begin(), shape.end(), kStretch) == 0 ? shape : Shape());
    mixed_ = false;
    const Value result = f(std::move(lifted));
    if (!mixed_ || count > kLargestListed) {
      Value made = result.is_number() ? whole(result.expr, span) : result;
      if (made.is_tensor()) made.shape = shape;  // whose axes still stretch
      return made;
    }
    diagnostics_.forget(reported);  // one by one, then
  }
  std::vector<Value> listed;
  for (const Value& operand : operands) listed.push_back(operand.is_whole() ? as_items(operand) : operand);
  std::vector<Value> items;
  items.reserve(static_cast<size_t>(count));
  for (int64_t position = 0; position < count; ++position) {
    std::vector<Value> at;
    for (const Value& operand : listed) {
      at.push_back(operand.is_tensor() ? (*operand.items)[static_cast<size_t>(position_in(operand.shape, shape, position))] : operand);
      at.back().span = operand.span;
    }
    items.push_back(f(std::move(at)));
    if (items.back().poisoned()) return Value{};  // the other elements would say the same
  }
  Value result;
  result.kind = Value::Kind::Tensor;
  result.shape = std::move(shape);
  result.items = std::make_shared<const std::vector<Value>>(std::move(items));
  result.span = span;
  return result;
}

Value Builder::settled_axes(Value v) {
  std::replace(v.shape.begin(), v.shape.end(), kStretch, int64_t{1});
  return v;
}

Value Builder::stretched_to(const Value& v, const Shape& shape) {
  Value result = v;
  result.shape = shape;
  const int64_t count = element_count(shape);
  if (v.is_whole() || sizes::is_open(count) || count > kLargestListed) {
    result.items = nullptr;
    result.expr = stretched(as_whole(v, v.shape), v.shape, shape, v.span);
    return result;
  }
  std::vector<Value> items;
  for (int64_t position = 0; position < count; ++position) items.push_back((*v.items)[static_cast<size_t>(position_in(v.shape, shape, position))]);
  result.items = std::make_shared<const std::vector<Value>>(std::move(items));
  return result;
}

Value Builder::sum(const std::vector<Value>& terms, Span span) {
  const std::function<Value(size_t, size_t)> of = [&](size_t begin, size_t end) -> Value {
    if (end - begin == 1) return terms[begin];
    const size_t middle = begin + (end - begin) / 2;
    return apply(Op::Add, {of(begin, middle), of(middle, end)}, span);
  };
  return of(0, terms.size());
}

}  // namespace acie::sema
