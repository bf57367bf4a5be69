// Special values: NaN, infinities, zeros, subnormals, exact cases, and the laws that functions promise.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <type_traits>

#include "kernels/math/Functions.h"
#include "kernels/math/ScalarBackend.h"

namespace acie::math {
namespace {

template <class B>
typename B::F call(const char* name, typename B::F x, typename B::F y = 0) {
  B backend;
  const Function<B>* function = findFunction<B>(name);
  if (function == nullptr) {
    ADD_FAILURE() << "no function " << name;
    return 0;
  }
  const typename B::F operands[] = {x, y};
  return function->expand(backend, operands);
}

// Same bits, or both NaN.
template <class T>
testing::AssertionResult same(T got, T expected) {
  if (std::isnan(expected) ? std::isnan(got)
                           : got == expected && std::signbit(got) == std::signbit(expected)) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "got " << got << ", expected " << expected;
}

constexpr double kInf = kInfinity;
constexpr double kPi = 3.14159265358979323846;

struct Unary {
  const char* name;
  double x, expected;
};

// Values that are exact, or the nearest number, in both formats.
const Unary kUnary[] = {
    {"exp", 0, 1},
    {"exp", -0.0, 1},
    {"exp", kInf, kInf},
    {"exp", -kInf, 0},
    {"exp", 1e30, kInf},
    {"exp", -1e30, 0},
    {"exp2", 10, 1024},
    {"exp2", -126, 0x1p-126},
    {"exp2", kInf, kInf},
    {"exp2", -kInf, 0},
    {"exp10", 0, 1},
    {"exp10", 5, 100000},
    {"exp10", kInf, kInf},
    {"exp10", -kInf, 0},
    {"expm1", 0, 0},
    {"expm1", -0.0, -0.0},
    {"expm1", kInf, kInf},
    {"expm1", -kInf, -1},
    {"expm1", -1e30, -1},
    {"expm1", 1e30, kInf},
    {"log", 1, 0},
    {"log", 0, -kInf},
    {"log", -0.0, -kInf},
    {"log", kInf, kInf},
    {"log", -1, kNaN},
    {"log", -kInf, kNaN},
    {"log2", 1, 0},
    {"log2", 8, 3},
    {"log2", 0x1p-149, -149},
    {"log2", 0, -kInf},
    {"log2", kInf, kInf},
    {"log2", -1, kNaN},
    {"log10", 1, 0},
    {"log10", 1000, 3},
    {"log10", 0, -kInf},
    {"log10", kInf, kInf},
    {"log10", -1, kNaN},
    {"log1p", 0, 0},
    {"log1p", -0.0, -0.0},
    {"log1p", -1, -kInf},
    {"log1p", -2, kNaN},
    {"log1p", kInf, kInf},
    {"log1p", -kInf, kNaN},
    {"sqrt", 4, 2},
    {"sqrt", -0.0, -0.0},
    {"sqrt", -1, kNaN},
    {"sqrt", kInf, kInf},
    {"cbrt", 27, 3},
    {"cbrt", -8, -2},
    {"cbrt", 0, 0},
    {"cbrt", -0.0, -0.0},
    {"cbrt", kInf, kInf},
    {"cbrt", -kInf, -kInf},
    {"sin", 0, 0},
    {"sin", -0.0, -0.0},
    {"sin", kInf, kNaN},
    {"sin", 1e30, kNaN},
    {"cos", 0, 1},
    {"cos", -kInf, kNaN},
    {"tan", -0.0, -0.0},
    {"tan", kInf, kNaN},
    {"asin", 0, 0},
    {"asin", -0.0, -0.0},
    {"asin", 1, kPi / 2},
    {"asin", -1, -kPi / 2},
    {"asin", 1.5, kNaN},
    {"asin", -kInf, kNaN},
    {"acos", 1, 0},
    {"acos", 0, kPi / 2},
    {"acos", -1, kPi},
    {"acos", -1.5, kNaN},
    {"acos", kInf, kNaN},
    {"atan", 0, 0},
    {"atan", -0.0, -0.0},
    {"atan", 1, kPi / 4},
    {"atan", kInf, kPi / 2},
    {"atan", -kInf, -kPi / 2},
    {"sinh", -0.0, -0.0},
    {"sinh", kInf, kInf},
    {"sinh", -kInf, -kInf},
    {"sinh", 1e30, kInf},
    {"cosh", 0, 1},
    {"cosh", kInf, kInf},
    {"cosh", -kInf, kInf},
    {"tanh", 0, 0},
    {"tanh", -0.0, -0.0},
    {"tanh", kInf, 1},
    {"tanh", -kInf, -1},
    {"tanh", 1e30, 1},
    {"asinh", -0.0, -0.0},
    {"asinh", kInf, kInf},
    {"asinh", -kInf, -kInf},
    {"acosh", 1, 0},
    {"acosh", 0.5, kNaN},
    {"acosh", -5, kNaN},
    {"acosh", kInf, kInf},
    {"acosh", -kInf, kNaN},
    {"atanh", -0.0, -0.0},
    {"atanh", 1, kInf},
    {"atanh", -1, -kInf},
    {"atanh", 2, kNaN},
    {"atanh", kInf, kNaN},
    {"sigmoid", 0, 0.5},
    {"sigmoid", kInf, 1},
    {"sigmoid", -kInf, 0},
    {"log_sigmoid", kInf, 0},
    {"log_sigmoid", -kInf, -kInf},
    {"logit", 0.5, 0},
    {"logit", 0, -kInf},
    {"logit", 1, kInf},
    {"logit", -0x1p-30, kNaN},
    {"logit", -kInf, kNaN},
    {"logit", 1.5, kNaN},
    {"softplus", kInf, kInf},
    {"softplus", -kInf, 0},
    {"erf", 0, 0},
    {"erf", -0.0, -0.0},
    {"erf", kInf, 1},
    {"erf", -kInf, -1},
    {"erfc", 0, 1},
    {"erfc", kInf, 0},
    {"erfc", -kInf, 2},
    {"erfc", 1e30, 0},
    {"norm_cdf", 0, 0.5},
    {"norm_cdf", kInf, 1},
    {"norm_cdf", -kInf, 0},
    {"norm_quantile", 0.5, 0},
    {"norm_quantile", 0, -kInf},
    {"norm_quantile", 1, kInf},
    {"norm_quantile", -0.5, kNaN},
    {"norm_quantile", 1.5, kNaN},
    {"norm_quantile", kInf, kNaN},
    {"floor", -0.0, -0.0},
    {"floor", -0.25, -1},
    {"floor", 0.75, 0},
    {"floor", 2, 2},
    {"floor", -kInf, -kInf},
    {"ceil", -0.25, -0.0},
    {"ceil", 0.25, 1},
    {"ceil", -0.0, -0.0},
    {"trunc", -1.75, -1},
    {"trunc", -0.5, -0.0},
    {"trunc", kInf, kInf},
    {"round", 0.5, 0},
    {"round", 1.5, 2},
    {"round", 2.5, 2},
    {"round", -0.5, -0.0},
    {"round", -2.5, -2},
    {"round", kInf, kInf},
    {"abs", -0.0, 0},
    {"abs", -kInf, kInf},
};

template <class T>
class MathEdge : public testing::Test {};
using Backends = testing::Types<Scalar64, Scalar32>;
TYPED_TEST_SUITE(MathEdge, Backends);

TYPED_TEST(MathEdge, UnaryTable) {
  using T = typename TypeParam::F;
  for (const Unary& u : kUnary) {
    EXPECT_TRUE(same(call<TypeParam>(u.name, static_cast<T>(u.x)), static_cast<T>(u.expected)))
        << u.name << "(" << u.x << ")";
  }
}

TYPED_TEST(MathEdge, NanGivesNan) {
  using T = typename TypeParam::F;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (const auto& f : functions<TypeParam>()) {
    TypeParam b;
    for (const T other : {T(0), T(1), T(-2.5), T(HUGE_VAL)}) {
      const std::string name(f.name);
      for (const bool first : {true, false}) {
        const T operands[] = {first ? nan : other, first ? other : nan};
        if (f.arity == 1 && !first) continue;
        const T got = f.expand(b, operands);
        // IEEE 754: pow(x, 0) = pow(1, y) = 1 and hypot(inf, y) = inf, whatever the other operand.
        if (name == "pow" && (first ? other == 0 : other == 1)) {
          EXPECT_EQ(got, 1);
        } else if (name == "hypot" && std::isinf(other)) {
          EXPECT_EQ(got, T(HUGE_VAL));
        } else {
          EXPECT_TRUE(std::isnan(got)) << name << " " << first << " " << other;
        }
      }
    }
  }
}

TYPED_TEST(MathEdge, ExpOfNonpositiveHasExpsBits) {
  using T = typename TypeParam::F;
  const T end = sizeof(T) == 8 ? T(750) : T(110);
  for (int i = 0; i <= 100000; ++i) {
    const T x = -end * static_cast<T>(i) / T(100000);
    ASSERT_TRUE(same(call<TypeParam>("expOfNonpositive", x), call<TypeParam>("exp", x))) << x;
  }
  EXPECT_EQ(call<TypeParam>("expOfNonpositive", -std::numeric_limits<T>::infinity()), T(0));
  EXPECT_EQ(call<TypeParam>("expOfNonpositive", std::numeric_limits<T>::lowest()), T(0));
}

// x + O(x^3), x - x^2/2 and the like are x for the smallest numbers.
TYPED_TEST(MathEdge, TinyArgumentsPassThrough) {
  using T = typename TypeParam::F;
  const T tiny = std::numeric_limits<T>::denorm_min();
  for (const char* name :
       {"expm1", "log1p", "sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh"}) {
    for (const T x :
         {tiny, -tiny, 7 * tiny, std::numeric_limits<T>::min(), -3 * std::numeric_limits<T>::min()}) {
      EXPECT_TRUE(same(call<TypeParam>(name, x), x)) << name;
    }
  }
}

TYPED_TEST(MathEdge, GradualUnderflowAndOverflow) {
  using T = typename TypeParam::F;
  using Limits = std::numeric_limits<T>;
  const int low = Limits::min_exponent - Limits::digits;
  for (int e = low; e < Limits::max_exponent; ++e) {
    EXPECT_EQ(call<TypeParam>("exp2", T(e)), std::ldexp(T(1), e)) << e;
    EXPECT_EQ(call<TypeParam>("log2", std::ldexp(T(1), e)), T(e)) << e;
  }
  EXPECT_EQ(call<TypeParam>("exp2", T(Limits::max_exponent)), T(HUGE_VAL));
  EXPECT_EQ(call<TypeParam>("exp2", T(low) - T(1.5)), 0);
  EXPECT_EQ(call<TypeParam>("exp", std::nextafter(std::log(Limits::max()), T(0))) < T(HUGE_VAL), true);
  EXPECT_GT(call<TypeParam>("exp", std::log(Limits::min()) - 2), 0);
  EXPECT_LT(call<TypeParam>("exp", std::log(Limits::min()) - 2), Limits::min());
}

TYPED_TEST(MathEdge, PowersOfTenAreExact) {
  using T = typename TypeParam::F;
  const int exact = sizeof(T) == 8 ? 22 : 10;
  T power = 1;
  for (int k = 0; k <= exact; ++k, power *= 10) {
    EXPECT_EQ(call<TypeParam>("log10", power), T(k));
    EXPECT_EQ(call<TypeParam>("exp10", T(k)), power);
    EXPECT_EQ(call<TypeParam>("pow", T(10), T(k)), power);
  }
}

// The table of IEEE 754-2019, 9.2.1.
TYPED_TEST(MathEdge, PowTable) {
  using T = typename TypeParam::F;
  struct Row {
    double x, y, expected;
  };
  const Row rows[] = {
      {2, 10, 1024},
      {-2, 3, -8},
      {-2, 2, 4},
      {2, -1, 0.5},
      {4, 0.5, 2},
      {-8, 1.0 / 3, kNaN},
      {0, 0, 1},
      {kInf, 0, 1},
      {-3, -0.0, 1},
      {1, kInf, 1},
      {1, -kInf, 1},
      {-1, kInf, 1},
      {-1, -kInf, 1},
      {-1, 5, -1},
      {-1, 6, 1},
      {0, -1, kInf},
      {-0.0, -1, -kInf},
      {0, -2, kInf},
      {-0.0, -2, kInf},
      {-0.0, -0.5, kInf},
      {-0.0, -kInf, kInf},
      {0, 3, 0},
      {-0.0, 3, -0.0},
      {-0.0, 2, 0},
      {-0.0, 0.5, 0},
      {0.5, -kInf, kInf},
      {0.5, kInf, 0},
      {2, kInf, kInf},
      {2, -kInf, 0},
      {-2, kInf, kInf},
      {-0.5, kInf, 0},
      {kInf, 2, kInf},
      {kInf, -2, 0},
      {-kInf, 3, -kInf},
      {-kInf, 2, kInf},
      {-kInf, 0.5, kInf},
      {-kInf, -3, -0.0},
      {-kInf, -2, 0},
      {-kInf, -0.5, 0},
      {-1.5, 0.5, kNaN},
      {1e30, 1e30, kInf},
      {1e30, -1e30, 0},
      {-1e30, 9, sizeof(T) == 8 ? -1e270 : -kInf},
      {-0.5, 1e30, 0},
      {0x1p-126, 1, 0x1p-126},
  };
  for (const Row& r : rows) {
    const T got = call<TypeParam>("pow", static_cast<T>(r.x), static_cast<T>(r.y));
    if (std::fabs(r.expected) == 1e270) {
      EXPECT_NEAR(got / static_cast<T>(r.expected), 1, 1e-14);
      continue;
    }
    EXPECT_TRUE(same(got, static_cast<T>(r.expected))) << "pow(" << r.x << ", " << r.y << ")";
  }
}

TYPED_TEST(MathEdge, Atan2Table) {
  using T = typename TypeParam::F;
  struct Row {
    double y, x, expected;
  };
  const Row rows[] = {
      {0, 1, 0},
      {-0.0, 1, -0.0},
      {0, -1, kPi},
      {-0.0, -1, -kPi},
      {0, 0, 0},
      {-0.0, 0, -0.0},
      {0, -0.0, kPi},
      {-0.0, -0.0, -kPi},
      {1, 0, kPi / 2},
      {-1, -0.0, -kPi / 2},
      {1, 1, kPi / 4},
      {-2, 2, -kPi / 4},
      {3, -3, 3 * kPi / 4},
      {kInf, 1, kPi / 2},
      {-kInf, -1, -kPi / 2},
      {1, kInf, 0},
      {-1, kInf, -0.0},
      {1, -kInf, kPi},
      {kInf, kInf, kPi / 4},
      {-kInf, -kInf, -3 * kPi / 4},
      {0x1p-100, 0x1p100, sizeof(T) == 8 ? 0x1p-200 : 0},
  };
  for (const Row& r : rows) {
    EXPECT_TRUE(
        same(call<TypeParam>("atan2", static_cast<T>(r.y), static_cast<T>(r.x)), static_cast<T>(r.expected)))
        << "atan2(" << r.y << ", " << r.x << ")";
  }
  const T max = std::numeric_limits<T>::max();
  EXPECT_TRUE(same(call<TypeParam>("atan2", max, max), static_cast<T>(kPi / 4)));
}

TYPED_TEST(MathEdge, MinMaxModHypot) {
  using T = typename TypeParam::F;
  EXPECT_EQ(call<TypeParam>("min", 1, 2), 1);
  EXPECT_EQ(call<TypeParam>("max", 1, 2), 2);
  EXPECT_EQ(call<TypeParam>("min", T(HUGE_VAL), -3), -3);
  struct Row {
    double x, y, expected;
  };
  const Row rows[] = {
      {7, 3, 1},      {-7, 3, 2},       {7, -3, -2},       {-7, -3, -1},    {6, 3, 0},
      {-6, 3, 0},     {6, -3, -0.0},    {5.5, 2, 1.5},     {1, 0, kNaN},    {kInf, 2, kNaN},
      {5, kInf, 5},   {-5, kInf, kInf}, {5, -kInf, -kInf}, {0, 3, 0},       {1e9, 7, 1e9 - 7.0 * 142857142},
      {0.5, 0.25, 0}, {3, 1e30, 3},     {0x1p40, 3, 1},    {-0x1p40, 3, 2}, {0x1p-126, 0x1p-127, 0}};
  for (const Row& r : rows) {
    EXPECT_TRUE(
        same(call<TypeParam>("mod", static_cast<T>(r.x), static_cast<T>(r.y)), static_cast<T>(r.expected)))
        << "mod(" << r.x << ", " << r.y << ")";
  }
  EXPECT_EQ(call<TypeParam>("hypot", 3, -4), 5);
  const T big = std::numeric_limits<T>::max() / 8, small = std::numeric_limits<T>::denorm_min();
  EXPECT_EQ(call<TypeParam>("hypot", 3 * big, 4 * big), 5 * big);
  EXPECT_EQ(call<TypeParam>("hypot", 3 * small, 4 * small), 5 * small);
  EXPECT_EQ(call<TypeParam>("hypot", 0, 0), 0);
}

// Rounding against the standard library, on numbers of every size.
TYPED_TEST(MathEdge, RoundingIsExact) {
  using T = typename TypeParam::F;
  std::mt19937_64 generator(5);
  for (int i = 0; i < 200000; ++i) {
    const T x = std::ldexp(static_cast<T>(static_cast<int64_t>(generator() >> 8) - (int64_t{1} << 55)),
                           -static_cast<int>(generator() % 70));
    EXPECT_TRUE(same(call<TypeParam>("floor", x), std::floor(x))) << x;
    EXPECT_TRUE(same(call<TypeParam>("ceil", x), std::ceil(x))) << x;
    EXPECT_TRUE(same(call<TypeParam>("trunc", x), std::trunc(x))) << x;
    EXPECT_TRUE(same(call<TypeParam>("round", x), std::nearbyint(x))) << x;
  }
}

// mod against the exact remainder of the standard library.
TYPED_TEST(MathEdge, ModIsExact) {
  using T = typename TypeParam::F;
  std::mt19937_64 generator(6);
  for (int i = 0; i < 100000; ++i) {
    const auto any = [&](int span) {
      const T m = static_cast<T>(static_cast<int64_t>(generator() >> 8) - (int64_t{1} << 55));
      return std::ldexp(m, -56 + static_cast<int>(generator() % span));
    };
    const T x = any(40), y = any(10);
    if (sizeof(T) == 4 && std::fabs(x / y) > 0x1p46f) continue;  // beyond the domain
    T expected = std::fmod(x, y);
    if (expected != 0 && (expected < 0) != (y < 0)) expected += y;
    if (expected == 0) expected = std::copysign(expected, y);
    EXPECT_TRUE(same(call<TypeParam>("mod", x, y), expected)) << x << " " << y;
  }
}

// Odd functions are odd to the bit.
TYPED_TEST(MathEdge, OddSymmetry) {
  using T = typename TypeParam::F;
  std::mt19937_64 generator(7);
  for (int i = 0; i < 20000; ++i) {
    const T x = static_cast<T>(std::exp(((generator() >> 11) * 0x1p-53 - 0.7) * 12));
    for (const char* name : {"sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf", "cbrt"}) {
      EXPECT_TRUE(same(call<TypeParam>(name, -x), -call<TypeParam>(name, x))) << name << " " << x;
    }
  }
}

// Neighbours never come out in the wrong order.
TYPED_TEST(MathEdge, Monotone) {
  using T = typename TypeParam::F;
  std::mt19937_64 generator(8);
  for (const char* name : {"exp", "exp2", "log", "log2", "log10", "log1p", "sqrt"}) {
    for (int i = 0; i < 20000; ++i) {
      T x = static_cast<T>((generator() >> 11) * 0x1p-53 * 6);
      T y = call<TypeParam>(name, x);
      for (int k = 0; k < 4; ++k) {
        x = std::nextafter(x, T(HUGE_VAL));
        const T next = call<TypeParam>(name, x);
        ASSERT_GE(next, y) << name << " at " << x;
        y = next;
      }
    }
  }
}

}  // namespace
}  // namespace acie::math
