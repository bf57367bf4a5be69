#include "compiler/Sema/Analysis/Triangles.h"

#include <vector>

namespace acie::sema {
namespace {

bool is_zero(const Expr* expr) {
  return expr->kind == Expr::Kind::Constant && expr->number == 0 && expr->integer == 0;
}

Triangle opposite(Triangle triangle) {
  return triangle == Triangle::Lower ? Triangle::Upper : triangle == Triangle::Upper ? Triangle::Lower : Triangle::None;
}

Triangle of_numbers(const std::vector<double>& numbers, int64_t n) {
  bool lower = true, upper = true;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      if (numbers[static_cast<size_t>(i * n + j)] == 0) continue;
      lower = lower && j <= i;
      upper = upper && j >= i;
    }
  }
  return lower ? Triangle::Lower : upper ? Triangle::Upper : Triangle::None;
}

}  // namespace

Triangle triangle_of(const Expr* matrix) {
  const int64_t n = matrix->type.shape.empty() ? 0 : matrix->type.shape.back();
  switch (matrix->kind) {
    case Expr::Kind::Dense: return of_numbers(matrix->elements->numbers, n);
    case Expr::Kind::Routine: return matrix->routine == routines::Routine::Cholesky ? Triangle::Lower : Triangle::None;
    case Expr::Kind::View: {
      const std::vector<int64_t>& strides = matrix->elements->strides;
      const bool square = matrix->operands[0]->type.shape == matrix->type.shape && matrix->elements->offset == 0;
      if (square && strides == std::vector<int64_t>{1, n}) return opposite(triangle_of(matrix->operands[0]));
      return Triangle::None;
    }
    case Expr::Kind::Apply: break;
    default: return Triangle::None;
  }
  const auto of = [&](int i) { return triangle_of(matrix->operands[i]); };
  switch (matrix->op) {
    case Op::Neg:
    case Op::Convert: return of(0);
    case Op::Mul: return of(0) != Triangle::None ? of(0) : of(1);
    case Op::Div: return of(0);
    case Op::Select:
      // if j <= i then w[i, j] else 0: the condition is a matrix of constants.
      if (matrix->operands[0]->kind == Expr::Kind::Dense && is_zero(matrix->operands[2])) return of(0);
      return Triangle::None;
    default: return Triangle::None;
  }
}

}  // namespace acie::sema
