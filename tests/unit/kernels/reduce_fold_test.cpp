#include "kernels/reduce/Fold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
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
  for (const int64_t length : {1, 2, 7, 8, 9, 63, 127, 128, 129, 255, 256, 257, 383, 384, 1000, 1024, 1025, 2048, 4099, 100000}) {
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

template <typename T>
void expect_sums_of_chains() {
  for (const int64_t length : {1, 7, 32, 33, 63, 127, 128, 129, 160, 250, 256, 257, 300, 383, 384, 512, 1000, 1023, 1024, 1025, 2048, 4099}) {
    const std::vector<T> x = numbers<T>(length);
    std::vector<T> chains(static_cast<size_t>((length + 127) / 128 * 8), T(0));
    for (int64_t i = 0; i < length; ++i) chains[static_cast<size_t>(i / 128 * 8 + i % 8)] += x[static_cast<size_t>(i)];
    EXPECT_EQ(sum_of_chains(chains.data(), length), stated_sum(x.data(), length)) << length;
  }
}

TEST(Fold, SumsOfChainsHaveTheSameBits) {
  expect_sums_of_chains<double>();
  expect_sums_of_chains<float>();
}

TEST(Fold, IntegersWrapAndExtremesSeeEveryElement) {
  for (const int64_t length : {1, 5, 8, 31, 32, 63, 64, 65, 127, 128, 130, 1001}) {
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

template <typename T>
void expect_columns_like_lines(Folding folding, int64_t rows, int64_t columns, int64_t stride, T special) {
  std::vector<T> x = numbers<T>(rows * stride);
  for (size_t i = 0; i < x.size(); i += 5) x[i] = special;
  if constexpr (std::is_same_v<T, uint8_t>)
    for (T& value : x) value &= 1;
  std::vector<T> result(static_cast<size_t>(columns) + 1, T(77)), line(static_cast<size_t>(rows));
  fold_columns(folding, x.data(), rows, columns, stride, result.data());
  for (int64_t j = 0; j < columns; ++j) {
    for (int64_t row = 0; row < rows; ++row) line[static_cast<size_t>(row)] = x[static_cast<size_t>(row * stride + j)];
    const T expected = fold(folding, line.data(), rows);
    ASSERT_EQ(std::memcmp(&expected, &result[static_cast<size_t>(j)], sizeof(T)), 0) << rows << " x " << columns << ", column " << j << ", folding " << static_cast<int>(folding);
  }
  EXPECT_EQ(result.back(), T(77));
}

TEST(Fold, ColumnsHaveTheBitsOfLines) {
  for (const Folding folding : {Folding::kSum, Folding::kProduct, Folding::kMin, Folding::kMax})
    for (const int64_t rows : {1, 5, 8, 16, 31, 128, 129, 300, 385})
      for (const int64_t columns : {1, 7, 16, 37, 1100}) {
        expect_columns_like_lines<double>(folding, rows, columns, columns + 3, -0.0);
        expect_columns_like_lines<float>(folding, rows, columns, columns, -0.0f);
        expect_columns_like_lines<float>(folding, rows, columns, columns, 0.0f);
        expect_columns_like_lines<int64_t>(folding, rows, columns, columns, 3);
        expect_columns_like_lines<int32_t>(folding, rows, columns, columns + 1, -3);
        expect_columns_like_lines<uint8_t>(folding, rows, columns, columns, 1);
      }
  std::vector<float> x(6000, -0.0f), extremes(30);
  for (size_t i = 0; i < x.size(); i += 7) x[i] = 0.0f;
  x[2000] = NAN;
  for (const Folding folding : {Folding::kMin, Folding::kMax}) {
    fold_columns(folding, x.data(), 200, 30, 30, extremes.data());
    std::vector<float> line(200);
    for (size_t j = 0; j < 30; ++j) {
      for (size_t row = 0; row < 200; ++row) line[row] = x[row * 30 + j];
      const float expected = fold(folding, line.data(), 200);
      EXPECT_EQ(std::memcmp(&expected, &extremes[j], sizeof expected), 0) << j;
    }
  }
}

}  // namespace
}  // namespace acie::reduce
