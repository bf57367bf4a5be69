// Exact exponents of units: m^(1/2) is a unit, m^0.5000001 is a mistake.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace acie::units {

/// A reduced fraction of two 32-bit integers with a positive denominator. Operations answer nullopt where the
/// result does not fit.
class Rational {
 public:
  constexpr Rational() = default;
  constexpr Rational(int32_t integer) : numerator_(integer) {}  // NOLINT: an integer is a rational

  /// numerator / denominator, reduced; nullopt if the denominator is 0 or the reduced fraction does not fit.
  static std::optional<Rational> make(int64_t numerator, int64_t denominator);

  constexpr int32_t numerator() const { return numerator_; }
  constexpr int32_t denominator() const { return denominator_; }
  constexpr bool is_zero() const { return numerator_ == 0; }
  constexpr bool is_integer() const { return denominator_ == 1; }
  double value() const { return static_cast<double>(numerator_) / denominator_; }

  /// "2", "-1", "(1/2)": as written after `^`.
  std::string to_string() const;

  friend constexpr bool operator==(const Rational&, const Rational&) = default;
  friend constexpr std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
    return int64_t{a.numerator_} * b.denominator_ <=> int64_t{b.numerator_} * a.denominator_;
  }

 private:
  int32_t numerator_ = 0;
  int32_t denominator_ = 1;
};

std::optional<Rational> add(Rational a, Rational b);
std::optional<Rational> negate(Rational a);
std::optional<Rational> multiply(Rational a, Rational b);

}  // namespace acie::units
