// Sums that are exact until they are read: the same bits in any order, tiling or number of threads.
#ifndef ACIE_KERNELS_REDUCE_EXACTSUM_H
#define ACIE_KERNELS_REDUCE_EXACTSUM_H

#include <bit>
#include <cstdint>
#include <limits>
#include <span>

#include "kernels/reduce/Superaccumulator.h"

namespace acie::reduce {

// Which non-finite terms a sum has met; they decide its value alone.
class NonFinite {
 public:
  void add(double x) { flags_ |= x != x ? kNan : x > 0 ? kPlus : kMinus; }
  void merge(NonFinite other) { flags_ |= other.flags_; }
  bool any() const { return flags_ != 0; }
  double value() const {
    if (flags_ == kPlus) return std::numeric_limits<double>::infinity();
    if (flags_ == kMinus) return -std::numeric_limits<double>::infinity();
    return std::numeric_limits<double>::quiet_NaN();
  }

 private:
  enum : uint8_t { kPlus = 1, kMinus = 2, kNan = 4 };
  uint8_t flags_ = 0;
};

namespace internal {

// A finite double as (-1)^negative * mantissa * 2^(position - 1074).
struct Parts {
  uint64_t mantissa;
  int position;
  bool negative;
};

inline Parts split(uint64_t bits) {
  const int exponent = static_cast<int>(bits >> 52) & 0x7ff;
  const uint64_t fraction = bits & 0x000fffffffffffff;
  const bool normal = exponent != 0;
  return {fraction | static_cast<uint64_t>(normal) << 52, exponent - normal, (bits >> 63) != 0};
}

inline bool isFinite(uint64_t bits) { return (bits & 0x7ff0000000000000) != 0x7ff0000000000000; }

}  // namespace internal

// The sum of doubles. value() is the exact sum rounded once (ties to even): infinite terms of one sign give
// that infinity, of both signs NaN, as does any NaN. The sum of no terms is 0.
class ExactSum {
 public:
  void add(double x) {
    const uint64_t bits = std::bit_cast<uint64_t>(x);
    if (!internal::isFinite(bits)) [[unlikely]] {
      nonFinite_.add(x);
      return;
    }
    const internal::Parts p = internal::split(bits);
    sum_.addSmall(p.mantissa, p.position, p.negative);
  }
  void add(std::span<const double> values) {
    for (const double x : values) add(x);
  }
  void merge(const ExactSum& other) {
    sum_.merge(other.sum_);
    nonFinite_.merge(other.nonFinite_);
  }
  double value() const { return nonFinite_.any() ? nonFinite_.value() : sum_.total().toDouble(); }
  BigBinary total() const { return sum_.total(); }  // of the finite terms
  bool allFinite() const { return !nonFinite_.any(); }

 private:
  // 2046 positions and 53 bits, two chunks for carries.
  Superaccumulator<68, -1074> sum_;
  NonFinite nonFinite_;
};

// The sum of products of doubles, exact in the same sense, without overflow or underflow of a product.
class ExactDot {
 public:
  void add(double x, double y) {
    const uint64_t xBits = std::bit_cast<uint64_t>(x);
    const uint64_t yBits = std::bit_cast<uint64_t>(y);
    if (!internal::isFinite(xBits) || !internal::isFinite(yBits)) [[unlikely]] {
      nonFinite_.add(x * y);
      return;
    }
    const internal::Parts a = internal::split(xBits);
    const internal::Parts b = internal::split(yBits);
    sum_.add(static_cast<unsigned __int128>(a.mantissa) * b.mantissa, a.position + b.position,
             a.negative != b.negative);
  }
  void merge(const ExactDot& other) {
    sum_.merge(other.sum_);
    nonFinite_.merge(other.nonFinite_);
  }
  double value() const { return nonFinite_.any() ? nonFinite_.value() : sum_.total().toDouble(); }
  BigBinary total() const { return sum_.total(); }  // of the finite terms
  bool allFinite() const { return !nonFinite_.any(); }

 private:
  Superaccumulator<134, -2148> sum_;
  NonFinite nonFinite_;
};

// Count, mean, variance, smallest and largest of a stream of doubles, whatever its order. NaN terms make all
// but the count NaN.
class Moments {
 public:
  void add(double x);
  void add(std::span<const double> values) {
    for (const double x : values) add(x);
  }
  void merge(const Moments& other);

  int64_t count() const { return count_; }
  double sum() const { return sum_.value(); }
  // The exact mean to 1 ulp; NaN if there are no terms.
  double mean() const;
  // The sample variance (divisor count - 1), computed from the exact sums and rounded to 2 ulp; NaN below two
  // terms.
  double variance() const;
  double min() const { return count_ == 0 || sawNan_ ? std::numeric_limits<double>::quiet_NaN() : min_; }
  double max() const { return count_ == 0 || sawNan_ ? std::numeric_limits<double>::quiet_NaN() : max_; }

 private:
  ExactSum sum_;
  ExactDot squares_;
  int64_t count_ = 0;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  bool sawNan_ = false;
};

}  // namespace acie::reduce

#endif  // ACIE_KERNELS_REDUCE_EXACTSUM_H
