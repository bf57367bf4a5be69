// Units as programs and data files write them.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "runtime/units/Units.h"

namespace acie::units {
namespace {

TEST(ParseUnit, Notation) {
  const struct {
    const char* text;
    const char* printed;
    const char* base;
    double size;
  } cases[] = {
      {"Msun/yr", "Msun/yr", "kg/s", 1.988409870698051e30 / 31557600},
      {"W/m^2/Hz", "W/m^2/Hz", "kg/s^2", 1},
      {"km^2/s^2", "km^2/s^2", "m^2/s^2", 1e6},
      {" km / s ", "km/s", "m/s", 1e3},
      {"m^(1/2)", "m^(1/2)", "m^(1/2)", 1},
      {"m^0.5", "m^(1/2)", "m^(1/2)", 1},
      {"m^-2", "1/m^2", "1/m^2", 1},
      {"m^(-3/2)", "1/m^(3/2)", "1/m^(3/2)", 1},
      {"1", "1", "1", 1},
      {"%", "%", "1", 0.01},
      {"1/s", "1/s", "1/s", 1},
      {"km/(s*Mpc)", "km/s/Mpc", "1/s", 3.2407792894443648e-20},
      {"kg*(m/s)^2", "kg*m^2/s^2", "kg*m^2/s^2", 1},
      {"m^0", "1", "1", 1},
  };
  for (const auto& test : cases) {
    const UnitResult result = parse_unit(test.text, astro_units());
    ASSERT_TRUE(result) << test.text << ": " << result.error.to_string();
    EXPECT_EQ(result->to_string(), test.printed);
    EXPECT_EQ(result->dimension().to_string(), test.base);
    EXPECT_DOUBLE_EQ(result->scale().high(), test.size) << test.text;
    const UnitResult again = parse_unit(result->to_string(), astro_units());
    ASSERT_TRUE(again) << test.text;
    EXPECT_EQ(again->to_string(), test.printed);
  }
}

TEST(ParseUnit, ErrorsSayWhere) {
  const struct {
    const char* text;
    size_t offset;
    size_t length;
    const char* message;
  } cases[] = {
      {"", 0, 0, "expected a unit"},
      {"km/Msum", 3, 4, "unknown unit 'Msum'"},
      {"m*", 2, 0, "a unit is missing at the end"},
      {"(m", 0, 1, "this '(' is not closed"},
      {"m)", 1, 1, "')' closes nothing"},
      {"m s", 2, 1, "expected '*', '/' or '^' here"},
      {"2*m", 0, 1, "the only number in a unit is 1; declare a unit to scale one"},
      {"m^(1/0)", 2, 5, "expected an exponent such as 2, -1, 0.5 or (1/2) after '^'"},
      {"m^99999999999", 2, 11, "expected an exponent such as 2, -1, 0.5 or (1/2) after '^'"},
      {"m^", 2, 0, "expected an exponent such as 2, -1, 0.5 or (1/2) after '^'"},
      {"Qm^99", 0, 5, "the size or an exponent of this unit is out of range"},
      {"m//s", 2, 1, "expected the name of a unit"},
  };
  for (const auto& test : cases) {
    const UnitResult result = parse_unit(test.text, astro_units());
    ASSERT_FALSE(result) << test.text;
    EXPECT_EQ(result.error.offset, test.offset) << test.text;
    EXPECT_EQ(result.error.length, test.length) << test.text;
    EXPECT_EQ(result.error.message, test.message);
  }
  const UnitResult unknown = parse_unit("km/Msum", astro_units());
  EXPECT_EQ(unknown.error.unknown_name, "Msum");
  EXPECT_EQ(unknown.error.to_string(), "unknown unit 'Msum'; did you mean 'Msun'?");
}

TEST(ParseUnit, DeepNestingIsAnError) {
  const std::string deep = std::string(100000, '(') + "m" + std::string(100000, ')');
  const UnitResult result = parse_unit(deep, UnitTable::si());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error.message, "parentheses are nested too deeply");
  EXPECT_FALSE(parse_foreign_unit(deep, UnitTable::si()));
}

TEST(ParseForeignUnit, SpellingsOfTheStandards) {
  const std::pair<const char*, const char*> cases[] = {
      {"erg/s/cm**2/Angstrom", "erg/s/cm^2/AA"},
      {"erg s-1 cm-2 Angstrom-1", "erg/s/cm^2/AA"},
      {"erg s^-1 cm^-2 Angstrom^-1", "erg/s/cm^2/AA"},
      {"erg.s-1.cm-2", "erg/s/cm^2"},
      {"erg/(s cm2)", "erg/s/cm^2"},
      {"erg/s cm", "erg/s*cm"},
      {"solMass/yr", "Msun/yr"},
      {"Msun.yr-1", "Msun/yr"},
      {"km s-1", "km/s"},
      {"km/s", "km/s"},
      {"m s**(-2)", "m/s^2"},
      {"m**(1/2)", "m^(1/2)"},
      {"sqrt(m)", "m^(1/2)"},
      {"/s", "1/s"},
      {"kpc", "kpc"},
      {"arcsec", "arcsec"},
      {"mas/yr", "mas/yr"},
      {"degrees", "deg"},
      {"micron", "um"},
      {"Ga", "Gyr"},
      {"", "1"},
      {"---", "1"},
      {"%", "%"},
      {"mag", "mag"},
      {"mag/arcsec2", "mag/arcsec^2"},
      {"log(solMass)", "dex"},
      {"log10(Msun/yr)", "dex"},
      {"dex(cm/s2)", "dex"},
      {"[Msun]", "dex"},
      {"[cm/s2]", "dex"},
      {"log()", "dex"},
      {"\"", "arcsec"},
      {"m\u00b7s-1", "m/s"},
      {"\u00b5m", "um"},
  };
  for (const auto& [text, ours] : cases) {
    const UnitResult foreign = parse_foreign_unit(text, astro_units());
    ASSERT_TRUE(foreign) << text << ": " << foreign.error.to_string();
    EXPECT_EQ(*foreign, *parse_unit(ours, astro_units())) << text;
  }
}

TEST(ParseForeignUnit, Numbers) {
  const std::pair<const char*, double> cases[] = {{"10**(-17) erg s-1 cm-2", 1e-20},
                                                  {"1E-17 erg/cm^2/s", 1e-20},
                                                  {"0.1nm", 1e-10},
                                                  {"10+3J", 1e3},
                                                  {"10^3 m", 1e3},
                                                  {"1.5x10+11m", 1.5e11}};
  for (const auto& [text, size] : cases) {
    const UnitResult result = parse_foreign_unit(text, astro_units());
    ASSERT_TRUE(result) << text << ": " << result.error.to_string();
    EXPECT_DOUBLE_EQ(result->scale().high(), size) << text;
  }
}

TEST(ParseForeignUnit, WhatIsNoUnit) {
  for (const char* text : {"Jy/beam", "m**", "km/", "(m", "m)", "ln(m)", "counts", "[Msun", "10**99999 m",
                           "m^^2", "**2", "a/(", "log(", "m ^ x"})
    EXPECT_FALSE(parse_foreign_unit(text, astro_units())) << text;
  EXPECT_EQ(parse_foreign_unit("Jy/beam", astro_units()).error.unknown_name, "beam");
}

TEST(ParseForeignUnit, TheProgramsOwnUnitsComeFirst) {
  UnitTable table = UnitTable::si();
  table.add("Msun", *Unit::define("Msun", *Scale::from_decimal("2e30"), *table.find("kg")), true);
  EXPECT_EQ(parse_foreign_unit("solMass", table)->scale().high(), 2e30);
  EXPECT_EQ(parse_foreign_unit("Msun", table)->scale().high(), 2e30);
  EXPECT_TRUE(parse_foreign_unit("kpc", table));  // the astronomer's set is known in files without an import
}

// Whatever the text, both parsers answer a unit or an error inside the text.
TEST(ParseUnit, RandomTexts) {
  std::mt19937 random(3);
  const std::string letters = "mskg/*^(.)-+ 12%[]Jlogxe\xC2\xB5";
  for (int i = 0; i < 4000; ++i) {
    std::string text;
    for (unsigned length = random() % 16; length > 0; --length) text += letters[random() % letters.size()];
    for (const UnitResult& result :
         {parse_unit(text, UnitTable::si()), parse_foreign_unit(text, UnitTable::si())}) {
      if (result) continue;
      EXPECT_FALSE(result.error.message.empty()) << text;
      EXPECT_LE(result.error.offset + result.error.length, text.size()) << text;
    }
    if (const UnitResult result = parse_unit(text, UnitTable::si())) {
      const UnitResult again = parse_unit(result->to_string(), UnitTable::si());
      ASSERT_TRUE(again) << text;
      EXPECT_EQ(*again, *result) << text;
    }
  }
}

}  // namespace
}  // namespace acie::units
