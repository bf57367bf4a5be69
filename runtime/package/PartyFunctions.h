// The functions that a party's program computes on plain values (Party.h lists what they mean).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/routines/Routine.h"
#include "runtime/package/PlanNames.h"

namespace acie::package {

enum class PlainFunction : uint8_t {
  Add, Subtract, Multiply, Divide, Power, Minimum, Maximum, Less, LessEqual, Greater, Equal, And, Or,
  IntegerDivide, Modulo, Atan2, GammaCdf, GammaQuantile, StudentTCdf, StudentTQuantile, PoissonQuantile,
  Negate, Abs, Exp, Log, Sqrt, Tanh, Sigmoid, Floor, Round, Sign, Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Exp2, Expm1,
  Log2, Log10, Log1p, Cbrt, Ceil, Trunc, Erf, NormCdf, NormQuantile, Not, Asinh, Acosh, Atanh, Logit, Softplus, Erfc, Lgamma, IsNan, Relu,
  Select, BetaCdf, BetaQuantile, MatMul, Sum, Mean, Min, Max, ArgMax, Product, Softmax, TopK, Take,
  // Those of kernels/routines but ArgMax, in their order.
  Solve, SolveLower, SolveUpper, Cholesky, Inverse, Fft, InverseFft, RealFft, InverseRealFft, CumulativeSum, Sort, ArgMin,
};

inline constexpr NameTable<PlainFunction, 85> kPlainFunctionNames = {{{PlainFunction::Add, "add"},
                                                                      {PlainFunction::Subtract, "subtract"},
                                                                      {PlainFunction::Multiply, "multiply"},
                                                                      {PlainFunction::Divide, "divide"},
                                                                      {PlainFunction::Power, "power"},
                                                                      {PlainFunction::Minimum, "minimum"},
                                                                      {PlainFunction::Maximum, "maximum"},
                                                                      {PlainFunction::Less, "less"},
                                                                      {PlainFunction::LessEqual, "less_equal"},
                                                                      {PlainFunction::Greater, "greater"},
                                                                      {PlainFunction::Equal, "equal"},
                                                                      {PlainFunction::And, "and"},
                                                                      {PlainFunction::Or, "or"},
                                                                      {PlainFunction::IntegerDivide, "div"},
                                                                      {PlainFunction::Modulo, "mod"},
                                                                      {PlainFunction::Atan2, "atan2"},
                                                                      {PlainFunction::GammaCdf, "gamma_cdf"},
                                                                      {PlainFunction::GammaQuantile, "gamma_quantile"},
                                                                      {PlainFunction::StudentTCdf, "student_t_cdf"},
                                                                      {PlainFunction::StudentTQuantile, "student_t_quantile"},
                                                                      {PlainFunction::PoissonQuantile, "poisson_quantile"},
                                                                      {PlainFunction::Negate, "negate"},
                                                                      {PlainFunction::Abs, "abs"},
                                                                      {PlainFunction::Exp, "exp"},
                                                                      {PlainFunction::Log, "log"},
                                                                      {PlainFunction::Sqrt, "sqrt"},
                                                                      {PlainFunction::Tanh, "tanh"},
                                                                      {PlainFunction::Sigmoid, "sigmoid"},
                                                                      {PlainFunction::Floor, "floor"},
                                                                      {PlainFunction::Round, "round"},
                                                                      {PlainFunction::Sign, "sign"},
                                                                      {PlainFunction::Sin, "sin"},
                                                                      {PlainFunction::Cos, "cos"},
                                                                      {PlainFunction::Tan, "tan"},
                                                                      {PlainFunction::Asin, "asin"},
                                                                      {PlainFunction::Acos, "acos"},
                                                                      {PlainFunction::Atan, "atan"},
                                                                      {PlainFunction::Sinh, "sinh"},
                                                                      {PlainFunction::Cosh, "cosh"},
                                                                      {PlainFunction::Exp2, "exp2"},
                                                                      {PlainFunction::Expm1, "expm1"},
                                                                      {PlainFunction::Log2, "log2"},
                                                                      {PlainFunction::Log10, "log10"},
                                                                      {PlainFunction::Log1p, "log1p"},
                                                                      {PlainFunction::Cbrt, "cbrt"},
                                                                      {PlainFunction::Ceil, "ceil"},
                                                                      {PlainFunction::Trunc, "trunc"},
                                                                      {PlainFunction::Erf, "erf"},
                                                                      {PlainFunction::NormCdf, "norm_cdf"},
                                                                      {PlainFunction::NormQuantile, "norm_quantile"},
                                                                      {PlainFunction::Not, "not"},
                                                                      {PlainFunction::Asinh, "asinh"},
                                                                      {PlainFunction::Acosh, "acosh"},
                                                                      {PlainFunction::Atanh, "atanh"},
                                                                      {PlainFunction::Logit, "logit"},
                                                                      {PlainFunction::Softplus, "softplus"},
                                                                      {PlainFunction::Erfc, "erfc"},
                                                                      {PlainFunction::Lgamma, "lgamma"},
                                                                      {PlainFunction::IsNan, "is_nan"},
                                                                      {PlainFunction::Relu, "relu"},
                                                                      {PlainFunction::Select, "select"},
                                                                      {PlainFunction::BetaCdf, "beta_cdf"},
                                                                      {PlainFunction::BetaQuantile, "beta_quantile"},
                                                                      {PlainFunction::MatMul, "matmul"},
                                                                      {PlainFunction::Sum, "sum"},
                                                                      {PlainFunction::Mean, "mean"},
                                                                      {PlainFunction::Min, "min"},
                                                                      {PlainFunction::Max, "max"},
                                                                      {PlainFunction::ArgMax, "argmax"},
                                                                      {PlainFunction::Product, "product"},
                                                                      {PlainFunction::Softmax, "softmax"},
                                                                      {PlainFunction::TopK, "top_k"},
                                                                      {PlainFunction::Take, "take"},
                                                                      {PlainFunction::Solve, "solve"},
                                                                      {PlainFunction::SolveLower, "solve_lower"},
                                                                      {PlainFunction::SolveUpper, "solve_upper"},
                                                                      {PlainFunction::Cholesky, "cholesky"},
                                                                      {PlainFunction::Inverse, "inverse"},
                                                                      {PlainFunction::Fft, "fft"},
                                                                      {PlainFunction::InverseFft, "inverse_fft"},
                                                                      {PlainFunction::RealFft, "rfft"},
                                                                      {PlainFunction::InverseRealFft, "inverse_rfft"},
                                                                      {PlainFunction::CumulativeSum, "cumsum"},
                                                                      {PlainFunction::Sort, "sort"},
                                                                      {PlainFunction::ArgMin, "argmin"}}};

/// The last of those of two numbers, of one, of three.
inline constexpr PlainFunction kLastOfTwo = PlainFunction::PoissonQuantile, kLastOfOne = PlainFunction::Relu, kLastOfThree = PlainFunction::BetaQuantile;

/// Of the functions from Solve on, which of kernels/routines it is.
constexpr routines::Routine routine_of(PlainFunction function) {
  return static_cast<routines::Routine>(static_cast<int>(function) - static_cast<int>(PlainFunction::Solve));
}

using Shape = std::vector<int64_t>;

/// The longer of two shapes where the other is a suffix of it or a number; nothing where they do not fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);

/// Whether `function` of operands of these shapes gives a value of shape `result`.
bool fits(PlainFunction function, const std::vector<Shape>& operands, const Shape& result);

/// Of a [m, n] or [n] times [n, p] or [n]: rows, inner size and columns, 1 where an axis is missing.
struct ProductSize {
  int64_t rows = 1, inner = 1, columns = 1;
  Shape result;
};
std::optional<ProductSize> product_size(const Shape& a, const Shape& b);

}  // namespace acie::package
