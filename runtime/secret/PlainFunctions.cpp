#include "runtime/secret/PlainFunctions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/math/ScalarFunctions.h"
#include "kernels/math/Special.h"
#include "kernels/routines/Routines.h"

namespace acie::secret {
namespace {

using package::PlainFunction;
using package::Shape;
namespace math = ::acie::math::scalar;
namespace special = ::acie::math;
using F = PlainFunction;

size_t count_of(const Shape& shape) {
  return static_cast<size_t>(std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()));
}

/// Element i of an operand that is repeated: suffixes repeat whole, numbers everywhere.
double at(const PlainOperand& operand, size_t i) { return operand.values[i % operand.values.size()]; }

double truth(bool holds) { return holds ? 1 : 0; }

double two(F function, double a, double b) {
  switch (function) {
    case F::Add: return a + b;
    case F::Subtract: return a - b;
    case F::Multiply: return a * b;
    case F::Divide: return a / b;
    case F::Power: return math::pow(a, b);
    case F::Minimum: return std::isnan(a) || std::isnan(b) ? a + b : std::min(a, b);
    case F::Maximum: return std::isnan(a) || std::isnan(b) ? a + b : std::max(a, b);
    case F::Less: return truth(a < b);
    case F::Greater: return truth(a > b);
    case F::LessEqual: return truth(a <= b);
    case F::Equal: return truth(a == b);
    case F::IntegerDivide: return std::floor(a / b);
    case F::Modulo: return a - std::floor(a / b) * b;
    case F::Atan2: return math::atan2(a, b);
    case F::GammaCdf: return special::gamma_cdf(a, b);
    case F::GammaQuantile: return special::gamma_quantile(a, b);
    case F::StudentTCdf: return special::student_t_cdf(a, b);
    case F::StudentTQuantile: return special::student_t_quantile(a, b);
    case F::PoissonQuantile: return special::poisson_quantile(a, b);
    case F::And: return truth(a != 0 && b != 0);
    default: return truth(a != 0 || b != 0);
  }
}

double one(F function, double x) {
  switch (function) {
    case F::Negate: return -x;
    case F::Abs: return std::fabs(x);
    case F::Exp: return math::exp(x);
    case F::Log: return math::log(x);
    case F::Sqrt: return std::sqrt(x);
    case F::Tanh: return math::tanh(x);
    case F::Sigmoid: return math::sigmoid(x);
    case F::Floor: return std::floor(x);
    case F::Round: return math::round(x);
    case F::Sign: return std::isnan(x) ? x : truth(x > 0) - truth(x < 0);
    case F::Sin: return math::sin(x);
    case F::Cos: return math::cos(x);
    case F::Tan: return math::tan(x);
    case F::Asin: return math::asin(x);
    case F::Acos: return math::acos(x);
    case F::Atan: return math::atan(x);
    case F::Sinh: return math::sinh(x);
    case F::Cosh: return math::cosh(x);
    case F::Exp2: return math::exp2(x);
    case F::Expm1: return math::expm1(x);
    case F::Log2: return math::log2(x);
    case F::Log10: return math::log10(x);
    case F::Log1p: return math::log1p(x);
    case F::Cbrt: return math::cbrt(x);
    case F::Ceil: return std::ceil(x);
    case F::Trunc: return std::trunc(x);
    case F::Erf: return math::erf(x);
    case F::NormCdf: return math::norm_cdf(x);
    case F::NormQuantile: return math::norm_quantile(x);
    case F::Asinh: return math::asinh(x);
    case F::Acosh: return math::acosh(x);
    case F::Atanh: return math::atanh(x);
    case F::Logit: return math::logit(x);
    case F::Softplus: return math::softplus(x);
    case F::Erfc: return math::erfc(x);
    case F::Lgamma: return special::lgamma(x);
    case F::IsNan: return truth(std::isnan(x));
    case F::Not: return truth(x == 0);
    default: return x < 0 ? 0 : x;  // relu, NaN stays
  }
}

double three(F function, double a, double b, double c) {
  switch (function) {
    case F::BetaCdf: return special::beta_cdf(a, b, c);
    case F::BetaQuantile: return special::beta_quantile(a, b, c);
    default: return a != 0 ? b : c;
  }
}

double over_axis(F function, std::span<const double> x) {
  switch (function) {
    case F::Sum: return std::accumulate(x.begin(), x.end(), 0.0);
    case F::Mean: return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
    case F::Min: return std::accumulate(x.begin() + 1, x.end(), x[0], [](double a, double b) { return two(F::Minimum, a, b); });
    case F::Max: return std::accumulate(x.begin() + 1, x.end(), x[0], [](double a, double b) { return two(F::Maximum, a, b); });
    case F::Product: return std::accumulate(x.begin(), x.end(), 1.0, std::multiplies<>());
    default: {
      const Shape line{static_cast<int64_t>(x.size())}, one;
      int64_t place = 0;
      routines::places<double>(function == F::ArgMin ? routines::Routine::ArgMin : routines::Routine::ArgMax, {x.data(), 0, &line}, {&place, 0, &one}, 1);
      return static_cast<double>(place);
    }
  }
}

Reals matmul(const PlainOperand& a, const PlainOperand& b) {
  const package::ProductSize size = *package::product_size(a.shape, b.shape);
  const auto rows = static_cast<size_t>(size.rows), inner = static_cast<size_t>(size.inner),
             columns = static_cast<size_t>(size.columns);
  Reals result(rows * columns);
  for (size_t row = 0; row < rows; ++row)
    for (size_t i = 0; i < inner; ++i)
      for (size_t column = 0; column < columns; ++column)
        result[row * columns + column] += a.values[row * inner + i] * b.values[i * columns + column];
  return result;
}

Reals softmax(const PlainOperand& x) {
  const auto size = static_cast<size_t>(x.shape.back());
  Reals result(x.values.begin(), x.values.end());
  for (size_t first = 0; first < result.size(); first += size) {
    const double top = over_axis(F::Max, x.values.subspan(first, size));
    double total = 0;
    for (size_t i = first; i < first + size; ++i) total += result[i] = math::exp(result[i] - top);
    for (size_t i = first; i < first + size; ++i) result[i] /= total;
  }
  return result;
}

Reals top_k(std::span<const double> x, size_t count) {
  std::vector<size_t> order(x.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto before = [&](size_t a, size_t b) {
    const double left = std::isnan(x[a]) ? -std::numeric_limits<double>::infinity() : x[a];
    const double right = std::isnan(x[b]) ? -std::numeric_limits<double>::infinity() : x[b];
    return left != right ? left > right : a < b;
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), before);
  return {order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count)};
}

