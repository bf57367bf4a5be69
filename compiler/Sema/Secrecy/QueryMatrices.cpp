// Linear maps of encrypted tensors as matrices over their elements, multiplied with each other before anything is encrypted.

#include "compiler/Sema/Secrecy/LinearMaps.h"
#include "compiler/Sema/Secrecy/QueryCall.h"
#include "compiler/Sema/Symbols.h"

namespace acie::sema {

using Kind = Expr::Kind;

const Expr* QueryCall::turned(const Expr* matrix, Span span) {
  const Shape& shape = matrix->type.shape;
  return builder_.view(matrix, {shape[1], shape[0]}, 0, {1, shape[1]}, span);
}

const Expr* QueryCall::rows_times(const Expr* matrix, const Expr* numbers, Span span) {
  const Expr* wide = builder_.view(numbers, matrix->type.shape, 0, {1, 0}, span);
  return builder_.as_whole(builder_.apply(Op::Mul, {Builder::whole(wide, span), Builder::whole(matrix, span)}, span), matrix->type.shape);
}

const Expr* QueryCall::columns_times(const Expr* matrix, const Expr* numbers, Span span) {
  const Expr* wide = builder_.view(numbers, matrix->type.shape, 0, {0, 1}, span);
  return builder_.as_whole(builder_.apply(Op::Mul, {Builder::whole(matrix, span), Builder::whole(wide, span)}, span), matrix->type.shape);
}

/// What an operation that rearranges or adds makes of rows, one for each element of its operand: a row for each of its own.
const Expr* QueryCall::rows_of(const Expr& expr, const Expr* matrix) {
  const Span span = expr.span;
  const int64_t columns = matrix->type.shape[1], rows = element_count(expr.type.shape);
  if (expr.kind == Kind::View) {
    Shape shape = expr.type.shape;
    std::vector<int64_t> strides = expr.elements->strides;
    for (int64_t& each : strides) each *= columns;
    shape.push_back(columns), strides.push_back(1);
    return builder_.reshaped(builder_.view(matrix, shape, expr.elements->offset * columns, std::move(strides), span), {rows, columns}, span);
  }
  const int64_t each = matrix->type.shape[0] / rows;
  const Expr* across = builder_.view(matrix, {rows, columns, each}, 0, {each * columns, 1, columns}, span);
  return builder_.fold_axes(Folding::Sum, across, 1, span);
}

const Expr* QueryCall::matrix_for(const Expr& expr, size_t position, const Base& of, const Expr* by, const Expr* beside) {
  const Span span = expr.span;
  const Shape& own = expr.operands[position]->type.shape;
  const int64_t size = element_count(own);
  const Expr* numbers = by != nullptr ? builder_.reshaped(by, {size}, span) : nullptr;
  switch (expr.kind) {
    case Kind::View: return of.matrix != nullptr ? rows_of(expr, of.matrix) : nullptr;
    case Kind::Gather: {
      if (of.matrix == nullptr || beside->kind != Kind::Dense) return nullptr;
      const int64_t columns = of.matrix->type.shape[1];
      std::vector<double> places;
      for (const double row : beside->elements->numbers) {
        for (int64_t i = 0; i < columns; ++i) places.push_back(row * static_cast<double>(columns) + static_cast<double>(i));
      }
      const int64_t rows = static_cast<int64_t>(beside->elements->numbers.size());
      return builder_.gather(of.matrix, builder_.dense({rows, columns}, std::move(places), beside->type, span), span);
    }
    case Kind::Concat: {
      if (of.matrix == nullptr) return nullptr;
      const int64_t columns = of.matrix->type.shape[1];
      std::vector<const Expr*> parts;
      for (size_t i = 0; i < expr.operands.size(); ++i) {
        const int64_t rows = element_count(expr.operands[i]->type.shape);
        parts.push_back(i == position ? of.matrix : builder_.dense({rows, columns}, std::vector<double>(static_cast<size_t>(rows * columns), 0), of.matrix->type, span));
      }
      return builder_.concat(std::move(parts), {element_count(expr.type.shape), columns}, span);
    }
    case Kind::Fold: {
      if (of.matrix != nullptr) return rows_of(expr, numbers != nullptr ? rows_times(of.matrix, numbers, span) : of.matrix);
      if (numbers == nullptr) return nullptr;
      const int64_t rows = element_count(expr.type.shape);
      std::vector<double> ones(static_cast<size_t>(rows * size), 0);
      for (int64_t i = 0; i < size; ++i) ones[static_cast<size_t>(i / (size / rows) * size + i)] = 1;
      Type type = numbers->type;
      type.unit = {};
      return columns_times(builder_.dense({rows, size}, std::move(ones), type, span), numbers, span);
    }
    case Kind::Contract: case Kind::Routine: break;
    default: return nullptr;
  }
  const Expr* matrix = nullptr;
  if (expr.kind == Kind::Contract) {
    if (beside->type.shape.size() != 2 || own.size() != 2 || own[position] != 1) return nullptr;
    matrix = position == 1 ? beside : turned(beside, span);
  } else {
    if (expr.routine == routines::Routine::CumulativeSum && of.matrix == nullptr && numbers == nullptr) return nullptr;
    Expr routine = expr;
    if (beside != nullptr) routine.operands[1 - position] = beside;
    matrix = matrix_of(routine, builder_);
    if (matrix->type.shape.size() != 2 || matrix->type.shape[beside != nullptr ? 1 : 0] != size) return nullptr;
    if (beside == nullptr) matrix = turned(matrix, span);
  }
  if (numbers != nullptr) matrix = columns_times(matrix, numbers, span);
  if (of.matrix == nullptr) return matrix;
  Type type = matrix->type;
  return builder_.contract(matrix, of.matrix, {matrix->type.shape[0], of.matrix->type.shape[1]}, type, span);
}

}  // namespace acie::sema
