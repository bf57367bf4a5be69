// Sixteen-bit floating point numbers.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace acie::io {

/// The value of an IEEE 754 binary16.
inline float half_to_float(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  float value;
  if (exponent == 31)
    value = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  else if (exponent == 0)
    value = std::ldexp(static_cast<float>(fraction), -24);
  else
    value = std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  return bits >> 15 ? -value : value;
}

}  // namespace acie::io
