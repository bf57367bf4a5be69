// Known answers and simple statistics of the random numbers.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "kernels/math/ScalarBackend.h"
#include "kernels/random/Threefry.h"

namespace acie::random {
namespace {

using math::Int;
using math::Scalar64;

struct Draw {
  uint64_t first, second;
};

Draw words(uint64_t key0, uint64_t key1, uint64_t counter0, uint64_t counter1) {
  Scalar64 b;
  const auto word = [&](uint64_t v) { return Int<Scalar64>{&b, v}; };
  const auto r = draw(word(key0), word(key1), word(counter0), word(counter1));
  return {r.first.v, r.second.v};
}

double uniformOf(uint64_t word) {
  Scalar64 b;
  return uniform(Int<Scalar64>{&b, word}).v;
}

// The known answers that the paper's authors publish with Random123 (kat_vectors, threefry2x64, 20 rounds).
TEST(Threefry, KnownAnswers) {
  const uint64_t ones = ~uint64_t{0};
  const Draw zero = words(0, 0, 0, 0);
  EXPECT_EQ(zero.first, 0xc2b6e3a8c2c69865u);
  EXPECT_EQ(zero.second, 0x6f81ed42f350084du);
  const Draw full = words(ones, ones, ones, ones);
  EXPECT_EQ(full.first, 0xe02cb7c4d95d277au);
  EXPECT_EQ(full.second, 0xd06633d0893b8b68u);
  const Draw pi = words(0xa4093822299f31d0, 0x082efa98ec4e6c89, 0x243f6a8885a308d3, 0x13198a2e03707344);
  EXPECT_EQ(pi.first, 0x263c7d30bb0f0af1u);
  EXPECT_EQ(pi.second, 0x56be8361d3311526u);
}

TEST(Uniform, OpenSymmetricAndExact) {
  EXPECT_EQ(uniformOf(0), 0x1p-53);
  EXPECT_EQ(uniformOf(~uint64_t{0}), 1 - 0x1p-53);
  for (uint64_t i = 0; i < 1000; ++i) {
    const uint64_t w = words(1, 2, i, 0).first;
    EXPECT_EQ(uniformOf(w) + uniformOf(~w), 1.0);
    EXPECT_EQ(uniformOf(w), (static_cast<double>(w >> 12) + 0.5) * 0x1p-52);
  }
}

// Of n uniforms: mean and variance within five standard errors, and chi-squared over 256 cells of the pair
// below what one sample in a million exceeds. The numbers are fixed, so this passes always or never.
TEST(Uniform, MomentsAndCells) {
  constexpr int n = 1 << 18;
  for (const char* name : {"u_mass", "u_sfr", "μ"}) {
    const uint64_t hash = hashName(name);
    double sum = 0, squares = 0, product = 0;
    std::vector<int> cells(256);
    for (int row = 0; row < n; ++row) {
      const Draw d = words(42, hash, row, 0);
      const double u = uniformOf(d.first), v = uniformOf(d.second);
      sum += u - 0.5;
      squares += (u - 0.5) * (u - 0.5);
      product += (u - 0.5) * (v - 0.5);
      ++cells[static_cast<int>(u * 16) * 16 + static_cast<int>(v * 16)];
    }
    EXPECT_LT(std::fabs(sum / n), 5 * std::sqrt(1 / 12.0 / n)) << name;
    EXPECT_LT(std::fabs(squares / n - 1 / 12.0), 5 * std::sqrt(1 / 180.0 / n)) << name;
    EXPECT_LT(std::fabs(product / n), 5 / 12.0 / std::sqrt(n)) << name;
    double chi2 = 0;
    for (const int c : cells) chi2 += (c - n / 256.0) * (c - n / 256.0) / (n / 256.0);
    EXPECT_LT(chi2, 255 + 5.5 * std::sqrt(2 * 255.0)) << name;
  }
}

// One flipped bit of any input flips about half of the output.
TEST(Threefry, Avalanche) {
  const Draw base = words(1, 2, 3, 4);
  for (int input = 0; input < 4; ++input) {
    int flipped = 0;
    for (int bit = 0; bit < 64; ++bit) {
      uint64_t in[4] = {1, 2, 3, 4};
      in[input] ^= uint64_t{1} << bit;
      const Draw d = words(in[0], in[1], in[2], in[3]);
      flipped += std::popcount(d.first ^ base.first) + std::popcount(d.second ^ base.second);
    }
    EXPECT_NEAR(flipped / 64.0, 64, 4) << input;
  }
}

TEST(HashName, FixedAndSpread) {
  static_assert(hashName("") != hashName("a"));
  std::set<uint64_t> seen;
  for (int i = 0; i < 100000; ++i) seen.insert(hashName("noise_" + std::to_string(i)));
  EXPECT_EQ(seen.size(), 100000u);
  EXPECT_GT(std::popcount(hashName("u1") ^ hashName("u2")), 16);
  // A change of the function changes every sample ever drawn.
  EXPECT_EQ(hashName("u_mass"), 609015910811872594u);
}

}  // namespace
}  // namespace acie::random
