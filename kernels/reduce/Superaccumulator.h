// Integers wide enough to add doubles, or products of doubles, without rounding.
//
// After R. M. Neal, "Fast exact summation using small and large superaccumulators" (2015): a fixed-point
// number in chunks of 32 bits, each held in 64 so that carries may wait for many additions.
#ifndef ACIE_KERNELS_REDUCE_SUPERACCUMULATOR_H
#define ACIE_KERNELS_REDUCE_SUPERACCUMULATOR_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace acie::reduce {

// A natural number in limbs of 32 bits, lowest first, without leading zeros.
using Limbs = std::vector<uint32_t>;

// sign * magnitude * 2^exponent.
struct BigBinary {
  bool negative = false;
  Limbs magnitude;
  int exponent = 0;

  // The nearest double, ties to even; infinite beyond the range.
  double toDouble() const;
  // The quotient by a positive double, rounded twice, without overflow on the way.
  double dividedBy(double divisor) const;
};

// Exact a * b and a - b; the exponents of a difference must agree.
BigBinary multiply(const BigBinary& a, const BigBinary& b);
BigBinary subtract(const BigBinary& a, const BigBinary& b);

// The sum of integers times 2^kExponent.
template <int kChunks, int kExponent>
class Superaccumulator {
 public:
  // Adds (negative ? -1 : 1) * value * 2^(kExponent + position), for value < 2^106.
  void add(unsigned __int128 value, int position, bool negative) {
    if (--roomLeft_ < 0) propagate();
    const int64_t sign = negative ? -1 : 1;
    const int shift = position & 31;
    int64_t* chunk = &chunks_[position >> 5];
    chunk[0] += sign * static_cast<int64_t>(static_cast<uint32_t>(value << shift));
    value >>= 32 - shift;
    chunk[1] += sign * static_cast<int64_t>(static_cast<uint32_t>(value));
    chunk[2] += sign * static_cast<int64_t>(static_cast<uint32_t>(value >> 32));
    chunk[3] += sign * static_cast<int64_t>(value >> 64);
  }

  // The same for value < 2^53, where two chunks are enough.
  void addSmall(uint64_t value, int position, bool negative) {
    if (--roomLeft_ < 0) propagate();
    const int64_t sign = -static_cast<int64_t>(negative);
    const int shift = position & 31;
    int64_t* chunk = &chunks_[position >> 5];
    chunk[0] += (static_cast<int64_t>(static_cast<uint32_t>(value << shift)) ^ sign) - sign;
    chunk[1] += (static_cast<int64_t>(value >> (32 - shift)) ^ sign) - sign;
  }

  void merge(const Superaccumulator& other) {
    propagate();
    Superaccumulator copy = other;
    copy.propagate();
    for (int i = 0; i < kChunks; ++i) chunks_[i] += copy.chunks_[i];
    propagate();
  }

  // The exact sum.
  BigBinary total() const {
    Superaccumulator copy = *this;
    copy.propagate();
    BigBinary result;
    result.exponent = kExponent;
    result.negative = copy.chunks_[kChunks - 1] < 0;
    if (result.negative) {
      for (int64_t& c : copy.chunks_) c = -c;
      copy.propagate();
    }
    for (const int64_t c : copy.chunks_) result.magnitude.push_back(static_cast<uint32_t>(c));
    while (!result.magnitude.empty() && result.magnitude.back() == 0) result.magnitude.pop_back();
    return result;
  }

 private:
  // A chunk takes additions below 2^52 this often before it could overflow.
  static constexpr int kRoom = 1 << 10;

  // Leaves every chunk but the last in [0, 2^32); the last carries the sign.
  void propagate() {
    int64_t carry = 0;
    for (int i = 0; i + 1 < kChunks; ++i) {
      const int64_t sum = chunks_[i] + carry;
      chunks_[i] = sum & 0xffffffff;
      carry = sum >> 32;
    }
    chunks_[kChunks - 1] += carry;
    roomLeft_ = kRoom;
  }

  std::array<int64_t, kChunks> chunks_{};
  int roomLeft_ = kRoom;
};

}  // namespace acie::reduce

#endif  // ACIE_KERNELS_REDUCE_SUPERACCUMULATOR_H
