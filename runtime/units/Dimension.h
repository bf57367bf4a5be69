// What a quantity measures: exponents over the seven base quantities of the SI, and labels.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/units/Rational.h"

namespace acie::units {

enum class Base : uint8_t { Metre, Kilogram, Second, Ampere, Kelvin, Mole, Candela };
inline constexpr int kBaseCount = 7;

/// "m", "kg", "s", "A", "K", "mol", "cd".
const char* base_symbol(Base base);

/// Exponents of the SI base units, and of labels: names such as `mag` and `dex` that mark plain numbers.
/// Plane angles are plain numbers (deg is a scaled one). A labelled value mixes with unlabelled values of the
/// same SI dimension and never with another label.
class Dimension {
 public:
  using Label = std::pair<std::string, Rational>;

  Dimension() = default;
  static Dimension of(Base base);
  static Dimension label(std::string name);

  Rational exponent(Base base) const { return exponents_[static_cast<size_t>(base)]; }
  const std::vector<Label>& labels() const { return labels_; }  // sorted by name, no zero exponents

  /// No SI base quantity is left: the value is a number, perhaps scaled or labelled. What log, exp and sin
  /// ask for.
  bool is_number() const;

  /// Same SI exponents: the sizes of two such units can be compared.
  bool same_quantity(const Dimension& other) const { return exponents_ == other.exponents_; }

  /// Values of the two dimensions can be added, compared and assigned to each other.
  bool compatible(const Dimension& other) const {
    return same_quantity(other) && (labels_ == other.labels_ || labels_.empty() || other.labels_.empty());
  }

  friend bool operator==(const Dimension&, const Dimension&) = default;

  /// In base units: "kg*m^2/s^2", "1".
  std::string to_string() const;

  friend std::optional<Dimension> multiply(const Dimension& a, const Dimension& b);
  friend std::optional<Dimension> power(const Dimension& a, Rational exponent);

 private:
  std::array<Rational, kBaseCount> exponents_;
  std::vector<Label> labels_;
};

std::optional<Dimension> multiply(const Dimension& a, const Dimension& b);
std::optional<Dimension> divide(const Dimension& a, const Dimension& b);
std::optional<Dimension> power(const Dimension& a, Rational exponent);

/// "kg*m/s^2" from symbols and exponents, positive exponents first, "1" if none: text that parse_unit reads.
std::string format_factors(const std::vector<std::pair<std::string, Rational>>& factors);

}  // namespace acie::units
