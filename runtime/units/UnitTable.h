// Names of units.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/units/Unit.h"

namespace acie::units {

/// Units by name, with SI prefixes. Copyable.
class UnitTable {
 public:
  struct Entry {
    Unit unit;                // of a size 1 × the name, spelled by it
    bool prefixable = false;  // whether SI prefixes may stand before the name: kpc, but no kdeg
  };

  UnitTable() = default;

  /// The seven SI base units, the named derived ones, min h d, deg arcmin arcsec mas rad sr, eV L bar, % (SI
  /// Brochure, 9th edition, tables 2, 4, 7, 8), spelled as usual in text (ohm, um for micrometre).
  static const UnitTable& si();

  /// Declares `name`; the unit is then spelled by it. False, changing nothing, if the table holds that very
  /// name.
  bool add(std::string name, const Unit& unit, bool prefixable);

  /// The same, replacing what was there: a local name hides an imported one.
  void replace(std::string name, const Unit& unit, bool prefixable);

  /// The unit of `name`: an entry of that very name, else a prefix and a prefixable entry (`Myr`).
  std::optional<Unit> find(std::string_view name) const;

  /// True if `name` is an entry itself, not by prefix.
  bool contains(std::string_view name) const { return entries_.find(name) != entries_.end(); }

  /// Up to `limit` names that `name` may have been meant to be, nearest first.
  std::vector<std::string> suggestions(std::string_view name, size_t limit = 3) const;

  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

/// `si()` and the astronomer's set (Msun Lsun Rsun pc AU ly yr Jy erg AA mag dex …): what files are read with
/// where the program declares no units of its own. Sources of the values are given at the definitions.
const UnitTable& astro_units();

}  // namespace acie::units
