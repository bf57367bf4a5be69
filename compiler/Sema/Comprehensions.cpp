// What `for x in …` makes: its places one by one, or, of large ranges, all at once.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/TensorLimits.h"

namespace acie::sema {
namespace {

using Kind = syntax::Expr::Kind;

}  // namespace

bool Elaborator::generate(const syntax::Generator& generator, const Scope& scope, Shape& shape, const std::function<bool(const Scope&)>& body) {
  shape.assign(generator.clauses.size(), 0);
  int64_t made = 0;
  const std::function<bool(size_t, const Scope&)> run = [&](size_t clause, const Scope& outer) -> bool {
    if (clause == generator.clauses.size()) {
      if (generator.condition != nullptr) {
        const Value condition = scalar(*generator.condition, outer);
        if (condition.poisoned()) return false;
        const auto known = constant_value(condition.expr);
        if (!known || condition.expr->type.scalar != ScalarKind::Bool) {
          diagnostics_.report(Code::A0310, generator.condition->span, "which elements there are must be known when compiling").note("`if c then x else 0` chooses per row");
          return false;
        }
        if (*known == 0) return true;
      }
      if (++made > kLargest) {
        diagnostics_.report(Code::A0701, generator.span, absl::StrCat("tensors of more than ", kLargest, " elements are not built yet"));
        return false;
      }
      return body(outer);
    }
    const auto& [name, text] = generator.clauses[clause];
    std::vector<Value> values;
    if (text->kind == Kind::Range) {
      const auto low = integer(*text->operands[0], outer, "the start of a range"), high = integer(*text->operands[1], outer, "the end of a range");
      if (!low || !high) return false;
      if (*high > *low && static_cast<uint64_t>(*high) - static_cast<uint64_t>(*low) > static_cast<uint64_t>(kLargest)) {
        diagnostics_.report(Code::A0701, text->span, absl::StrCat("tensors of more than ", kLargest, " elements are not built yet"));
        return false;
      }
      for (int64_t i = *low; i < *high; ++i) values.push_back(Builder::value(builder_.integer(i, name.span), true));
    } else {
      const Value listed = expression(*text, outer), over = builder_.as_items(listed);
      if (over.poisoned()) return false;
      if (!over.is_tensor()) {
        diagnostics_.report(Code::A0312, text->span, "`in` goes over a range, `0..N`, or the elements of a tensor");
        return false;
      }
      const Shape rest(over.shape.begin() + 1, over.shape.end());
      const int64_t each = element_count(rest);
      for (int64_t i = 0; i < std::max<int64_t>(over.shape[0], 1); ++i) {
        const auto begin = over.items->begin() + i * each;
        values.push_back(rest.empty() ? *begin : builder_.tensor(rest, {begin, begin + each}, text->span));
      }
    }
    shape[clause] = static_cast<int64_t>(values.size());
    for (Value& value : values) {
      Scope inner(&outer, outer.module());
      inner.bind(name.text, std::move(value));
      if (!run(clause + 1, inner)) return false;
    }
    return true;
  };
  if (!run(0, scope)) return false;
  if (generator.condition != nullptr) shape = {made};
  return true;
}

/// The body of a large comprehension, once for all its elements: each name stands for all its values. Nullopt where that
/// does not do: the body makes tensors, or not all clauses are ranges.
std::optional<Value> Elaborator::at_once(const syntax::Generator& generator, const syntax::Expr& body, const Scope& scope) {
  // Of loops inside each other the outermost goes over all places at once.
  if (generator.condition != nullptr || builder_.in_loop() || !drawn_shape_.empty()) return std::nullopt;
  const size_t reported = diagnostics_.size();
  Shape shape;
  std::vector<int64_t> first;
  for (const auto& [name, text] : generator.clauses) {
    if (text->kind != Kind::Range) return std::nullopt;
    const auto low = size(*text->operands[0], scope, "the start of a range"), high = size(*text->operands[1], scope, "the end of a range");
    const int64_t length = low && high ? sizes::minus(*high, *low) : 0;
    if (length < 1 || (!sizes::is_open(length) && length > kLargestWhole) || (low && sizes::is_open(*low))) {
      diagnostics_.forget(reported);
      return std::nullopt;
    }
    shape.push_back(length);
    first.push_back(*low);
  }
  const int64_t count = element_count(shape);
  const bool open = sizes::is_open(count);
  if (!open && (count <= kUnrolled || count > kLargestWhole)) return std::nullopt;
  Scope inner(&scope, scope.module());
  int64_t below = count;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const syntax::Name& name = generator.clauses[axis].first;
    if (open) {
      std::vector<int64_t> strides(shape.size(), 0);
      strides[axis] = 1;
      inner.bind(name.text, Builder::value(builder_.places(shape, first[axis], std::move(strides), name.span), true));
      continue;
    }
    below /= shape[axis];
    std::vector<double> places(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) places[static_cast<size_t>(i)] = static_cast<double>(first[axis] + i / below % shape[axis]);
    inner.bind(name.text, Builder::value(builder_.dense(shape, std::move(places), plain(ScalarKind::I64), name.span), true));
  }
  Value each;
  {
    const Builder::Loop loop(builder_);
    each = expression(body, inner);
  }
  if (!each.is_number() || diagnostics_.size() > reported) {
    if (open) {  // there is no other way, element by element
      if (!each.poisoned()) diagnostics_.report(Code::A0701, body.span, "tensors made at each place of a range that is read at start are not built yet").note("write a comprehension over all axes, `[x[i, j] for i in 0..N, j in 0..M]`");
      return Value{};
    }
    diagnostics_.forget(reported);
    return std::nullopt;
  }
  Value all = Builder::whole(builder_.as_whole(each, shape), body.span);
  all.literal = each.literal;
  return all;
}

Value Elaborator::comprehension(const syntax::Expr& expr, const Scope& scope) {
  if (auto all = at_once(*expr.generator, *expr.operands[0], scope)) return *all;
  Shape shape;
  std::vector<Value> items;
  const bool ok = generate(*expr.generator, scope, shape, [&](const Scope& inner) {
    items.push_back(expression(*expr.operands[0], inner));
    return !items.back().poisoned();
  });
  if (!ok) return Value{};
  if (items.empty() || element_count(shape) != static_cast<int64_t>(items.size())) {
    diagnostics_.report(Code::A0312, expr.span, items.empty() ? "this has no elements" : "the sizes of the inner ranges differ: this is no tensor");
    return Value{};
  }
  return stack(std::move(items), shape, expr.span);
}

}  // namespace acie::sema
