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
    } else if (const FiniteType* finite = named_finite_type(*text, outer)) {
      for (size_t i = 0; i < finite->values.size(); ++i) {
        Expr each = *builder_.integer(static_cast<int64_t>(i), name.span);
        each.type = of_finite(finite);
        values.push_back(Builder::value(program().make(std::move(each))));
      }
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

std::optional<Elaborator::Ranges> Elaborator::ranges_of(const syntax::Generator& generator, const Scope& scope) {
  const size_t reported = diagnostics_.size();
  Ranges ranges;
  for (const auto& [name, text] : generator.clauses) {
    if (text->kind != Kind::Range) return std::nullopt;
    const auto low = size(*text->operands[0], scope, "the start of a range"), high = size(*text->operands[1], scope, "the end of a range");
    const int64_t length = low && high ? sizes::minus(*high, *low) : 0;
    if (length < 1 || (!sizes::is_open(length) && length > kLargestWhole) || (low && sizes::is_open(*low))) {
      diagnostics_.forget(reported);
      return std::nullopt;
    }
    ranges.shape.push_back(length);
    ranges.first.push_back(*low);
  }
  return ranges;
}

namespace {

/// The names around a loop inside another: what differs from place to place of the outer one is the same at all of its own.
class InnerPlaces : public Scope {
 public:
  InnerPlaces(Builder& builder, const Scope& outer, Shape places, const Shape& own) : Scope(&outer, outer.module()), builder_(builder), places_(std::move(places)), all_(places_) {
    all_.insert(all_.end(), own.begin(), own.end());
  }

  std::optional<Value> find(const std::string& name, Span use) const override {
    if (auto own = Scope::find(name, use)) return own;
    for (const Scope* scope = parent(); scope != nullptr; scope = scope->parent()) {
      if (auto found = scope->find(name, use)) return spread(*std::move(found));
    }
    return std::nullopt;
  }
  const Shape& all() const { return all_; }

 private:
  Value spread(Value v) const {
    if (v.is_number() && v.expr->type.shape == places_) {
      const bool places = v.expr->kind == Expr::Kind::Places;
      std::vector<int64_t> strides(all_.size(), 0);
      int64_t step = 1;
      for (size_t axis = places_.size(); axis-- > 0; step = sizes::times(step, places_[axis])) strides[axis] = places ? v.expr->elements->strides[axis] : step;
      v.expr = places ? builder_.places(all_, v.expr->elements->offset, std::move(strides), v.span) : builder_.view(v.expr, all_, 0, std::move(strides), v.span);
    } else if (v.items != nullptr) {
      std::vector<Value> items = *v.items;
      for (Value& item : items) item = spread(std::move(item));
      v.items = std::make_shared<const std::vector<Value>>(std::move(items));
    }
    return v;
  }

  Builder& builder_;
  Shape places_, all_;
};

}  // namespace

std::optional<Value> Elaborator::reduction_in_loop(const std::string& name, const syntax::Generator& generator, const syntax::Expr& body, const Scope& scope, Span span) {
  if (generator.condition != nullptr || builder_.loop_shape().empty() || !drawn_shape_.empty()) return std::nullopt;
  const auto ranges = ranges_of(generator, scope);
  if (!ranges || !sizes::any_open(ranges->shape)) return std::nullopt;
  const Shape outer = builder_.loop_shape();
  InnerPlaces inner(builder_, scope, outer, ranges->shape);
  for (size_t axis = 0; axis < ranges->shape.size(); ++axis) {
    const syntax::Name& clause = generator.clauses[axis].first;
    std::vector<int64_t> strides(inner.all().size(), 0);
    strides[outer.size() + axis] = 1;
    inner.bind(clause.text, Builder::value(builder_.places(inner.all(), ranges->first[axis], std::move(strides), clause.span), true));
  }
  Value each;
  {
    const Builder::Loop loop(builder_, inner.all());
    each = expression(body, inner);
  }
  if (each.poisoned()) return each;
  if (!each.is_number()) {
    diagnostics_.report(Code::A0701, body.span, "tensors made at each place of a range that is read at start are not built yet").note("a range of a comprehension for each axis, `[x[i, j] for i in 0..N, j in 0..M]`");
    return Value{};
  }
  Shape lines = outer;
  lines.push_back(element_count(ranges->shape));
  const Expr* all = each.expr->type.shape.empty() ? builder_.as_whole(each, inner.all()) : each.expr;
  Value reduced = reduce(name, Builder::whole(builder_.reshaped(all, lines, span), span), static_cast<int64_t>(outer.size()), span);
  if (reduced.poisoned()) return reduced;
  return Builder::value(reduced.expr);
}

/// The body of a large comprehension, once for all its elements: each name stands for all its values. Nullopt where that
/// does not do: the body makes tensors, or not all clauses are ranges.
std::optional<Value> Elaborator::at_once(const syntax::Generator& generator, const syntax::Expr& body, const Scope& scope) {
  // Of loops inside each other the outermost goes over all places at once.
  if (generator.condition != nullptr || builder_.in_loop() || !drawn_shape_.empty()) return std::nullopt;
  const auto ranges = ranges_of(generator, scope);
  if (!ranges) return std::nullopt;
  const size_t reported = diagnostics_.size();
  const Shape& shape = ranges->shape;
  const std::vector<int64_t>& first = ranges->first;
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
    const Builder::Loop loop(builder_, shape);
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
  // A comprehension of comprehensions over a range that is read at start is one over all axes.
  const syntax::Expr* body = expr.operands[0];
  if (body->kind == Kind::Comprehension && expr.generator->condition == nullptr && body->generator->condition == nullptr) {
    syntax::Generator both = *expr.generator;
    both.clauses.insert(both.clauses.end(), body->generator->clauses.begin(), body->generator->clauses.end());
    if (const auto ranges = ranges_of(both, scope); ranges && sizes::any_open(ranges->shape)) {
      syntax::Expr joined = expr;
      joined.operands = body->operands;
      joined.generator = std::move(both);
      return comprehension(joined, scope);
    }
  }
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
