#include "compiler/Sema/Secrecy/LinearMaps.h"

#include <algorithm>
#include <vector>

#include "compiler/Sema/Symbols.h"

namespace acie::sema {
namespace {

using routines::Routine;

/// Lines of complex numbers, [2, .., n], as [.., 2 n] and back: the axis that stands first goes before the last.
const Expr* complex_as_lines(const Expr* of, Builder& builder) {
  const Shape& shape = of->type.shape;
  const int64_t n = shape.back(), lines = element_count(shape) / (2 * n);
  const Expr* flat = builder.view(of, {lines, 2, n}, 0, {n, lines * n, 1}, of->span);
  return builder.reshaped(flat, {lines, 2 * n}, of->span);
}

const Expr* lines_as_complex(const Expr* of, const Shape& shape, Builder& builder) {
  const int64_t n = shape.back(), lines = element_count(shape) / (2 * n);
  const Expr* flat = builder.view(of, {2, lines, n}, 0, {n, 2 * n, 1}, of->span);
  return builder.reshaped(flat, shape, of->span);
}

/// Ones where [.., n] flattened meets its own place: as many lines as numbers in a line, [2, 2 n, n] of complex ones.
const Expr* identity(int64_t n, bool is_complex, const Expr& routine, Builder& builder) {
  const int64_t lines = is_complex ? 2 * n : n;
  std::vector<double> ones(static_cast<size_t>(lines * lines), 0);
  for (int64_t line = 0; line < lines; ++line) ones[static_cast<size_t>(line / n * lines * n + line * n + line % n)] = 1;
  Type type = routine.type;
  type.unit = {};
  return builder.dense(is_complex ? Shape{2, lines, n} : Shape{lines, n}, std::move(ones), type, routine.span);
}

bool from_complex(Routine routine) { return routine == Routine::Fft || routine == Routine::InverseFft || routine == Routine::InverseRealFft; }
bool to_complex(Routine routine) { return routine == Routine::Fft || routine == Routine::InverseFft || routine == Routine::RealFft; }
bool solves(Routine routine) { return routines::operands_of(routine) == 2; }

}  // namespace

std::optional<size_t> linear_operand(const Expr& routine) {
  switch (routine.routine) {
    case Routine::Solve: case Routine::SolveLower: case Routine::SolveUpper: return 1;
    case Routine::Fft: case Routine::InverseFft: case Routine::RealFft: case Routine::InverseRealFft: case Routine::CumulativeSum: return 0;
    default: return std::nullopt;
  }
}

const Expr* matrix_of(const Expr& routine, Builder& builder) {
  const Span span = routine.span;
  Type type = routine.type;
  type.unit = {};
  if (solves(routine.routine)) {
    const Shape& shape = routine.operands[0]->type.shape;
    type.shape = shape;
    const Expr* ones = identity(shape.back(), false, routine, builder);
    std::vector<int64_t> strides(shape.size(), 0);
    strides[shape.size() - 2] = shape.back(), strides[shape.size() - 1] = 1;
    return builder.routine(routine.routine, {routine.operands[0], builder.view(ones, shape, 0, std::move(strides), span)}, type, span);
  }
  const bool in = from_complex(routine.routine), out = to_complex(routine.routine);
  const int64_t n = routine.operands[0]->type.shape.back(), m = routine.type.shape.back();
  const Expr* ones = identity(n, in, routine, builder);
  const int64_t lines = in ? 2 * n : n;
  type.shape = out ? Shape{2, lines, m} : Shape{lines, m};
  const Expr* image = builder.routine(routine.routine, {ones}, type, span);
  return out ? complex_as_lines(image, builder) : image;
}

const Expr* product_with(const Expr* matrix, const Expr& routine, const Expr* of, Builder& builder) {
  const Span span = routine.span;
  Type type = routine.type;
  if (solves(routine.routine)) {
    Shape columns = of->type.shape;
    if (columns.size() < matrix->type.shape.size()) columns.push_back(1);
    const Expr* product = builder.contract(matrix, builder.reshaped(of, columns, span), columns, type, span);
    return builder.reshaped(product, routine.type.shape, span);
  }
  const Shape& shape = of->type.shape;
  const int64_t lines = element_count(shape) / matrix->type.shape[0];
  const Expr* rows = from_complex(routine.routine) ? complex_as_lines(of, builder) : builder.reshaped(of, {lines, shape.back()}, span);
  const Expr* product = builder.contract(rows, matrix, {lines, matrix->type.shape[1]}, type, span);
  return to_complex(routine.routine) ? lines_as_complex(product, routine.type.shape, builder) : builder.reshaped(product, routine.type.shape, span);
}

}  // namespace acie::sema
