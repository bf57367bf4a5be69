#include "kernels/reduce/Superaccumulator.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>

namespace acie::reduce {
namespace {

bool less(const Limbs& a, const Limbs& b) {
  if (a.size() != b.size()) return a.size() < b.size();
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

void trim(Limbs& a) {
  while (!a.empty() && a.back() == 0) a.pop_back();
}

Limbs addMagnitudes(const Limbs& a, const Limbs& b) {
  Limbs result;
  uint64_t carry = 0;
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    carry += (i < a.size() ? a[i] : 0ull) + (i < b.size() ? b[i] : 0ull);
    result.push_back(static_cast<uint32_t>(carry));
    carry >>= 32;
  }
  result.push_back(static_cast<uint32_t>(carry));
  trim(result);
  return result;
}

// a - b for a >= b.
Limbs subtractMagnitudes(const Limbs& a, const Limbs& b) {
  Limbs result;
  int64_t borrow = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    borrow += static_cast<int64_t>(a[i]) - (i < b.size() ? b[i] : 0);
    result.push_back(static_cast<uint32_t>(borrow));
    borrow >>= 32;
  }
  trim(result);
  return result;
}

bool bitAt(const Limbs& a, int64_t i) { return (a[i / 32] >> (i % 32)) & 1; }

// 2^e for a normal exponent.
double powerOfTwo(int e) { return std::bit_cast<double>(static_cast<uint64_t>(e + 1023) << 52); }

int64_t bitLength(const Limbs& a) {
  return a.empty() ? 0 : static_cast<int64_t>(a.size()) * 32 - std::countl_zero(a.back());
}

// x * 2^e, for |x| of moderate size.
double scale(double x, int64_t e) {
  for (; e > 1000; e -= 1000) x *= powerOfTwo(1000);
  for (; e < -1000; e += 1000) x *= powerOfTwo(-1000);
  return x * powerOfTwo(static_cast<int>(e));
}

}  // namespace

double BigBinary::toDouble() const {
  if (magnitude.empty()) return 0;
  const int64_t length = bitLength(magnitude);
  if (length + exponent > 1024) {
    return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  }
  // The lowest bit that the result can hold.
  const int64_t cut = std::max({length - 53, int64_t{-1074} - exponent, int64_t{0}});
  uint64_t mantissa = 0;
  for (int64_t i = length - 1; i >= cut; --i) mantissa = mantissa * 2 + bitAt(magnitude, i);
  if (cut > 0 && cut <= length && bitAt(magnitude, cut - 1)) {
    bool above = false;
    for (int64_t i = 0; i < (cut - 1) / 32; ++i) above |= magnitude[i] != 0;
    for (int64_t i = (cut - 1) / 32 * 32; i < cut - 1; ++i) above |= bitAt(magnitude, i);
    mantissa += above || (mantissa & 1);
  }
  const double result = scale(static_cast<double>(mantissa), cut + exponent);
  return negative ? -result : result;
}

double BigBinary::dividedBy(double divisor) const {
  const int64_t length = bitLength(magnitude);
  BigBinary fraction = *this;
  fraction.exponent = static_cast<int>(-length);
  return scale(fraction.toDouble() / divisor, length + exponent);
}

BigBinary multiply(const BigBinary& a, const BigBinary& b) {
  BigBinary result{a.negative != b.negative, Limbs(a.magnitude.size() + b.magnitude.size()),
                   a.exponent + b.exponent};
  for (size_t i = 0; i < a.magnitude.size(); ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < b.magnitude.size(); ++j) {
      carry += static_cast<uint64_t>(a.magnitude[i]) * b.magnitude[j] + result.magnitude[i + j];
      result.magnitude[i + j] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    result.magnitude[i + b.magnitude.size()] = static_cast<uint32_t>(carry);
  }
  trim(result.magnitude);
  return result;
}

BigBinary subtract(const BigBinary& a, const BigBinary& b) {
  assert(a.exponent == b.exponent);
  if (a.negative != b.negative) return {a.negative, addMagnitudes(a.magnitude, b.magnitude), a.exponent};
  if (less(a.magnitude, b.magnitude))
    return {!a.negative, subtractMagnitudes(b.magnitude, a.magnitude), a.exponent};
  return {a.negative, subtractMagnitudes(a.magnitude, b.magnitude), a.exponent};
}

}  // namespace acie::reduce
