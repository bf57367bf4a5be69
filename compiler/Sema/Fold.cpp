#include "compiler/Sema/Fold.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/Sema/Types.h"
#include "kernels/math/Functions.h"
#include "kernels/math/Imports.h"
#include "kernels/math/ScalarBackend.h"

namespace acie::sema {
namespace {

Expr constant(const Expr& apply, double value) {
  Expr result;
  result.kind = Expr::Kind::Constant;
  result.type = apply.type;
  result.span = apply.span;
  if (apply.type.scalar == ScalarKind::F32) value = static_cast<float>(value);
  if (is_float(apply.type.scalar)) result.number = value;
  else result.integer = static_cast<int64_t>(value);
  return result;
}

/// f64 arithmetic and functions, through the kernels' own templates.
std::optional<double> evaluate(Op op, const double* x) {
  using math::Scalar64;
  switch (op) {
    case Op::Neg: return -x[0];
    case Op::Add: return x[0] + x[1];
    case Op::Sub: return x[0] - x[1];
    case Op::Mul: return x[0] * x[1];
    case Op::Div: return x[0] / x[1];
    case Op::Eq: return x[0] == x[1];
    case Op::Ne: return x[0] != x[1];
    case Op::Lt: return x[0] < x[1];
    case Op::Le: return x[0] <= x[1];
    case Op::Gt: return x[0] > x[1];
    case Op::Ge: return x[0] >= x[1];
    case Op::IsNan: return std::isnan(x[0]);
    default: break;
  }
  static Scalar64 backend;
  const std::string_view name = op == Op::Pow ? "pow" : op_spelling(op);
  if (const auto* function = math::findFunction<Scalar64>(name)) return function->expand(backend, x);
  for (const acie_import& import : math::math_imports()) {
    if (name != import.name) continue;
    const double* operands[3] = {x, x + 1, x + 2};
    double out = 0;
    import.fn(1, operands, &out);
    return out;
  }
  return std::nullopt;
}

/// Integer arithmetic wraps in the run: here an overflow is left to it.
std::optional<int64_t> evaluate_integers(Op op, int64_t a, int64_t b) {
  int64_t out = 0;
  switch (op) {
    case Op::Neg: return __builtin_sub_overflow(int64_t{0}, a, &out) ? std::nullopt : std::optional(out);
    case Op::Add: return __builtin_add_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    case Op::Sub: return __builtin_sub_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    case Op::Mul: return __builtin_mul_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    case Op::Min: return std::min(a, b);
    case Op::Max: return std::max(a, b);
    case Op::Abs: return a >= 0 ? std::optional(a) : evaluate_integers(Op::Neg, a, a);
    case Op::IDiv: case Op::Mod: {
      // Rounded down; what overflows or divides by zero is left to the run.
      if (b == 0 || (b == -1 && a == std::numeric_limits<int64_t>::min())) return std::nullopt;
      const int64_t remainder = a % b, carry = remainder != 0 && (remainder < 0) != (b < 0);
      return op == Op::IDiv ? a / b - carry : remainder + carry * b;
    }
    case Op::Eq: return a == b;
    case Op::Ne: return a != b;
    case Op::Lt: return a < b;
    case Op::Le: return a <= b;
    case Op::Gt: return a > b;
    case Op::Ge: return a >= b;
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<Expr> fold(const Expr& apply) {
  double x[3] = {};
  if (apply.operands.size() > 3) return std::nullopt;
  for (size_t i = 0; i < apply.operands.size(); ++i) {
    const auto value = constant_value(apply.operands[i]);
    if (!value) return std::nullopt;
    x[i] = *value;
  }
  const Expr& first = *apply.operands[0];
  const ScalarKind kind = first.type.scalar;
  switch (apply.op) {
    case Op::And: return constant(apply, x[0] != 0 && x[1] != 0);
    case Op::Or: return constant(apply, x[0] != 0 || x[1] != 0);
    case Op::Not: return constant(apply, x[0] == 0);
    case Op::Select: return *apply.operands[x[0] != 0 ? 1 : 2];
    case Op::Convert: {
      // Only conversions that keep the value: narrowing is the run's.
      if (!is_float(kind) && std::abs(static_cast<double>(first.integer)) > 9007199254740992.0) return std::nullopt;
      if (is_float(kind) && !is_float(apply.type.scalar) &&
          (x[0] != std::trunc(x[0]) || std::abs(x[0]) > 9007199254740992.0)) {
        return std::nullopt;
      }
      return constant(apply, x[0]);
    }
    default: break;
  }
  if (!is_float(kind)) {
    const auto value = evaluate_integers(apply.op, first.integer, apply.operands.back()->integer);
    if (!value) return std::nullopt;
    Expr result = constant(apply, 0);
    result.integer = *value;
    return result;
  }
  if (kind != ScalarKind::F64) return std::nullopt;
  const auto value = evaluate(apply.op, x);
  return value ? std::optional<Expr>(constant(apply, *value)) : std::nullopt;
}

}  // namespace acie::sema
