// Reading units: acie's own notation, and the notations found in data files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/units/Rational.h"
#include "runtime/units/Unit.h"
#include "runtime/units/UnitTable.h"

namespace acie::units {

/// What is wrong with a unit's text, and where.
struct UnitError {
  size_t offset = 0;                     // bytes into the text
  size_t length = 0;                     // bytes of the part that is wrong; 0 at the end of the text
  std::string message;                   // "unknown unit 'Msum'", without place or suggestion
  std::string unknown_name;              // set where a name is not in the table
  std::vector<std::string> suggestions;  // names that may have been meant

  /// Message and suggestions in one sentence: "unknown unit 'Msum'; did you mean 'Msun'?".
  std::string to_string() const;
};

/// A unit or an error.
struct UnitResult {
  std::optional<Unit> unit;
  UnitError error;

  explicit operator bool() const { return unit.has_value(); }
  const Unit& operator*() const { return *unit; }
  const Unit* operator->() const { return &*unit; }
};

/// acie's notation: names, `1`, `%`, `*`, `/` (left-associative), `^` with an integer, decimal or
/// parenthesised rational exponent, parentheses. `W/m^2/Hz`, `km^2/s^2`, `m^(1/2)`. Bounded: deep nesting is
/// an error, never a crash.
UnitResult parse_unit(std::string_view text, const UnitTable& table);

/// The exponent of `^` alone: "2", "-1", "0.5", "(1/2)"; nullopt if it is none or does not fit.
std::optional<Rational> parse_exponent(std::string_view text);

/// Spellings of data files: FITS standard 4.0 section 4.3, VOUnits 1.1, CDS catalogues, astropy and TOPCAT
/// habits: `erg/s/cm**2/Angstrom`, `10**(-17) erg s-1 cm-2`, `solMass.yr-1`, `km s^-1`, `log(solMass)` and
/// `[Msun]` (labelled dex). The slash is left-associative ("normal mathematical precedence rules apply",
/// section 4.3.1): a/b c is (a/b) c. Names come from `table`, else from common synonyms (solMass, Angstrom,
/// micron, …). Blank text and "---" are `1`.
UnitResult parse_foreign_unit(std::string_view text, const UnitTable& table);

}  // namespace acie::units
