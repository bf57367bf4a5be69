// A unit: a dimension, a size in coherent SI units, and the spelling a person recognises.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/units/Dimension.h"
#include "runtime/units/Rational.h"
#include "runtime/units/Scale.h"

namespace acie::units {

/// Immutable value. A default-constructed Unit is `1`, that of plain numbers.
class Unit {
 public:
  /// A symbol and its exponent, in the order of first appearance: Msun^1 yr^-1.
  using Factor = std::pair<std::string, Rational>;

  Unit() = default;

  static Unit base(Base base);          // m, kg, s, A, K, mol, cd
  static Unit label(std::string name);  // mag, dex: a unit declared without a definition

  /// `symbol` as factor × of: define("Jy", 1e-26, W/m^2/Hz). nullopt where the size leaves the range of a
  /// double.
  static std::optional<Unit> define(std::string symbol, const Scale& factor, const Unit& of);

  /// What a package stores; nullopt if a factor has no symbol, is repeated or has exponent 0.
  static std::optional<Unit> from_parts(Dimension dimension, Scale scale, std::vector<Factor> factors);

  const Dimension& dimension() const { return dimension_; }
  const Scale& scale() const { return scale_; }  // size in coherent SI units: 1e3 for km
  const std::vector<Factor>& factors() const { return factors_; }

  /// A number without SI dimension: 1, deg, %, mag.
  bool is_number() const { return dimension_.is_number(); }

  /// Exactly `1` in effect: no dimension, no label, size 1 (rad and m/m too).
  bool is_one() const { return dimension_ == Dimension() && scale_ == Scale(); }

  /// As the user wrote it, tidied: "Msun/yr", "kg*m/s^2", "m^(1/2)", "1/s", "1". parse_unit reads it back.
  std::string to_string() const { return format_factors(factors_); }

  friend std::optional<Unit> multiply(const Unit& a, const Unit& b);
  friend std::optional<Unit> power(const Unit& a, Rational exponent);

 private:
  Dimension dimension_;
  Scale scale_;
  std::vector<Factor> factors_;
};

/// nullopt where an exponent or the size leaves its range.
std::optional<Unit> multiply(const Unit& a, const Unit& b);
std::optional<Unit> divide(const Unit& a, const Unit& b);
std::optional<Unit> power(const Unit& a, Rational exponent);

/// Values in the two units can be added, compared and assigned: same SI dimension, and not two different
/// labels.
inline bool compatible(const Unit& a, const Unit& b) { return a.dimension().compatible(b.dimension()); }

/// x in `to` = conversion_factor(from, to) × (x in `from`), correctly rounded; nullopt where not compatible
/// or out of range. Exactly 1 for units of the same size.
std::optional<double> conversion_factor(const Unit& from, const Unit& to);

/// Same dimension, labels and size, however spelled: J and N*m are equal.
bool operator==(const Unit& a, const Unit& b);

}  // namespace acie::units