Reals take(const PlainOperand& table, const PlainOperand& positions) {
  const auto rows = static_cast<size_t>(table.shape[0]);
  const size_t width = table.values.size() / rows;
  Reals result;
  result.reserve(positions.values.size() * width);
  for (const double position : positions.values) {
    const bool exists = position >= 0 && position < static_cast<double>(rows) && position == std::floor(position);
    for (size_t i = 0; i < width; ++i)
      result.push_back(exists ? table.values[static_cast<size_t>(position) * width + i]
                              : std::numeric_limits<double>::quiet_NaN());
  }
  return result;
}

/// An algorithm of kernels/routines. What there is none of, as of a singular matrix, is NaN.
Reals routine(F function, const std::vector<PlainOperand>& operands, const Shape& shape) {
  Reals result(count_of(shape));
  const auto operand = [](const PlainOperand& of) { return routines::Operand<const double>{of.values.data(), 0, &of.shape}; };
  routines::run(package::routine_of(function), operand(operands[0]), operand(operands.back()), {result.data(), 0, &shape}, 1);
  return result;
}

}  // namespace

Reals evaluate(F function, const std::vector<PlainOperand>& operands, const Shape& shape) {
  const size_t count = count_of(shape);
  switch (function) {
    case F::MatMul: return matmul(operands[0], operands[1]);
    case F::Softmax: return softmax(operands[0]);
    case F::TopK: return top_k(operands[0].values, count);
    case F::Take: return take(operands[0], operands[1]);
    default: break;
  }
  if (function >= F::Solve && function <= F::Sort) return routine(function, operands, shape);
  Reals result(count);
  const size_t axis = operands[0].values.size() / count;
  for (size_t i = 0; i < count; ++i) {
    if (function <= package::kLastOfTwo)
      result[i] = two(function, at(operands[0], i), at(operands[1], i));
    else if (function <= package::kLastOfOne)
      result[i] = one(function, operands[0].values[i]);
    else if (function <= package::kLastOfThree)
      result[i] = three(function, at(operands[0], i), at(operands[1], i), at(operands[2], i));
    else
      result[i] = over_axis(function, operands[0].values.subspan(i * axis, axis));
  }
  return result;
}

}  // namespace acie::secret
