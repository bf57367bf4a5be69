// Exactness and independence of order of sums and moments.
#include <gtest/gtest.h>
#include <mpfr.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/reduce/ExactSum.h"

namespace acie::reduce {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

uint64_t bits(double x) { return std::bit_cast<uint64_t>(x); }

// Doubles of every exponent and sign, subnormals included; `span` limits the exponent's range about 1.
std::vector<double> anyDoubles(size_t n, unsigned seed, int span) {
  std::mt19937_64 generator(seed);
  std::vector<double> values(n);
  for (double& x : values) {
    const double mantissa = static_cast<double>(generator() >> 11) * 0x1p-53 + 0.5;
    const int exponent = std::min(static_cast<int>(generator() % (2 * span)) - span, 1000);
    x = std::ldexp(generator() & 1 ? mantissa : -mantissa, exponent);
  }
  return values;
}

// The sum at a precision that holds it exactly, rounded once.
double reference(const std::vector<double>& values, bool products) {
  mpfr_t sum, term;
  mpfr_init2(sum, 4600);
  mpfr_init2(term, 110);
  mpfr_set_zero(sum, 1);
  for (const double x : values) {
    mpfr_set_d(term, x, MPFR_RNDN);
    if (products) mpfr_mul_d(term, term, x, MPFR_RNDN);
    mpfr_add(sum, sum, term, MPFR_RNDN);
  }
  const double result = mpfr_get_d(sum, MPFR_RNDN);
  mpfr_clears(sum, term, static_cast<mpfr_ptr>(nullptr));
  return result;
}

TEST(ExactSum, RoundsTheExactSumOnce) {
  for (const int span : {1, 20, 300, 1000, 1073}) {
    for (unsigned seed = 0; seed < 40; ++seed) {
      const std::vector<double> values = anyDoubles(1 + seed * 97, seed, span);
      ExactSum sum;
      sum.add(values);
      EXPECT_EQ(bits(sum.value()), bits(reference(values, false))) << "span " << span << " seed " << seed;
    }
  }
}

TEST(ExactSum, CancelsToWhatIsLeft) {
  ExactSum sum;
  for (const double x : {1e308, 1e-308, 5e-324, 1.0, -1e308, -1.0, -1e-308}) sum.add(x);
  EXPECT_EQ(sum.value(), 5e-324);
  ExactSum ties;
  ties.add(1.0);
  ties.add(0x1p-53);
  EXPECT_EQ(ties.value(), 1.0);
  ties.add(0x1p-1074);
  EXPECT_EQ(ties.value(), 1.0 + 0x1p-52);
}

TEST(ExactSum, OverflowsOnlyWhenTheSumDoes) {
  ExactSum sum;
  sum.add(1.7e308);
  sum.add(1.7e308);
  EXPECT_EQ(sum.value(), kInf);
  sum.add(-1.7e308);
  EXPECT_EQ(sum.value(), 1.7e308);
}

TEST(ExactSum, ManyAdditionsCarryCorrectly) {
  ExactSum sum;
  const double x = -0x1.fffffffffffffp-1;
  for (int i = 0; i < 5'000'000; ++i) sum.add(x);
  EXPECT_EQ(sum.value(), x * 5'000'000);
}

TEST(ExactSum, NonFiniteTermsDecide) {
  ExactSum sum;
  sum.add(1);
  sum.add(kInf);
  EXPECT_EQ(sum.value(), kInf);
  sum.add(-kInf);
  EXPECT_TRUE(std::isnan(sum.value()));
  ExactSum nan;
  nan.add(std::nan(""));
  nan.add(kInf);
  EXPECT_TRUE(std::isnan(nan.value()));
  EXPECT_EQ(bits(ExactSum().value()), bits(0.0));
}

TEST(ExactDot, SumsProductsWithoutOverflowOrUnderflow) {
  for (const int span : {20, 500, 1073}) {
    for (unsigned seed = 0; seed < 20; ++seed) {
      const std::vector<double> values = anyDoubles(1 + seed * 31, seed, span);
      ExactDot squares;
      for (const double x : values) squares.add(x, x);
      EXPECT_EQ(bits(squares.value()), bits(reference(values, true))) << "span " << span << " seed " << seed;
    }
  }
  ExactDot dot;
  dot.add(1e300, 1e300);
  dot.add(-1e300, 1e300);
  dot.add(3, -2);
  EXPECT_EQ(dot.value(), -6);
}

TEST(Moments, SameBitsInAnyOrderAndTiling) {
  std::vector<double> values = anyDoubles(20000, 7, 60);
  Moments whole;
  whole.add(values);
  std::mt19937_64 generator(1);
  for (const size_t tile : {1u, 7u, 4096u}) {
    std::shuffle(values.begin(), values.end(), generator);
    std::vector<Moments> parts;
    for (size_t i = 0; i < values.size(); i += tile) {
      parts.emplace_back().add(std::span(values).subspan(i, std::min(tile, values.size() - i)));
      // Merging as one goes keeps the test's memory small.
      if (parts.size() == 64) {
        for (size_t j = 1; j < parts.size(); ++j) parts[0].merge(parts[j]);
        parts.resize(1);
      }
    }
    std::shuffle(parts.begin(), parts.end(), generator);
    Moments merged;
    for (const Moments& part : parts) merged.merge(part);
    EXPECT_EQ(merged.count(), whole.count());
    EXPECT_EQ(bits(merged.sum()), bits(whole.sum())) << tile;
    EXPECT_EQ(bits(merged.mean()), bits(whole.mean())) << tile;
    EXPECT_EQ(bits(merged.variance()), bits(whole.variance())) << tile;
    EXPECT_EQ(bits(merged.min()), bits(whole.min())) << tile;
    EXPECT_EQ(bits(merged.max()), bits(whole.max())) << tile;
  }
}

TEST(Moments, VarianceDoesNotCancel) {
  Moments m;
  for (const double x : {1e15 + 1, 1e15 + 2, 1e15 + 3}) m.add(x);
  EXPECT_EQ(m.mean(), 1e15 + 2);
  EXPECT_EQ(m.variance(), 1);
  EXPECT_EQ(m.min(), 1e15 + 1);
  EXPECT_EQ(m.max(), 1e15 + 3);
}

TEST(Moments, LargeAndFewTerms) {
  Moments m;
  EXPECT_TRUE(std::isnan(m.mean()));
  m.add(1.5e308);
  EXPECT_EQ(m.mean(), 1.5e308);
  EXPECT_TRUE(std::isnan(m.variance()));
  m.add(1.7e308);
  EXPECT_DOUBLE_EQ(m.mean(), 1.6e308);
  Moments wide;  // the sum of squares overflows, the variance does not
  for (int i = 0; i < 4; ++i) wide.add(i % 2 ? 1e154 : -1e154);
  EXPECT_DOUBLE_EQ(wide.variance(), 1e308 / 3 * 4);
}

TEST(Moments, NanAndZeros) {
  Moments m;
  m.add(0.0);
  m.add(-0.0);
  EXPECT_TRUE(std::signbit(m.min()));
  EXPECT_FALSE(std::signbit(m.max()));
  m.add(std::nan(""));
  EXPECT_EQ(m.count(), 3);
  for (const double x : {m.sum(), m.mean(), m.variance(), m.min(), m.max()}) EXPECT_TRUE(std::isnan(x));
}

}  // namespace
}  // namespace acie::reduce
