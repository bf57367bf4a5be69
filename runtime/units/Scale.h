// The size of a unit in coherent SI units, with more digits than a double so that conversions round once.
#pragma once

#include <optional>
#include <string_view>

#include "runtime/units/Rational.h"

namespace acie::units {

/// A positive number held as an unevaluated sum of two doubles (about 31 digits): products, quotients and
/// roots of scales keep errors near 1e-31, so the double that a conversion finally uses is correctly rounded
/// but for freak cases. Operations answer nullopt where the result is not a positive normal number.
class Scale {
 public:
  constexpr Scale() = default;  // 1

  /// Exactly `value`.
  static std::optional<Scale> from_double(double value);

  /// A decimal literal as acie writes it ("1.602176634e-19", "299_792_458"), to 31 digits.
  static std::optional<Scale> from_decimal(std::string_view text);

  /// high + low, as a package stores it; |low| must be at most half an ulp of high.
  static std::optional<Scale> from_parts(double high, double low);

  double high() const { return high_; }  // the nearest double
  double low() const { return low_; }    // what it leaves

  friend bool operator==(const Scale&, const Scale&) = default;

 private:
  constexpr Scale(double high, double low) : high_(high), low_(low) {}
  double high_ = 1;
  double low_ = 0;
};

std::optional<Scale> multiply(const Scale& a, const Scale& b);
std::optional<Scale> divide(const Scale& a, const Scale& b);
std::optional<Scale> power(const Scale& a, Rational exponent);

/// Pi to the precision of a Scale.
Scale pi();

}  // namespace acie::units
