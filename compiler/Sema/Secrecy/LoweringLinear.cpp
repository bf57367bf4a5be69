// Products of matrices and routines: what is linear in a ciphertext.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Secrecy/LinearMaps.h"
#include "compiler/Sema/Secrecy/Lowering.h"
#include "compiler/Sema/Symbols.h"

namespace acie::sema {
namespace {

/// What solving is believed to stay within, where a graph computes on: nothing bounds the inverse of a matrix, and more than this
/// stops the run where it would become a factor of ciphertexts.
constexpr double kSolved = 0x1p20;

/// Places of `count` elements in a row of each of `lines` lines of `length`, from `first` on.
std::vector<int64_t> of_lines(int64_t lines, int64_t length, int64_t first, int64_t count) {
  std::vector<int64_t> places;
  for (int64_t line = 0; line < lines; ++line) {
    for (int64_t i = 0; i < count; ++i) places.push_back(line * length + first + i);
  }
  return places;
}

/// Of a routine on elements within `range`, `length` to a line.
Interval image_of(routines::Routine routine, const Interval& range, double length) {
  using routines::Routine;
  const double most = std::max(std::abs(range.low), std::abs(range.high));
  double bound = kSolved;
  switch (routine) {
    case Routine::Sort: return range;
    case Routine::CumulativeSum: return Interval::closed(std::min(range.low, range.low * length), std::max(range.high, range.high * length));
    case Routine::Cholesky: bound = std::sqrt(most); break;  // l² ≤ the diagonal of l lᵀ
    // Elements are real and imaginary parts: |x| ≤ √2 most; an inverse transform is a mean of such.
    case Routine::Fft: bound = 1.5 * most * length; break;
    case Routine::RealFft: bound = most * length; break;
    case Routine::InverseFft: case Routine::InverseRealFft: bound = 1.5 * most; break;
    default: break;
  }
  return std::isfinite(bound) ? Interval::closed(-bound, bound) : Interval{};
}

}  // namespace

bool is_reshape(const Expr& view) {
  if (view.elements->offset != 0 || element_count(view.type.shape) != element_count(view.operands[0]->type.shape)) return false;
  int64_t step = 1;
  for (size_t axis = view.type.shape.size(); axis-- > 0; step *= view.type.shape[axis]) {
    if (view.type.shape[axis] > 1 && view.elements->strides[axis] != step) return false;
  }
  return true;
}

GraphBuilder::Made Lowering::contract(const Expr& expr) {
  // Columns and rows that `@` made of vectors are taken off again: the runtime knows vectors.
  Shape shapes[2];
  Made parts[2];
  for (size_t i = 0; i < 2; ++i) {
    const Expr* side = expr.operands[i];
    shapes[i] = side->type.shape;
    if (side->kind == Expr::Kind::View && is_reshape(*side)) side = side->operands[0];
    parts[i] = operand(side);
    if (!parts[i]) return std::nullopt;
  }
  const Shape matrices[2] = {{shapes[0].end() - 2, shapes[0].end()}, {shapes[1].end() - 2, shapes[1].end()}};
  const int64_t each[2] = {element_count(matrices[0]), element_count(matrices[1])};
  const int64_t batch = element_count(expr.type.shape) / (matrices[0][0] * matrices[1][1]);
  std::vector<int> products;
  for (int64_t i = 0; i < batch; ++i) {
    int sides[2] = {*parts[0], *parts[1]};
    for (size_t s = 0; s < 2; ++s) {
      if (shapes[s].size() > 2 && batch > 1) sides[s] = b_.gather(sides[s], matrices[s], of_lines(1, 0, i * each[s], each[s]), expr.span);
    }
    const Made made = product(sides[0], matrices[0], sides[1], matrices[1], expr.span);
    if (!made) return made;
    products.push_back(*made);
  }
  if (batch == 1) return b_.reshape(products[0], expr.type.shape, expr.span);
  return b_.concat(std::move(products), expr.type.shape, expr.span);
}

GraphBuilder::Made Lowering::product(int a, const Shape& shape_a, int b, const Shape& shape_b, Span span) {
  const bool row = shape_a[0] == 1, column = shape_b[1] == 1;
  // Exact products want their plain operand as the matrix and the other as vector or matrix.
  if (b_.exact(a) || b_.exact(b)) {
    const bool left_is_matrix = !b_.encrypted(a);
    const Shape left = left_is_matrix ? shape_a : row ? Shape{shape_a[1]} : shape_a;
    const Shape right = left_is_matrix && column ? Shape{shape_b[0]} : shape_b;
    Shape result = left_is_matrix ? (column ? Shape{left[0]} : Shape{left[0], right[1]}) : (row ? Shape{right[1]} : Shape{left[0], right[1]});
    return b_.contract(b_.reshape(a, left, span), b_.reshape(b, right, span), std::move(result), span);
  }
  const Shape left = row ? Shape{shape_a[1]} : shape_a, right = column ? Shape{shape_b[0]} : shape_b;
  Shape result;
  if (!row) result.push_back(shape_a[0]);
  if (!column) result.push_back(shape_b[1]);
  a = b_.reshape(a, left, span), b = b_.reshape(b, right, span);
  const Interval &x = b_.value(a).range, &y = b_.value(b).range;
  const double terms = static_cast<double>(shape_a[1]);
  Interval range = image(Op::Mul, {x, y});
  range.low *= terms, range.high *= terms;
  if (std::isnan(range.low) || std::isnan(range.high)) range = {};
  return b_.plain("matmul", {a, b}, std::move(result), range, b_.value(a).whole_numbers && b_.value(b).whole_numbers, span);
}

GraphBuilder::Made Lowering::routine(const Expr& expr) {
  std::vector<int> operands;
  for (const Expr* each : expr.operands) {
    const Made made = operand(each);
    if (!made) return made;
    operands.push_back(*made);
  }
  const auto linear = linear_operand(expr);
  const std::string name = absl::StrCat("`", routines::kRoutineNames[static_cast<size_t>(expr.routine)], "`");
  for (size_t i = 0; i < operands.size(); ++i) {
    if (!b_.encrypted(operands[i]) || linear == i) continue;
    const bool compares = expr.routine == routines::Routine::Sort || routines::makes_places(expr.routine);
    return not_in_scheme(expr, operands[i], compares ? absl::StrCat(name, " compares") : absl::StrCat(name, " of such a matrix multiplies ciphertexts"), "");
  }
  if (expr.routine == routines::Routine::CumulativeSum && b_.exact(operands[0])) return prefix_sums(expr, operands[0]);
  if (linear && b_.encrypted(operands[*linear])) return lower(product_with(matrix_of(expr, expressions_), expr, expr.operands[*linear], expressions_), party_, use_);
  return plain_routine(expr, std::move(operands));
}

GraphBuilder::Made Lowering::plain_routine(const Expr& expr, std::vector<int> operands) {
  using routines::Routine;
  const Shape& shape = expr.type.shape;
  for (int& each : operands) each = b_.plain_of(each, expr.span);
  const std::string name = routines::kRoutineNames[static_cast<size_t>(expr.routine)];
  if (routines::makes_places(expr.routine)) {
    Shape lines = shape;
    lines.push_back(b_.value(operands[0]).elements() / element_count(shape));
    const double last = static_cast<double>(lines.back() - 1);
    return b_.plain(name, {b_.reshape(operands[0], lines, expr.span)}, shape, Interval::closed(0, last), true, expr.span);
  }
  const GraphValue& of = b_.value(operands.back());
  const bool whole = of.whole_numbers && (expr.routine == Routine::Sort || expr.routine == Routine::CumulativeSum);
  const Interval range = image_of(expr.routine, of.range, static_cast<double>(std::max(of.shape.back(), shape.back())));
  return b_.plain(name, std::move(operands), shape, range, whole, expr.span);
}

/// Sums over 2, 4, 8, … elements that end at each (Hillis and Steele 1986): n log n additions.
GraphBuilder::Made Lowering::prefix_sums(const Expr& expr, int of) {
  const Shape& shape = expr.type.shape;
  const int64_t n = shape.back(), lines = element_count(shape) / n;
  for (int64_t step = 1; step < n; step *= 2) {
    const int64_t rest = n - step;
    const int done = b_.gather(of, {lines * step}, of_lines(lines, n, 0, step), expr.span);
    const int here = b_.gather(of, {lines * rest}, of_lines(lines, n, step, rest), expr.span);
    const int before = b_.gather(of, {lines * rest}, of_lines(lines, n, 0, rest), expr.span);
    const Made sum = b_.add(false, here, before, expr.span);
    const Made both = sum ? b_.concat({done, *sum}, {lines * n}, expr.span) : sum;
    if (!both) return both;
    std::vector<int64_t> order;
    for (int64_t line = 0; line < lines; ++line) {
      for (int64_t i = 0; i < n; ++i) order.push_back(i < step ? line * step + i : lines * step + line * rest + i - step);
    }
    of = b_.gather(*both, shape, std::move(order), expr.span);
  }
  return of;
}

}  // namespace acie::sema
