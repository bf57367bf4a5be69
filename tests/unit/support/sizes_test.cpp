// Sizes that may be known only at start: equal polynomials are equal numbers, however they were made.

#include "compiler/Support/Sizes.h"

#include <gtest/gtest.h>

namespace acie::sizes {
namespace {

TEST(Sizes, NumbersStayNumbers) {
  EXPECT_EQ(plus(3, 4), 7);
  EXPECT_EQ(minus(3, 4), -1);
  EXPECT_EQ(times(3, -4), -12);
  EXPECT_FALSE(is_open(product({2, 3, 1 << 20})));
  EXPECT_FALSE(is_open(times(kLargestFactor, kLargestFactor))) << "what is too large is held, and does not become an open size";
}

TEST(Sizes, EqualPolynomialsAreEqual) {
  const int64_t j = dimension("J"), k = dimension("K");
  EXPECT_NE(j, k);
  EXPECT_EQ(dimension("J"), j);
  EXPECT_EQ(times(plus(j, 1), minus(j, 1)), minus(times(j, j), 1));
  EXPECT_EQ(minus(plus(j, k), k), j);
  EXPECT_EQ(minus(j, j), 0);
  EXPECT_EQ(minus(plus(j, 5), j), 5);
  EXPECT_EQ(product({j, 3, k}), times(k, times(3, j)));
  EXPECT_TRUE(is_open(times(j, -1)));
}

TEST(Sizes, AreSpelledAsTheyAreWritten) {
  const int64_t j = dimension("J");
  EXPECT_EQ(text(12), "12");
  EXPECT_EQ(text(minus(times(2, j), 1)), "2*J - 1");
  EXPECT_EQ(text(minus(4, j)), "-J + 4");
  EXPECT_EQ(spelled("tensor<" + std::to_string(j) + "x3xf64> x12 17"), "tensor<Jx3xf64> x12 17");
  EXPECT_EQ(spelled("[" + std::to_string(plus(j, 1)) + "]"), "[(J + 1)]");
}

}  // namespace
}  // namespace acie::sizes
