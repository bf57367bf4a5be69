// Fixed point against exact rationals, for values that sit on ties and at the ends of what doubles hold.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "runtime/secret/FixedPoint.h"
#include "runtime/status/Errors.h"

namespace acie::secret {
namespace {

package::PartyValue declared(const char* numerator, const char* denominator, const char* magnitude) {
  package::PartyValue value;
  value.form = package::PartyValue::Form::Integers;
  value.scale = {numerator, denominator};
  value.low = std::string("-") + magnitude;
  value.high = magnitude;
  return value;
}

Integer quantised(const package::PartyValue& value, double x) {
  const FixedPoint form = FixedPoint::of(value);
  std::vector<uint64_t> words(static_cast<size_t>(form.words));
  const absl::Status status = quantise({&x, 1}, form, words.data());
  EXPECT_TRUE(status.ok()) << status;
  return Integer::from_words(words);
}

double back(const package::PartyValue& value, const Integer& integer) {
  const FixedPoint form = FixedPoint::of(value);
  std::vector<uint64_t> words(static_cast<size_t>(form.words));
  EXPECT_TRUE(integer.to_words(words));
  double x = 0;
  dequantise({&x, 1}, form, words.data());
  return x;
}

TEST(FixedPoint, RoundsTiesToEven) {
  const auto halves = declared("1", "2", "1000000");
  EXPECT_EQ(quantised(halves, 0.25), Integer(0));
  EXPECT_EQ(quantised(halves, 0.75), Integer(2));
  EXPECT_EQ(quantised(halves, -0.25), Integer(0));
  EXPECT_EQ(quantised(halves, -0.75), Integer(-2));
  EXPECT_EQ(quantised(halves, std::nextafter(0.25, 1)), Integer(1));
  const auto threes = declared("3", "1", "1000000");
  EXPECT_EQ(quantised(threes, 1.5), Integer(0));
  EXPECT_EQ(quantised(threes, 4.5), Integer(2));
  EXPECT_EQ(quantised(threes, std::nextafter(1.5, 2)), Integer(1));
  EXPECT_EQ(quantised(declared("1", "1000", "5000"), 4.05), Integer(4050));
  EXPECT_EQ(quantised(declared("1", "1000", "5000"), 0.3), Integer(300));
  EXPECT_EQ(quantised(declared("1", "10", "5"), 5e-324), Integer(0));
  EXPECT_EQ(quantised(declared("1", "65536", "65536"), 5e-324), Integer(0));
}

TEST(FixedPoint, HasOnePathForSmallNumbersAndOneForAll) {
  // Powers of two take the fast way; the same scale with a wide interval takes the exact one.
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform(-100, 100);
  const auto fast = declared("1", "65536", "6553600");
  const auto exact = declared("1", "65536", "340282366920938463463374607431768211456");
  for (int i = 0; i < 1000; ++i) {
    double x = uniform(random);
    if (i % 2 == 0) x = std::ldexp(std::nearbyint(x * 65536 * 2), -17);  // ties
    EXPECT_EQ(quantised(fast, x), quantised(exact, x)) << x;
  }
}

TEST(FixedPoint, ReturnsTheNearestDouble) {
  const auto thousandths = declared("1", "1000", "1000000000000000000000000");
  EXPECT_EQ(back(thousandths, 4050), 4.05);
  EXPECT_EQ(back(thousandths, -300), -0.3);
  EXPECT_EQ(back(thousandths, 0), 0);
  EXPECT_EQ(back(thousandths, *Integer::parse("123456789012345678901234")), 123456789012345678901.234);
  const auto wide = declared("1", "1", "1000000000000000000000000000000");
  EXPECT_EQ(back(wide, Integer::shifted(1, 53) + 1), 9007199254740992.0);  // a tie, to even
  EXPECT_EQ(back(wide, Integer::shifted(1, 53) + 3), 9007199254740996.0);
  EXPECT_EQ(back(wide, Integer::shifted(1, 54) + 3), 18014398509481988.0);
  // Every decimal of three digits reads back.
  for (int64_t i = -3000; i <= 3000; ++i) EXPECT_EQ(back(thousandths, i), static_cast<double>(i) / 1000);
}

TEST(FixedPoint, ReachesTheEndsOfDoubles) {
  EXPECT_EQ(nearest_double(1, Integer::shifted(1, 1074)), 5e-324);
  EXPECT_EQ(nearest_double(1, Integer::shifted(1, 1075)), 0);       // a tie, to even
  EXPECT_EQ(nearest_double(3, Integer::shifted(1, 1075)), 1e-323);  // 1.5 of the smallest, to even
  EXPECT_EQ(nearest_double(3, Integer::shifted(1, 1076)), 5e-324);
  EXPECT_EQ(nearest_double(1, Integer::shifted(1, 1200)), 0);
  EXPECT_EQ(nearest_double(Integer::shifted(1, 1023), 1), std::ldexp(1.0, 1023));
  EXPECT_EQ(nearest_double(Integer::shifted(1, 1024), 1), HUGE_VAL);
  EXPECT_EQ(nearest_double(-Integer::shifted(1, 1030), 1), -HUGE_VAL);
}

TEST(FixedPoint, RefusesWhatIsOutside) {
  const FixedPoint form = FixedPoint::of(declared("1", "1000", "5000"));
  uint64_t word = 0;
  for (const double x : {5.001, -5.001, 1e300, std::nan(""), HUGE_VAL, -HUGE_VAL})
    EXPECT_EQ(failure_of(quantise({&x, 1}, form, &word)), Failure::BadData) << x;
  const FixedPoint power = FixedPoint::of(declared("1", "1024", "5000"));
  for (const double x : {4.9, 1e300, std::nan(""), HUGE_VAL, -HUGE_VAL})
    EXPECT_EQ(failure_of(quantise({&x, 1}, power, &word)), Failure::BadData) << x;
}

}  // namespace
}  // namespace acie::secret
