// Scales and intervals: exact whatever their size.

#include "compiler/Sema/Secrecy/Exact.h"

#include <gtest/gtest.h>

#include <random>

namespace acie::sema {
namespace {

TEST(Exact, ScalesAreWhatWasWritten) {
  EXPECT_EQ(Scale::from_number(0x1p-16)->text(), "2^-16");
  EXPECT_EQ(Scale::from_number(0x1p-16)->value(), mpq_class(1, 65536));
  EXPECT_EQ(Scale::from_number(1e-3)->text(), "1/1000");
  EXPECT_EQ(Scale::from_number(0.025)->text(), "1/40");
  EXPECT_EQ(Scale::from_number(250)->text(), "250");
  EXPECT_EQ(Scale::from_number(1e-300)->value().get_den(), mpz_class("1" + std::string(300, '0')));
  EXPECT_FALSE(Scale::from_number(1.0 / 3));
  EXPECT_FALSE(Scale::from_number(0));
  EXPECT_FALSE(Scale::from_number(-1));
  EXPECT_FALSE(Scale::from_number(1e-320));
  EXPECT_EQ(Scale::from_number(1e-3)->times(*Scale::from_number(1e-3)), *Scale::from_number(1e-6));
}

TEST(Exact, QuantisesToEvenOnTies) {
  const Scale one, half = *Scale::from_number(0.5), thousandth = *Scale::from_number(1e-3);
  EXPECT_EQ(quantise(0.5, one), 0);
  EXPECT_EQ(quantise(1.5, one), 2);
  EXPECT_EQ(quantise(-0.5, one), 0);
  EXPECT_EQ(quantise(-1.5, one), -2);
  EXPECT_EQ(quantise(-2.5, one), -2);
  EXPECT_EQ(quantise(0.75, half), 2);
  EXPECT_EQ(quantise(-0.125, thousandth), -125);
  EXPECT_EQ(quantise(1e300, Scale::binary(64)), mpz_class(1e300) << 64);
}

TEST(Exact, MiddleThirdAndTheKeyThatHoldsIt) {
  for (int bits : {2048, 3072, 4096}) {
    const mpz_class limit = plaintext_limit(bits);
    EXPECT_LT(limit * 3, mpz_class(1) << static_cast<unsigned>(bits - 1));
    EXPECT_GE((limit + 2) * 3, mpz_class(1) << static_cast<unsigned>(bits - 1));
    EXPECT_EQ(smallest_key(limit), bits);
    EXPECT_EQ(smallest_key(limit + 1), bits + 1024);
  }
}

TEST(Exact, IntervalsHoldEveryResultAndNoMore) {
  std::mt19937 random(5);
  std::uniform_int_distribution<int> small(-6, 6);
  for (int turn = 0; turn < 200; ++turn) {
    const auto interval = [&] {
      const int a = small(random), b = small(random);
      return Bounds{std::min(a, b), std::max(a, b)};
    };
    const Bounds x = interval(), y = interval();
    Bounds sums, differences, products;
    bool first = true;
    for (mpz_class a = x.low; a <= x.high; ++a) {
      for (mpz_class b = y.low; b <= y.high; ++b) {
        const Bounds s = Bounds::point(a + b), d = Bounds::point(a - b), p = Bounds::point(a * b);
        sums = first ? s : hull(sums, s);
        differences = first ? d : hull(differences, d);
        products = first ? p : hull(products, p);
        first = false;
      }
    }
    EXPECT_EQ(x + y, sums);
    EXPECT_EQ(x - y, differences);
    EXPECT_EQ(x * y, products);
    EXPECT_EQ(-x, Bounds{} - x);
  }
}

}  // namespace
}  // namespace acie::sema
