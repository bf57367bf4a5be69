// Exponents, sizes, products and conversions of units.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "runtime/units/Units.h"

namespace acie::units {
namespace {

Unit unit(const char* text) {
  const UnitResult result = parse_unit(text, astro_units());
  EXPECT_TRUE(result) << text << ": " << result.error.to_string();
  return result ? *result : Unit();
}

double factor(const char* from, const char* to) {
  const std::optional<double> result = conversion_factor(unit(from), unit(to));
  EXPECT_TRUE(result.has_value()) << from << " to " << to;
  return result.value_or(std::numeric_limits<double>::quiet_NaN());
}

TEST(Rational, ReducesAndRefusesOverflow) {
  EXPECT_EQ(*Rational::make(6, -4), *Rational::make(-3, 2));
  EXPECT_EQ(Rational::make(6, -4)->denominator(), 2);
  EXPECT_EQ(*add(*Rational::make(1, 2), *Rational::make(1, 3)), *Rational::make(5, 6));
  EXPECT_EQ(*multiply(*Rational::make(2, 3), *Rational::make(3, 2)), Rational(1));
  EXPECT_FALSE(Rational::make(1, 0));
  EXPECT_FALSE(Rational::make(std::numeric_limits<int64_t>::min(), -1));
  EXPECT_FALSE(Rational::make(int64_t{1} << 31, 1));
  EXPECT_FALSE(multiply(Rational(1 << 20), Rational(1 << 20)));
  const Rational smallest = *Rational::make(-std::numeric_limits<int32_t>::max(), 1);
  EXPECT_TRUE(negate(smallest));
  EXPECT_FALSE(add(smallest, smallest));
  EXPECT_LT(*Rational::make(1, 3), *Rational::make(1, 2));
}

TEST(Scale, DecimalsAreReadBeyondDoublePrecision) {
  EXPECT_EQ(Scale::from_decimal("0.1")->high(), 0.1);
  EXPECT_NE(Scale::from_decimal("0.1")->low(), 0);  // what a double leaves out
  EXPECT_EQ(Scale::from_decimal("299_792_458")->high(), 299792458.0);
  EXPECT_EQ(Scale::from_decimal("1.602176634e-19")->high(), 1.602176634e-19);
  EXPECT_EQ(Scale::from_decimal("6.957E+8")->high(), 6.957e8);
  for (const char* bad : {"", ".", "e5", "1e", "1e+-5", "1x", "0", "0.0", "1e400", "1e-400", "1e99999999999"})
    EXPECT_FALSE(Scale::from_decimal(bad)) << bad;
}

TEST(Scale, ProductsQuotientsAndRootsRoundOnce) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponents(-60, 60);
  for (int i = 0; i < 2000; ++i) {
    const double a = std::exp(exponents(random)), b = std::exp(exponents(random));
    const Scale x = *Scale::from_double(a), y = *Scale::from_double(b);
    EXPECT_EQ(multiply(x, y)->high(), a * b);
    EXPECT_EQ(divide(x, y)->high(), a / b);
    EXPECT_EQ(power(x, *Rational::make(1, 2))->high(), std::sqrt(a));
    const Scale back = *power(*power(x, *Rational::make(1, 3)), 3);
    EXPECT_EQ(back.high(), a);
    EXPECT_LT(std::abs(back.low()), 1e-28 * a);
  }
}

TEST(Unit, ConversionsAreTheCorrectlyRoundedOnes) {
  EXPECT_EQ(factor("km", "m"), 1000);
  EXPECT_EQ(factor("km/h", "m/s"), 1000.0 / 3600.0);
  EXPECT_EQ(factor("km/cm", "1"), 1e5);
  EXPECT_EQ(factor("Msun", "kg"), 1.988409870698051e30);
  EXPECT_EQ(factor("AU", "km"), 149597870.7);
  EXPECT_EQ(factor("eV", "J"), 1.602176634e-19);
  EXPECT_EQ(factor("Jy", "W/m^2/Hz"), 1e-26);
  EXPECT_EQ(factor("erg/s/cm^2/AA", "W/m^3"), 1e7);
  EXPECT_EQ(factor("arcsec", "mas"), 1000);
  EXPECT_EQ(factor("deg", "rad"), 0.017453292519943295);
  EXPECT_EQ(factor("deg", "arcsec"), 3600);
  EXPECT_EQ(factor("%", "1"), 0.01);
  EXPECT_EQ(factor("Mpc", "kpc"), 1000);
  EXPECT_EQ(factor("pc", "AU"), 206264.80624709636);  // 648000 / pi
  EXPECT_EQ(factor("yr", "s"), 31557600);
  EXPECT_EQ(factor("ly", "m"), 9460730472580800);
  EXPECT_EQ(factor("um", "m"), 1e-6);
  EXPECT_EQ(factor("km^(1/2)", "m^(1/2)"), std::sqrt(1000.0));
  EXPECT_EQ(factor("min", "s"), 60);
  EXPECT_EQ(factor("g", "kg"), 1e-3);
}

TEST(Unit, BuiltinUnitsHaveTheirDimensions) {
  const std::pair<const char*, const char*> cases[] = {
      {"N", "kg*m/s^2"},
      {"J", "kg*m^2/s^2"},
      {"W", "kg*m^2/s^3"},
      {"Pa", "kg/m/s^2"},
      {"Hz", "1/s"},
      {"C", "s*A"},
      {"V", "kg*m^2/s^3/A"},
      {"F", "A^2*s^4/kg/m^2"},
      {"ohm", "kg*m^2/s^3/A^2"},
      {"Wb", "kg*m^2/s^2/A"},
      {"T", "kg/s^2/A"},
      {"H", "kg*m^2/s^2/A^2"},
      {"lx", "cd/m^2"},
      {"L", "m^3"},
      {"bar", "kg/m/s^2"},
      {"rad", "1"},
      {"sr", "1"},
      {"kat", "mol/s"},
      {"Lsun", "kg*m^2/s^3"},
      {"barn", "m^2"},
  };
  for (const auto& [name, base] : cases) EXPECT_EQ(unit(name).dimension(), unit(base).dimension()) << name;
  EXPECT_EQ(unit("J").dimension().to_string(), "kg*m^2/s^2");
}

TEST(Unit, ProductsKeepTheSpelling) {
  const Unit rate = *divide(unit("Msun"), unit("yr"));
  EXPECT_EQ(rate.to_string(), "Msun/yr");
  EXPECT_EQ(multiply(rate, unit("yr"))->to_string(), "Msun");
  EXPECT_EQ(multiply(unit("kg"), *divide(unit("m"), unit("s^2")))->to_string(), "kg*m/s^2");
  EXPECT_EQ(power(unit("m"), *Rational::make(1, 2))->to_string(), "m^(1/2)");
  EXPECT_EQ(divide(Unit(), unit("s"))->to_string(), "1/s");
  EXPECT_EQ(divide(unit("pc"), unit("pc"))->to_string(), "1");
  EXPECT_TRUE(divide(unit("pc"), unit("pc"))->is_one());
  EXPECT_EQ(unit("W/m^2/Hz").to_string(), "W/m^2/Hz");
}

TEST(Unit, EqualityIsOfMeaning) {
  EXPECT_EQ(unit("J"), unit("N*m"));
  EXPECT_EQ(unit("km^2/s^2"), unit("(km/s)^2"));
  EXPECT_FALSE(unit("km") == unit("m"));
  EXPECT_FALSE(unit("mag") == unit("dex"));
  EXPECT_FALSE(unit("J") == unit("W"));
}

TEST(Unit, LabelsMixWithPlainNumbersOnly) {
  EXPECT_TRUE(compatible(unit("mag"), unit("1")));
  EXPECT_TRUE(compatible(unit("1"), unit("dex")));
  EXPECT_TRUE(compatible(unit("mag"), unit("mmag")));
  EXPECT_FALSE(compatible(unit("mag"), unit("dex")));
  EXPECT_FALSE(compatible(unit("mag"), unit("m")));
  EXPECT_TRUE(unit("mag").is_number());
  EXPECT_TRUE(unit("deg").is_number());
  EXPECT_FALSE(unit("m").is_number());
  // A slope in mag per dex turns dex into mag.
  EXPECT_TRUE(compatible(*multiply(unit("mag/dex"), unit("dex")), unit("mag")));
  EXPECT_EQ(factor("mmag", "mag"), 1e-3);
  EXPECT_FALSE(conversion_factor(unit("mag"), unit("dex")));
  EXPECT_FALSE(conversion_factor(unit("m"), unit("s")));
}

TEST(Unit, WhatLeavesTheRangeIsRefused) {
  Unit huge = unit("Qm");
  EXPECT_FALSE(power(huge, 100));
  EXPECT_FALSE(power(unit("m"), *Rational::make(std::numeric_limits<int32_t>::max(), 1)).has_value() &&
               power(*power(unit("m"), std::numeric_limits<int32_t>::max()), 2).has_value());
  EXPECT_FALSE(Unit::define("x", *Scale::from_double(1e300), *power(huge, 5)));
  EXPECT_FALSE(Unit::define("", Scale(), Unit()));
  EXPECT_FALSE(Unit::from_parts(Dimension(), Scale(), {{"m", 0}}));
  EXPECT_FALSE(Unit::from_parts(Dimension(), Scale(), {{"m", 1}, {"m", 1}}));
}

TEST(UnitTable, PrefixesAndExactNames) {
  const UnitTable& si = UnitTable::si();
  EXPECT_EQ(conversion_factor(*si.find("Mm"), *si.find("m")), 1e6);
  EXPECT_EQ(conversion_factor(*si.find("dam"), *si.find("m")), 10);
  EXPECT_EQ(si.find("cd")->dimension(), Dimension::of(Base::Candela));  // not a centiday
  EXPECT_EQ(si.find("min")->scale().high(), 60);                        // not a milli-inch
  EXPECT_EQ(si.find("Pa")->dimension().to_string(), "kg/m/s^2");
  EXPECT_FALSE(si.find("kdeg"));
  EXPECT_FALSE(si.find("kkg"));
  EXPECT_FALSE(si.find("k"));
  EXPECT_FALSE(si.find("Msun"));
  EXPECT_EQ(si.find("km")->to_string(), "km");
}

TEST(UnitTable, DeclaringAndReplacing) {
  UnitTable table = UnitTable::si();
  EXPECT_TRUE(table.add("Jy", *Unit::define("Jy", *Scale::from_decimal("1e-26"), unit("W/m^2/Hz")), true));
  EXPECT_FALSE(table.add("Jy", unit("m"), false));
  EXPECT_EQ(table.find("mJy")->to_string(), "mJy");
  EXPECT_EQ(conversion_factor(*table.find("mJy"), unit("W/m^2/Hz")), 1e-29);
  table.replace("Jy", unit("m"), false);
  EXPECT_EQ(table.find("Jy")->dimension(), Dimension::of(Base::Metre));
  EXPECT_EQ(table.find("Jy")->to_string(), "Jy");
}

TEST(UnitTable, SuggestsWhatWasMeant) {
  EXPECT_EQ(astro_units().suggestions("Msum", 1), std::vector<std::string>{"Msun"});
  EXPECT_EQ(astro_units().suggestions("msun", 1), std::vector<std::string>{"Msun"});
  EXPECT_EQ(astro_units().suggestions("acrsec", 1), std::vector<std::string>{"arcsec"});
  EXPECT_THAT(astro_units().suggestions("completely_different"), testing::IsEmpty());
  EXPECT_THAT(astro_units().suggestions("q"), testing::IsEmpty());
}

}  // namespace
}  // namespace acie::units
