// Counter-based random numbers: Threefry-2x64 with 20 rounds, over the backends of kernels/math.
//
// Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 4.2. A draw is a
// pure function of (seed, noise name, row, draw number): whatever is pruned, sharded or run in parallel, it
// stays the same.
#ifndef ACIE_KERNELS_RANDOM_THREEFRY_H
#define ACIE_KERNELS_RANDOM_THREEFRY_H

#include <cstdint>
#include <string_view>

#include "kernels/math/Value.h"

namespace acie::random {

// Two words of 64 bits in each lane.
template <class B>
struct Words {
  math::Int<B> first, second;
};

template <class B>
math::Int<B> rotateLeft(math::Int<B> x, int n) {
  return (x << n) | (x >> (64 - n));
}

// The random words of `counter` under `key`. Every bit of both words is uniform and the two are independent.
template <class B>
Words<B> threefry2x64(Words<B> key, Words<B> counter) {
  static_assert(B::kBits == 64, "Threefry-2x64 needs 64-bit lanes");
  constexpr int rotations[8] = {16, 42, 12, 31, 16, 32, 24, 21};
  constexpr int64_t parity = 0x1BD11BDAA9FC1A22;  // of the Skein key schedule
  constexpr int rounds = 20;
  const math::Int<B> keys[3] = {key.first, key.second, key.first ^ key.second ^ parity};
  math::Int<B> a = counter.first + keys[0];
  math::Int<B> b = counter.second + keys[1];
  for (int round = 0; round < rounds; ++round) {
    a = a + b;
    b = rotateLeft(b, rotations[round % 8]) ^ a;
    if (round % 4 == 3) {
      const int injection = round / 4 + 1;
      a = a + keys[injection % 3];
      b = b + keys[(injection + 1) % 3] + injection;
    }
  }
  return {a, b};
}

// The words of one draw: key (seed, hash of the noise's name), counter (global row number, draw number).
template <class B>
Words<B> draw(math::Int<B> seed, math::Int<B> nameHash, math::Int<B> row, math::Int<B> draw) {
  return threefry2x64(Words<B>{seed, nameHash}, Words<B>{row, draw});
}

// Element e of a tensor of noise has draw number d + e 2^32.
inline constexpr int64_t kElementStep = int64_t{1} << 32;

// A number uniform on the open interval (0, 1): (k + 1/2) 2^-52 with k the upper 52 bits. It is never 0 or 1,
// is symmetric about 1/2, and is computed without rounding.
template <class B>
math::Real<B> uniform(math::Int<B> word) {
  constexpr int64_t one = 0x3ff0000000000000;
  return frombits((word >> 12) | one) - (1 - 0x1p-53);
}

// The 64-bit hash of a noise's name: FNV-1a over the UTF-8 bytes, then the finaliser of SplitMix64 (Steele,
// Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA'14), so that names that differ in one
// letter give keys that differ in half of their bits.
constexpr uint64_t hashName(std::string_view name) {
  uint64_t h = 0xcbf29ce484222325;
  for (const char c : name) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3;
  }
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9;
  h = (h ^ (h >> 27)) * 0x94d049bb133111eb;
  return h ^ (h >> 31);
}

}  // namespace acie::random

#endif  // ACIE_KERNELS_RANDOM_THREEFRY_H
