#include "compiler/Sema/Secrecy/AnswerSum.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "compiler/Sema/Symbols.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

/// The numbers of a constant, a number's or a tensor's; nothing of what varies.
std::optional<std::vector<double>> constants(const Value& v) {
  if (v.items == nullptr) {
    if (v.expr->kind == Expr::Kind::Dense) return v.expr->elements->numbers;
    const auto known = constant_value(v.expr);
    return known ? std::optional(std::vector<double>{*known}) : std::nullopt;
  }
  std::vector<double> numbers;
  for (const Value& item : *v.items) {
    const auto known = constant_value(item.expr);
    if (!known) return std::nullopt;
    numbers.push_back(*known);
  }
  return numbers;
}

bool is_whole_numbers(const Value& v) {
  const auto known = constants(v);
  return known && std::all_of(known->begin(), known->end(), [](double x) { return x == std::trunc(x) && std::abs(x) < 0x1p63; });
}

bool is_one(const Value& v) {
  const auto known = constants(v);
  return known && std::all_of(known->begin(), known->end(), [](double x) { return x == 1; });
}

bool vanishes(const Value& v) {
  const auto known = constants(v);
  return known && std::all_of(known->begin(), known->end(), [](double x) { return quantise(x, Scale::binary(GraphBuilder::kFactorBits)) == 0; });
}

}  // namespace

AnswerSum::Part& AnswerSum::part_of(const Value& value, unsigned factors) {
  const auto [known, first] = part_numbers_.try_emplace(build_.as_whole(value, value.shape), parts_.size());
  if (first) parts_.push_back({value, factors});
  return parts_[known->second];
}

const Expr* AnswerSum::plus(const Expr* a, const Expr* b) {
  if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
  return build_.as_whole(build_.apply(Op::Add, {Builder::whole(a, span_), Builder::whole(b, span_)}, span_), a->type.shape);
}

/// coefficient · matrix @ encrypted, for line `row` or, of a tensor, for all of them.
void AnswerSum::add_matrix(int64_t row, const QueryCall::Base& base, const Value& coefficient) {
  const int64_t columns = base.matrix->type.shape[1];
  whole_ = whole_ && is_whole_numbers(Builder::whole(base.matrix, span_));
  Part& part = part_of(base.value, base.factors);
  const bool one_line = base.shape.empty() && !by_element_;
  const Shape shape = {one_line ? 1 : lines_, columns};
  const Expr* matrix = base.matrix;
  // A number's one line is in all lines of a tensor.
  if (matrix->type.shape != shape) matrix = build_.view(matrix, shape, 0, {0, 1}, span_);
  if (!is_one(coefficient)) {
    const Expr* numbers = build_.as_whole(coefficient, one_line ? Shape{} : shape_);
    const Expr* wide = numbers->type.shape.empty() ? numbers : build_.view(numbers, shape, 0, {1, 0}, span_);
    matrix = build_.as_whole(build_.apply(Op::Mul, {Builder::whole(wide, span_), Builder::whole(matrix, span_)}, span_), shape);
  }
  const Expr*& into = one_line ? part.lines[row] : part.matrix;
  into = plus(into, matrix);
}

void AnswerSum::gather(const std::vector<QueryCall::Affine>& rows) {
  for (size_t row = 0; row < rows.size(); ++row) {
    const auto line = static_cast<int64_t>(row);
    for (const auto& [id, coefficient] : rows[row].coefficients) {
      const QueryCall::Base& base = call_.base(id);
      if (base.matrix == nullptr && vanishes(coefficient)) continue;
      whole_ = whole_ && is_whole_numbers(coefficient);
      deepest_ = std::max(deepest_, base.factors);
      if (base.matrix != nullptr) {
        add_matrix(line, base, coefficient);
      } else if (base.whole < 0) {
        others_[id][{line, 0}] = coefficient;
      } else {
        Part& part = part_of(call_.base(base.whole).value, base.factors);
        part.single = id;
        if (!by_element_) {
          part.entries[{line, base.element}] = coefficient;
          continue;
        }
        const Expr* each = build_.as_whole(coefficient, shape_);
        for (int64_t i = 0; i < lines_; ++i) {
          const Value one = Builder::value(build_.element(each, i));
          if (!vanishes(one)) part.entries[{i, base.element}] = one;
        }
      }
    }
  }
}

bool AnswerSum::add(const Value& term) {
  total_ = total_.poisoned() ? term : build_.apply(Op::Add, {total_, term}, span_);
  return !total_.poisoned();
}

