#include "runtime/units/Scale.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

namespace acie::units {
namespace {

// Double-double arithmetic after Dekker (1971) and Knuth (TAOCP vol. 2, 4.2.2): a pair high + low with |low|
// at most half an ulp of high. Compiled without contraction, on which the error terms depend.
struct Pair {
  double high;
  double low;
};

Pair fast_two_sum(double a, double b) {  // |a| >= |b|
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

Pair two_sum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

Pair two_product(double a, double b) {
  const double product = a * b;
  return {product, std::fma(a, b, -product)};
}

Pair product(Pair a, Pair b) {
  const Pair main = two_product(a.high, b.high);
  return fast_two_sum(main.high, main.low + (a.high * b.low + a.low * b.high));
}

Pair sum(Pair a, Pair b) {
  const Pair high = two_sum(a.high, b.high);
  const Pair low = two_sum(a.low, b.low);
  const Pair partial = fast_two_sum(high.high, high.low + low.high);
  return fast_two_sum(partial.high, partial.low + low.low);
}

Pair negated(Pair a) { return {-a.high, -a.low}; }

// Long division, three digits of 53 bits: each takes what the last left.
Pair quotient(Pair a, Pair b) {
  const double first = a.high / b.high;
  Pair rest = sum(a, negated(product(b, {first, 0})));
  const double second = rest.high / b.high;
  rest = sum(rest, negated(product(b, {second, 0})));
  const double third = rest.high / b.high;
  return sum(fast_two_sum(first, second), {third, 0});
}

Pair integer_power(Pair base, uint32_t exponent) {
  Pair result{1, 0};
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = product(result, base);
    if (exponent > 1) base = product(base, base);
  }
  return result;
}

// Newton's iteration for x^n = a in the relative error, from the double that pow gives.
Pair root(Pair a, uint32_t n) {
  Pair x{std::pow(a.high, 1.0 / n), 0};
  for (int step = 0; step < 2; ++step) {
    const Pair error = sum(quotient(a, integer_power(x, n)), {-1, 0});
    x = sum(x, product(x, quotient(error, {static_cast<double>(n), 0})));
  }
  return x;
}

std::optional<Scale> checked(Pair pair) { return Scale::from_parts(pair.high, pair.low); }

Pair parts(const Scale& scale) { return {scale.high(), scale.low()}; }

}  // namespace

std::optional<Scale> Scale::from_parts(double high, double low) {
  if (!std::isnormal(high) || high < 0 || !std::isfinite(low) || high + low != high) return std::nullopt;
  return Scale(high, low);
}

std::optional<Scale> Scale::from_double(double value) { return from_parts(value, 0); }

std::optional<Scale> Scale::from_decimal(std::string_view text) {
  Pair digits{0, 0};
  int significant = 0;
  int64_t exponent = 0;
  bool any_digit = false;
  bool after_point = false;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '_' && any_digit) continue;
    if (c == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    any_digit = true;
    if (after_point) --exponent;
    if (significant == 0 && c == '0') continue;
    if (++significant <= 31)
      digits = sum(product(digits, {10, 0}), {static_cast<double>(c - '0'), 0});
    else
      ++exponent;  // a digit beyond what the sum can hold
  }
  if (!any_digit || significant == 0) return std::nullopt;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return std::nullopt;
    std::string written(text.substr(i + 1));
    std::erase(written, '_');
    const char* begin = written.data();
    const char* const end = begin + written.size();
    if (begin != end && *begin == '+' && end - begin > 1 && begin[1] != '-') ++begin;
    int32_t shift = 0;
    const auto [stop, problem] = std::from_chars(begin, end, shift);
    if (problem != std::errc() || stop != end) return std::nullopt;
    exponent += shift;
  }
  if (std::abs(exponent) > 600) return std::nullopt;
  // In steps that stay in range: 1.5e-310 is no normal number but 0.00…15e300 is.
  for (int64_t left = std::abs(exponent); left > 0; left -= 200) {
    const Pair ten = integer_power({10, 0}, static_cast<uint32_t>(left < 200 ? left : 200));
    digits = exponent > 0 ? product(digits, ten) : quotient(digits, ten);
  }
  return checked(digits);
}

std::optional<Scale> multiply(const Scale& a, const Scale& b) { return checked(product(parts(a), parts(b))); }

std::optional<Scale> divide(const Scale& a, const Scale& b) { return checked(quotient(parts(a), parts(b))); }

std::optional<Scale> power(const Scale& a, Rational exponent) {
  if (a == Scale()) return a;
  const Pair base = exponent.denominator() == 1 ? parts(a) : root(parts(a), exponent.denominator());
  const Pair raised = integer_power(base, static_cast<uint32_t>(std::abs(exponent.numerator())));
  if (exponent.numerator() >= 0) return checked(raised);
  if (!std::isnormal(raised.high)) return std::nullopt;
  return checked(quotient({1, 0}, raised));
}

Scale pi() { return *Scale::from_decimal("3.141592653589793238462643383279503"); }

}  // namespace acie::units
