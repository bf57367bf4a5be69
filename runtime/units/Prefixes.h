// The SI prefixes.
#pragma once

#include <array>
#include <string_view>

namespace acie::units {

struct Prefix {
  std::string_view symbol;
  int exponent;  // of ten
};

/// SI Brochure, 9th edition with the prefixes of 2022, table 7; micro also as the two Unicode letters mu.
constexpr std::array<Prefix, 26> si_prefixes() {
  return {{{"k", 3},   {"M", 6},   {"G", 9},       {"T", 12},      {"P", 15}, {"E", 18},  {"Z", 21},
           {"Y", 24},  {"R", 27},  {"Q", 30},      {"h", 2},       {"da", 1}, {"d", -1},  {"c", -2},
           {"m", -3},  {"u", -6},  {"\u00b5", -6}, {"\u03bc", -6}, {"n", -9}, {"p", -12}, {"f", -15},
           {"a", -18}, {"z", -21}, {"y", -24},     {"r", -27},     {"q", -30}}};
}

}  // namespace acie::units
