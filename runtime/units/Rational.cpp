#include "runtime/units/Rational.h"

#include <limits>
#include <numeric>

namespace acie::units {

std::optional<Rational> Rational::make(int64_t numerator, int64_t denominator) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  if (denominator == 0 || numerator == kMin || denominator == kMin) return std::nullopt;
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  const int64_t divisor = std::gcd(numerator, denominator);
  numerator /= divisor;
  denominator /= divisor;
  // The negative extreme is left out, so that negation never overflows.
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  if (numerator > kMax || numerator < -kMax || denominator > kMax) return std::nullopt;
  Rational result;
  result.numerator_ = static_cast<int32_t>(numerator);
  result.denominator_ = static_cast<int32_t>(denominator);
  return result;
}

std::string Rational::to_string() const {
  if (denominator_ == 1) return std::to_string(numerator_);
  return "(" + std::to_string(numerator_) + "/" + std::to_string(denominator_) + ")";
}

// Numerators and denominators have at most 31 bits: cross products have at most 62, their sum 63.
std::optional<Rational> add(Rational a, Rational b) {
  return Rational::make(int64_t{a.numerator()} * b.denominator() + int64_t{b.numerator()} * a.denominator(),
                        int64_t{a.denominator()} * b.denominator());
}

std::optional<Rational> negate(Rational a) {
  return Rational::make(-int64_t{a.numerator()}, a.denominator());
}

std::optional<Rational> multiply(Rational a, Rational b) {
  return Rational::make(int64_t{a.numerator()} * b.numerator(), int64_t{a.denominator()} * b.denominator());
}

}  // namespace acie::units
