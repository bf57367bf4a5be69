#include "kernels/reduce/Fold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace acie::reduce {
namespace {

/// The order that Fold.h states, written plainly.
template <typename T>
T stated_sum(const T* x, int64_t length) {
  if (length > 128) {
    const int64_t left = (length / 128 + 1) / 2 * 128;
    if (left < length) return stated_sum(x, left) + stated_sum(x + left, length - left);
  }
  T chain[8] = {};
  for (int64_t i = 0; i < length; ++i) chain[i % 8] += x[i];
  return ((chain[0] + chain[4]) + (chain[2] + chain[6])) + ((chain[1] + chain[5]) + (chain[3] + chain[7]));
}

template <typename T>
std::vector<T> numbers(int64_t length) {
  std::mt19937_64 generator(static_cast<uint64_t>(length));
  std::normal_distribution<double> normal(0.5, 3);
  std::vector<T> result;
  for (int64_t i = 0; i < length; ++i) result.push_back(static_cast<T>(normal(generator)));
  return result;
}

TEST(Fold, SumsInTheStatedOrderAndWithinTheStatedError) {
  for (const int64_t length : {1, 2, 7, 8, 9, 63, 127, 128, 129, 255, 256, 257, 383, 384, 1000, 4099, 100000}) {
    const std::vector<double> x = numbers<double>(length);
    const std::vector<float> y = numbers<float>(length);
    EXPECT_EQ(fold(Folding::kSum, x.data(), length), stated_sum(x.data(), length)) << length;
    EXPECT_EQ(fold(Folding::kSum, y.data(), length), stated_sum(y.data(), length)) << length;
    double exact = 0, size = 0;
    for (const float value : y) exact += value, size += std::abs(value);
    const double n = 19 + std::log2(std::max(1.0, static_cast<double>(length) / 128)), u = std::ldexp(1, -24);
    EXPECT_LE(std::abs(fold(Folding::kSum, y.data(), length) - exact), n * u / (1 - n * u) * size) << length;
  }
}

TEST(Fold, IntegersWrapAndExtremesSeeEveryElement) {
  for (const int64_t length : {1, 5, 8, 130, 1001}) {
    std::vector<int64_t> x(static_cast<size_t>(length), std::numeric_limits<int64_t>::max());
    EXPECT_EQ(fold(Folding::kSum, x.data(), length), static_cast<int64_t>(static_cast<uint64_t>(length) * std::numeric_limits<int64_t>::max()));
    for (int64_t at : {int64_t{0}, length / 2, length - 1}) {
      std::vector<double> y(static_cast<size_t>(length), 1);
      y[static_cast<size_t>(at)] = -2;
      EXPECT_EQ(fold(Folding::kMin, y.data(), length), -2);
      y[static_cast<size_t>(at)] = 3;
      EXPECT_EQ(fold(Folding::kMax, y.data(), length), 3);
      EXPECT_EQ(fold(Folding::kProduct, y.data(), length), 3);
      y[static_cast<size_t>(at)] = NAN;
      EXPECT_TRUE(std::isnan(fold(Folding::kMin, y.data(), length)));
      EXPECT_TRUE(std::isnan(fold(Folding::kMax, y.data(), length)));
      EXPECT_TRUE(std::isnan(fold(Folding::kSum, y.data(), length)));
      std::vector<uint8_t> truths(static_cast<size_t>(length), 1);
      EXPECT_EQ(fold(Folding::kMin, truths.data(), length), 1);
      truths[static_cast<size_t>(at)] = 0;
      EXPECT_EQ(fold(Folding::kMin, truths.data(), length), 0);
      EXPECT_EQ(fold(Folding::kMax, truths.data(), length), length > 1 ? 1 : 0);
    }
  }
}

}  // namespace
}  // namespace acie::reduce