/// All products are at one scale, so that they can be added: that of whole numbers where all factors are.
Value AnswerSum::factor(const Value& v, unsigned made) {
  if (v.poisoned()) return v;
  const unsigned bits = GraphBuilder::kFactorBits * (deepest_ + (whole_ ? 0 : 1) - made);
  return graph_.fixed_at(v, bits == 0 ? Scale() : Scale::binary(bits), span_);
}

bool AnswerSum::add_product(const Value& coefficient, const Value& of, unsigned made) {
  if (!coefficient.poisoned() && whole_ && made == deepest_ && is_one(coefficient)) return add(of);
  const Value fixed = factor(coefficient, made);
  return !fixed.poisoned() && add(build_.apply(Op::Mul, {fixed, of}, span_));
}

Value AnswerSum::filled(const Shape& shape, const std::map<std::pair<int64_t, int64_t>, Value>& items, int64_t columns) {
  std::vector<Value> all(static_cast<size_t>(element_count(shape)), Builder::value(build_.number(0, span_), true));
  for (const auto& [at, item] : items) all[static_cast<size_t>(at.first * columns + at.second)] = item;
  return build_.tensor(shape, std::move(all), span_);
}

bool AnswerSum::add_part(const Part& part) {
  const int64_t columns = element_count(part.value.shape);
  const bool entries_alone = part.lines.empty() && part.matrix == nullptr;
  if (entries_alone && lines_ == 1 && part.entries.size() == 1) return add_product(part.entries.begin()->second, call_.base(part.single).value, part.factors);
  const Expr* elements = build_.as_whole(part.value, part.value.shape);
  if (entries_alone && lines_ == columns && std::all_of(part.entries.begin(), part.entries.end(), [](const auto& each) { return each.first.first == each.first.second; })) {
    std::map<std::pair<int64_t, int64_t>, Value> diagonal;
    for (const auto& [at, item] : part.entries) diagonal[{at.first, 0}] = item;
    return add_product(filled(shape_, diagonal, 1), Builder::whole(build_.reshaped(elements, shape_, span_), span_), part.factors);
  }
  const Shape shape = {lines_, columns};
  const Expr* matrix = part.matrix;
  if (!part.entries.empty()) {
    const Value made = filled(shape, part.entries, columns);
    if (made.poisoned()) return false;
    matrix = plus(matrix, build_.as_whole(made, shape));
  }
  if (!part.lines.empty()) {
    std::vector<const Expr*> lines;
    for (int64_t i = 0; i < lines_; ++i) {
      const auto found = part.lines.find(i);
      const Type& type = part.lines.begin()->second->type;
      lines.push_back(found != part.lines.end() ? found->second : build_.dense({1, columns}, std::vector<double>(static_cast<size_t>(columns), 0), type, span_));
    }
    matrix = plus(matrix, build_.concat(std::move(lines), shape, span_));
  }
  const Value fixed = factor(Builder::whole(matrix, span_), part.factors);
  if (fixed.poisoned()) return false;
  const Expr* column = build_.reshaped(elements, {columns, 1}, span_);
  const Expr* product = build_.contract(build_.as_whole(fixed, shape), column, {lines_, 1}, column->type, span_);
  return add(Builder::whole(build_.reshaped(product, shape_, span_), span_));
}

Value AnswerSum::of(const std::vector<QueryCall::Affine>& rows) {
  const auto count = static_cast<int64_t>(rows.size());
  by_element_ = count == 1 && element_count(shape_) > 1;
  lines_ = by_element_ ? element_count(shape_) : count;
  gather(rows);
  for (const auto& [id, coefficients] : others_) {
    const QueryCall::Base& base = call_.base(id);
    if (!add_product(shape_.empty() || count == 1 ? coefficients.begin()->second : filled(shape_, coefficients, 1), base.value, base.factors)) return Value{};
  }
  for (const Part& part : parts_) {
    if (!add_part(part)) return Value{};
  }
  if (count == 1) {
    if (!rows[0].rest.poisoned() && !add(rows[0].rest)) return Value{};
  } else {
    std::map<std::pair<int64_t, int64_t>, Value> rests;
    for (int64_t row = 0; row < count; ++row) {
      if (const Value& rest = rows[static_cast<size_t>(row)].rest; !rest.poisoned()) rests[{row, 0}] = rest;
    }
    if (!rests.empty() && !add(filled(shape_, rests, 1))) return Value{};
  }
  if (total_.poisoned()) total_ = Builder::value(build_.number(0, span_), true);
  return total_.shape == shape_ ? total_ : Builder::whole(build_.as_whole(total_, shape_), span_);
}

}  // namespace acie::sema
