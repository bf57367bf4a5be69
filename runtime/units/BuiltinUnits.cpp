// The units of the SI and the astronomer's set, each defined in terms of those before it.
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

#include "runtime/units/ParseUnit.h"
#include "runtime/units/UnitTable.h"

namespace acie::units {
namespace {

struct Definition {
  const char* name;
  const char* factor;  // a decimal literal
  const char* of;      // in acie's notation
  bool prefixable;
};

void define(UnitTable& table, std::initializer_list<Definition> definitions) {
  for (const Definition& definition : definitions) {
    const UnitResult of = parse_unit(definition.of, table);
    const std::optional<Scale> factor = Scale::from_decimal(definition.factor);
    if (of && factor)
      if (const std::optional<Unit> unit = Unit::define(definition.name, *factor, *of))
        if (table.add(definition.name, *unit, definition.prefixable)) continue;
    std::fprintf(stderr, "the definition of unit %s is wrong\n",
                 definition.name);  // a slip in the lists below
    std::abort();
  }
}

UnitTable make_si() {
  UnitTable table;
  for (Base base : {Base::Metre, Base::Second, Base::Ampere, Base::Kelvin, Base::Mole, Base::Candela})
    table.add(base_symbol(base), Unit::base(base), true);
  table.add("kg", Unit::base(Base::Kilogram), false);  // prefixes attach to the gram
  const Scale degree = *divide(pi(), *Scale::from_double(180));
  table.add("deg", *Unit::define("deg", degree, Unit()), false);
  define(table, {
                    {"g", "1e-3", "kg", true},
                    {"%", "0.01", "1", false},
                    // SI Brochure, 9th edition, table 4: derived units with names.
                    {"rad", "1", "1", true},
                    {"sr", "1", "1", true},
                    {"Hz", "1", "1/s", true},
                    {"N", "1", "kg*m/s^2", true},
                    {"Pa", "1", "N/m^2", true},
                    {"J", "1", "N*m", true},
                    {"W", "1", "J/s", true},
                    {"C", "1", "A*s", true},
                    {"V", "1", "W/A", true},
                    {"F", "1", "C/V", true},
                    {"ohm", "1", "V/A", true},
                    {"\u03a9", "1", "ohm", true},
                    {"S", "1", "A/V", true},
                    {"Wb", "1", "V*s", true},
                    {"T", "1", "Wb/m^2", true},
                    {"H", "1", "Wb/A", true},
                    {"lm", "1", "cd*sr", true},
                    {"lx", "1", "lm/m^2", true},
                    {"Bq", "1", "1/s", true},
                    {"Gy", "1", "J/kg", true},
                    {"Sv", "1", "J/kg", true},
                    {"kat", "1", "mol/s", true},
                    // Table 8: units accepted for use with the SI.
                    {"min", "60", "s", false},
                    {"h", "60", "min", false},
                    {"d", "24", "h", false},
                    {"arcmin", "0.0166666666666666666666666666666666667", "deg", false},
                    {"arcsec", "0.000277777777777777777777777777777777778", "deg", true},
                    {"mas", "1e-3", "arcsec", false},
                    {"uas", "1e-6", "arcsec", false},
                    {"L", "1e-3", "m^3", true},
                    {"t", "1e3", "kg", true},
                    {"bar", "1e5", "Pa", true},
                    {"eV", "1.602176634e-19", "J", true},     // exact since the definition of 2019
                    {"Da", "1.66053906892e-27", "kg", true},  // CODATA 2022
                });
  return table;
}

UnitTable make_astro() {
  UnitTable table = UnitTable::si();
  table.add("mag", Unit::label("mag"), true);
  table.add("dex", Unit::label("dex"), false);
  const Scale parsec = *divide(*Scale::from_double(648000), pi());
  define(table, {
                    {"yr", "365.25", "d", true},         // Julian year: IAU Style Manual (1989), table 6
                    {"AU", "149597870700", "m", false},  // IAU 2012 resolution B2
                    {"au", "1", "AU", false},
                    {"ly", "9460730472580800", "m", true},  // c × 1 yr
                    // IAU 2015 resolution B3, nominal values; masses are the nominal GM over G = 6.67430e-11
                    // m^3/kg/s^2 (CODATA 2022).
                    {"Msun", "1.988409870698051e30", "kg", true},
                    {"Lsun", "3.828e26", "W", true},
                    {"Rsun", "6.957e8", "m", true},
                    {"Mearth", "5.972167867791379e24", "kg", false},
                    {"Rearth", "6.3781e6", "m", false},
                    {"Mjup", "1.8981245973360505e27", "kg", false},
                    {"Rjup", "7.1492e7", "m", false},
                    // CGS and units of custom: IAU Style Manual, tables 6 and 7.
                    {"erg", "1e-7", "J", true},
                    {"dyn", "1e-5", "N", true},
                    {"G", "1e-4", "T", true},
                    {"Jy", "1e-26", "W/m^2/Hz", true},
                    {"AA", "1e-10", "m", false},
                    {"\u00c5", "1", "AA", false},
                    {"barn", "1e-28", "m^2", true},
                });
  table.add("pc", *Unit::define("pc", parsec, *table.find("AU")), true);  // IAU 2015 resolution B2, note 4
  return table;
}

}  // namespace

const UnitTable& UnitTable::si() {
  static const UnitTable table = make_si();
  return table;
}

const UnitTable& astro_units() {
  static const UnitTable table = make_astro();
  return table;
}

}  // namespace acie::units
