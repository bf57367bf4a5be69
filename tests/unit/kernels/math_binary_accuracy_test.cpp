// Functions of two operands against MPFR.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <random>
#include <string>

#include "kernels/math/Functions.h"
#include "kernels/math/ScalarBackend.h"
#include "tests/unit/kernels/Ulp.h"

namespace acie::math {
namespace {

class Random {
 public:
  double uniform() { return (generator_() >> 11) * 0x1p-53; }
  double between(double low, double high) { return low + uniform() * (high - low); }
  double signedLog2(double low, double high) {
    const double x = std::exp2(between(low, high));
    return generator_() & 1 ? -x : x;
  }

 private:
  std::mt19937_64 generator_{99};
};

template <class B, class Draw>
void check(const char* name, int (*reference)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t), Draw draw,
           int count, double bound) {
  using T = typename B::F;
  const Function<B>* function = findFunction<B>(name);
  ASSERT_NE(function, nullptr);
  B backend;
  double worst = 0;
  T at[2] = {};
  Random random;
  for (int i = 0; i < count; ++i) {
    T operands[2];
    draw(random, operands);
    const Mp expected = Mp::apply(reference, Mp(operands[0]), Mp(operands[1]));
    const double error = ulpError(function->expand(backend, operands), expected);
    if (!(error <= worst)) {
      worst = error;
      at[0] = operands[0];
      at[1] = operands[1];
    }
  }
  std::printf("%-8s f%d  %.3f ulp of %.2f at (%a, %a)\n", name, B::kBits, worst, bound, at[0], at[1]);
  EXPECT_LE(worst, bound) << name << "(" << at[0] << ", " << at[1] << ")";
}

template <class B>
class MathBinaryAccuracy : public testing::Test {};
using Backends = testing::Types<Scalar64, Scalar32>;
TYPED_TEST_SUITE(MathBinaryAccuracy, Backends);

TYPED_TEST(MathBinaryAccuracy, Pow) {
  using T = typename TypeParam::F;
  constexpr double range = sizeof(T) == 8 ? 1074 : 149;
  // Results over the whole range, subnormal ones included: the exponent is chosen for a base.
  const auto wide = [](Random& random, T* operands) {
    operands[0] = static_cast<T>(std::exp2(random.between(-range, range * 0.95)));
    operands[1] =
        static_cast<T>(random.between(-range - 2, range) / std::log2(static_cast<double>(operands[0])));
  };
  check<TypeParam>("pow", mpfr_pow, wide, 40000, 1.25);
  // Bases next to 1, where the logarithm cancels and the exponent magnifies.
  const auto nearOne = [](Random& random, T* operands) {
    operands[0] = static_cast<T>(1 + random.signedLog2(sizeof(T) == 8 ? -50 : -22, -1.1));
    operands[1] = static_cast<T>(random.between(-range, range) / std::log2(static_cast<double>(operands[0])));
    if (operands[0] == 1) operands[1] = 1;
  };
  check<TypeParam>("pow", mpfr_pow, nearOne, 40000, 1.25);
  const auto everyday = [](Random& random, T* operands) {
    operands[0] = static_cast<T>(random.between(0, 20));
    operands[1] = static_cast<T>(random.between(-5, 5));
  };
  check<TypeParam>("pow", mpfr_pow, everyday, 20000, 1.25);
}

TYPED_TEST(MathBinaryAccuracy, Atan2) {
  using T = typename TypeParam::F;
  constexpr double range = sizeof(T) == 8 ? 1022 : 126;
  const auto wide = [](Random& random, T* operands) {
    operands[0] = static_cast<T>(random.signedLog2(-range, range));
    operands[1] = static_cast<T>(random.signedLog2(-range, range));
  };
  check<TypeParam>("atan2", mpfr_atan2, wide, 20000, 1.75);
  const auto close = [](Random& random, T* operands) {
    operands[0] = static_cast<T>(random.signedLog2(-3, 3));
    operands[1] = static_cast<T>(random.signedLog2(-3, 3));
  };
  check<TypeParam>("atan2", mpfr_atan2, close, 40000, 1.75);
}

TYPED_TEST(MathBinaryAccuracy, Hypot) {
  using T = typename TypeParam::F;
  constexpr double range = sizeof(T) == 8 ? 1022 : 126;
  const auto wide = [](Random& random, T* operands) {
    const double scale = random.between(-range - 20, range);
    operands[0] = static_cast<T>(random.signedLog2(scale - 3, scale));
    operands[1] = static_cast<T>(random.signedLog2(scale - 3, scale));
  };
  check<TypeParam>("hypot", mpfr_hypot, wide, 40000, 1);
}

}  // namespace
}  // namespace acie::math
