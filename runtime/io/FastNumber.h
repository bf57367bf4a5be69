// Plain decimal numbers to doubles with few branches.
//
// General parsers go through a number digit by digit and mispredict where the digits end; in a table of
// full-precision numbers that is most of their time. Here all digits are found at once, so that the same
// instructions run whatever their number. Correctly rounded: Clinger's exact case (PLDI 1990), else the
// algorithm of Eisel and Lemire as fast_float has it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "fast_float/fast_float.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace acie::io {

inline constexpr size_t kPlainDoublePadding = 48;

#ifdef __SSE2__

namespace fast_number {

// The value of eight digit values 0…9, the first in the lowest byte (Lemire, "Number parsing at a gigabyte
// per second", Software: Practice and Experience 51, 2021, section 7).
inline uint64_t eight_digits(uint64_t digits) {
  digits = digits * 10 + (digits >> 8);
  constexpr uint64_t kMask = 0x000000FF000000FF;
  constexpr uint64_t kFirst = 0x000F424000000064;   // 100 + (1000000 << 32)
  constexpr uint64_t kSecond = 0x0000271000000001;  // 1 + (10000 << 32)
  return (((digits & kMask) * kFirst) + (((digits >> 16) & kMask) * kSecond)) >> 32;
}

// The first `count` (0 to 8) of eight digit values as a number: the rest are shifted out.
inline uint64_t leading_digits(uint64_t digits, int count) {
  const uint64_t shifted = (digits << 4 * (8 - count)) << 4 * (8 - count);  // in two steps, for a shift of 64
  return eight_digits(shifted);
}

inline constexpr uint64_t kPowers[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
inline constexpr double kExactPowers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

alignas(16) inline constexpr int8_t kIndices[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                                    11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                                    22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

inline uint32_t mask_of(__m128i low, __m128i high) {
  return static_cast<uint32_t>(_mm_movemask_epi8(low)) | static_cast<uint32_t>(_mm_movemask_epi8(high)) << 16;
}

// The double nearest to whole × 10^exponent. False in the rare cases that need more digits, and where it
// overflows.
inline bool round_to_double(bool negative, uint64_t whole, int64_t exponent, double& value) {
  using Format = fast_float::binary_format<double>;
  const fast_float::adjusted_mantissa rounded = fast_float::compute_float<Format>(exponent, whole);
  if (rounded.power2 < 0 || rounded.power2 >= Format::infinite_power()) return false;
  fast_float::to_float(negative, rounded, value);
  return true;
}

}  // namespace fast_number

/// Parses all of [begin, end) if it is a plain number such as -12.25, 7 or 1.5e-05 of at most 19 digits.
/// False for everything else, good or bad: a general parser decides then. kPlainDoublePadding bytes beyond
/// `end` must be readable.
inline bool parse_plain_double(const char* begin, const char* end, double& value) {
  using namespace fast_number;
  const bool negative = *begin == '-';
  begin += negative;
  const int64_t length = end - begin;
  if (static_cast<uint64_t>(length) - 1 > 24) return false;  // 1 … 25

  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(begin));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(begin + 16));
  const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);
  const __m128i low_digits = _mm_sub_epi8(low, zero), high_digits = _mm_sub_epi8(high, zero);
  const uint32_t digits = mask_of(_mm_cmpeq_epi8(_mm_min_epu8(low_digits, nine), low_digits),
                                  _mm_cmpeq_epi8(_mm_min_epu8(high_digits, nine), high_digits));
  uint32_t others = ~digits & ((uint32_t{1} << length) - 1);

  // The mantissa ends where an exponent begins.
  int mantissa = static_cast<int>(length);
  int64_t exponent = 0;
  const __m128i lower_case = _mm_set1_epi8(0x20), letter = _mm_set1_epi8('e');
  const uint32_t letters = others & mask_of(_mm_cmpeq_epi8(_mm_or_si128(low, lower_case), letter),
                                            _mm_cmpeq_epi8(_mm_or_si128(high, lower_case), letter));
  if (letters != 0) {
    mantissa = std::countr_zero(letters);
    const char* c = begin + mantissa + 1;
    const bool below_one = *c == '-';
    if (*c == '-' || *c == '+') ++c;
    if (c >= end || end - c > 4) return false;  // beyond where a sign follows the cell
    for (; c < end; ++c) {
      if (*c < '0' || *c > '9') return false;
      exponent = exponent * 10 + (*c - '0');
    }
    if (below_one) exponent = -exponent;
    others &= (uint32_t{1} << mantissa) - 1;
  }

  // What is not a digit may only be one point; the digits after it move up by one.
  const __m128i point = _mm_set1_epi8('.');
  const uint32_t points = mask_of(_mm_cmpeq_epi8(low, point), _mm_cmpeq_epi8(high, point));
  if ((others & (others - 1)) != 0 || (others & ~points) != 0) return false;
  const int point_place = std::countr_zero(others | uint32_t{1} << mantissa);
  const int has_point = others != 0;
  const int count = mantissa - has_point;
  if (count < 1 || count > 19 || point_place == 0 || point_place + has_point > mantissa) return false;
  const __m128i cut = _mm_set1_epi8(static_cast<char>(point_place));
  const __m128i next_low = _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(begin + 1)), zero);
  const __m128i next_high = _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(begin + 17)), zero);
  const __m128i before_low = _mm_cmpgt_epi8(cut, _mm_load_si128(reinterpret_cast<const __m128i*>(kIndices)));
  const __m128i before_high =
      _mm_cmpgt_epi8(cut, _mm_load_si128(reinterpret_cast<const __m128i*>(kIndices + 16)));
  const __m128i joined_low =
      _mm_or_si128(_mm_and_si128(before_low, low_digits), _mm_andnot_si128(before_low, next_low));
  const __m128i joined_high =
      _mm_or_si128(_mm_and_si128(before_high, high_digits), _mm_andnot_si128(before_high, next_high));
  const uint64_t first = static_cast<uint64_t>(_mm_cvtsi128_si64(joined_low));
  exponent -= mantissa - point_place - has_point;

  double magnitude;
  if (count <= 15) {
    const uint64_t second =
        static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(joined_low, joined_low)));
    const int in_first = count < 8 ? count : 8;
    const uint64_t whole = leading_digits(first, in_first) * kPowers[count - in_first] +
                           leading_digits(second, count - in_first);
    magnitude = static_cast<double>(whole);
    if (exponent >= -22 && exponent <= 22) {
      magnitude = exponent < 0 ? magnitude / kExactPowers[-exponent] : magnitude * kExactPowers[exponent];
      value = negative ? -magnitude : magnitude;
      return true;
    }
    return round_to_double(negative, whole, exponent, value);
  }
  const uint64_t second =
      static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(joined_low, joined_low)));
  const uint64_t third = static_cast<uint64_t>(_mm_cvtsi128_si64(joined_high));
  const uint64_t whole = (eight_digits(first) * kPowers[8] + eight_digits(second)) * kPowers[count - 16] +
                         leading_digits(third, count - 16);
  return round_to_double(negative, whole, exponent, value);
}

#else

inline bool parse_plain_double(const char*, const char*, double&) { return false; }

#endif

}  // namespace acie::io
