// Every elementary function against MPFR: the bounds in kernels/math/README.md are the ones enforced here.
#include <gtest/gtest.h>

#include <cstdio>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "kernels/math/Functions.h"
#include "kernels/math/ScalarBackend.h"
#include "tests/unit/kernels/Ulp.h"

namespace acie::math {
namespace {

// Where arguments come from; the bounds of f32 differ where its range does.
struct Range {
  double low, high;
};

struct Case {
  const char* name;
  Mp (*reference)(const Mp&);
  Range range64, range32;
  double bound64, bound32;

  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

template <int (*Fn)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t)>
Mp call(const Mp& x) {
  return Mp::apply(Fn, x);
}

Mp sigmoidReference(const Mp& x) { return Mp(1) / (Mp(1) + exp(-x)); }
Mp logitReference(const Mp& x) { return log(x) - log(Mp(1) - x); }
Mp softplusReference(const Mp& x) { return call<mpfr_log1p>(exp(x)); }
Mp logSigmoidReference(const Mp& x) { return -call<mpfr_log1p>(exp(-x)); }
Mp normCdfReference(const Mp& x) { return erfc(-x / sqrt(Mp(2))) / Mp(2); }
Mp exp10Reference(const Mp& x) { return call<mpfr_exp10>(x); }

// Newton's iteration in the argument from a double's guess: see the quantile's tests for an independent
// check.
Mp normQuantileReference(const Mp& p) {
  if (Mp(0.5) < p) return -normQuantileReference(Mp(1) - p);
  if (mpfr_equal_p(p.raw(), Mp(0.5).raw())) return 0;
  if (mpfr_zero_p(p.raw())) return -HUGE_VAL;
  const Mp l = Mp(-2) * log(p);
  Mp x = l < Mp(6) ? -sqrt(l) * Mp(0.8) : -sqrt(l - log(l * pi() * Mp(2)));
  if (Mp(0.3) < p) x = -0.3;
  for (int i = 0; i < 60; ++i) {
    const Mp cdf = normCdfReference(x);
    const Mp density = exp(-(x * x) / Mp(2)) / sqrt(Mp(2) * pi());
    const Mp step = (log(cdf) - log(p)) * cdf / density;
    x = x - step;
    if (abs(step) < Mp(1e-40) * abs(x)) break;
  }
  return x;
}

constexpr double kHuge = 1.7e308;
constexpr double kHugeF = 3.4e38;

const Case kCases[] = {
    {"acos", call<mpfr_acos>, {-1, 1}, {-1, 1}, 1.25, 1.25},
    {"acosh", call<mpfr_acosh>, {1, kHuge}, {1, kHugeF}, 2.25, 2.25},
    {"asin", call<mpfr_asin>, {-1, 1}, {-1, 1}, 1.75, 1.75},
    {"asinh", call<mpfr_asinh>, {-kHuge, kHuge}, {-kHugeF, kHugeF}, 1.75, 1.75},
    {"atan", call<mpfr_atan>, {-kHuge, kHuge}, {-kHugeF, kHugeF}, 1.5, 1.5},
    {"atanh", call<mpfr_atanh>, {-1, 1}, {-1, 1}, 2.25, 2.25},
    {"cbrt", call<mpfr_cbrt>, {-kHuge, kHuge}, {-kHugeF, kHugeF}, 0.51, 0.51},
    {"cos", call<mpfr_cos>, {-0x1p40, 0x1p40}, {-0x1p20, 0x1p20}, 0.9, 0.9},
    {"cosh", call<mpfr_cosh>, {-711, 711}, {-89.5, 89.5}, 1.5, 1.5},
    {"erf", call<mpfr_erf>, {-7, 7}, {-5, 5}, 1.5, 1.5},
    {"erfc", call<mpfr_erfc>, {-7, 27.5}, {-5, 10.5}, 4.75, 4.75},
    {"exp", call<mpfr_exp>, {-746, 710}, {-105, 89}, 1.05, 1.05},
    {"exp10", exp10Reference, {-324.5, 309}, {-46, 39}, 1.05, 1.05},
    {"exp2", call<mpfr_exp2>, {-1076, 1025}, {-151, 129}, 1, 1},
    {"expm1", call<mpfr_expm1>, {-50, 710}, {-30, 89}, 1.5, 1.5},
    {"log", call<mpfr_log>, {0, kHuge}, {0, kHugeF}, 0.85, 0.85},
    {"log10", call<mpfr_log10>, {0, kHuge}, {0, kHugeF}, 0.7, 0.7},
    {"log1p", call<mpfr_log1p>, {-1, kHuge}, {-1, kHugeF}, 0.95, 0.95},
    {"log2", call<mpfr_log2>, {0, kHuge}, {0, kHugeF}, 0.75, 0.75},
    {"logit", logitReference, {0, 1}, {0, 1}, 2, 2},
    {"log_sigmoid", logSigmoidReference, {-800, 745}, {-200, 104}, 1.75, 1.75},
    {"norm_cdf", normCdfReference, {-38.5, 9}, {-14.2, 6}, 5.5, 5.5},
    {"norm_quantile", normQuantileReference, {0, 1}, {0, 1}, 5.5, 5.25},
    {"sigmoid", sigmoidReference, {-745, 40}, {-103, 20}, 2.5, 2.5},
    {"sin", call<mpfr_sin>, {-0x1p40, 0x1p40}, {-0x1p20, 0x1p20}, 0.9, 0.95},
    {"sinh", call<mpfr_sinh>, {-711, 711}, {-89.5, 89.5}, 2.5, 2.5},
    {"softplus", softplusReference, {-745, 800}, {-103, 200}, 1.75, 1.75},
    {"sqrt", call<mpfr_sqrt>, {0, kHuge}, {0, kHugeF}, 0.5, 0.5},
    {"tan", call<mpfr_tan>, {-0x1p40, 0x1p40}, {-0x1p20, 0x1p20}, 2.5, 2.5},
    {"tanh", call<mpfr_tanh>, {-25, 25}, {-12, 12}, 2.6, 2.6},
};

// Arguments: uniform, log-uniform in magnitude, and a few neighbours of the places where formulas change.
template <class T>
std::vector<T> arguments(Range range, int count) {
  std::mt19937_64 generator(20240607);
  std::vector<T> result;
  const auto add = [&](T x) {
    if (x >= range.low && x <= range.high) result.push_back(x);
  };
  const double top = std::max(std::fabs(range.low), std::fabs(range.high));
  const double bottom = sizeof(T) == 8 ? 1e-310 : 1e-41;
  for (int i = 0; i < count; ++i) {
    const double u = (generator() >> 11) * 0x1p-53;
    add(static_cast<T>(range.low + u * (range.high - range.low)));
    const double magnitude = std::exp(std::log(bottom) + u * (std::log(top) - std::log(bottom)));
    add(static_cast<T>(generator() & 1 ? -magnitude : magnitude));
    // Most functions do their work between 1e-3 and 1e2.
    const double middle = std::exp(std::log(1e-3) + u * std::log(1e5));
    add(static_cast<T>(generator() & 1 ? -middle : middle));
    add(static_cast<T>(1 - middle * 0.01));
  }
  std::vector<double> special = {range.low, range.high, 0, 0.425, 0.5, 0.9, 1, 2, 0x1p-1022, 0x1p-126};
  for (int k = 1; k <= 40; ++k) {
    special.push_back(k * 0.34657359027997264);  // ln(2) / 2
    special.push_back(k * 0.7853981633974483);   // pi / 4
    special.push_back(k * 0.25);
    special.push_back(std::ldexp(1.0, k - 20));
    special.push_back(std::sqrt(std::ldexp(1.0, 2 * k - 41)));
  }
  for (const double s : special) {
    for (const double signedS : {s, -s}) {
      T below = static_cast<T>(signedS), above = below;
      for (int i = 0; i < 4; ++i) {
        add(below);
        add(above);
        below = std::nextafter(below, -std::numeric_limits<T>::infinity());
        above = std::nextafter(above, std::numeric_limits<T>::infinity());
      }
    }
  }
  return result;
}

template <class B>
void check(const Case& c, Range range, double bound) {
  using T = typename B::F;
  const Function<B>* function = findFunction<B>(c.name);
  ASSERT_NE(function, nullptr) << c.name;
  B backend;
  double worst = 0;
  T worstAt = 0;
  const bool slowReference = c.reference == normQuantileReference;
  for (const T x : arguments<T>(range, slowReference ? 600 : 4000)) {
    const double error = ulpError(function->expand(backend, &x), c.reference(Mp(x)));
    if (!(error <= worst)) {
      worst = error;
      worstAt = x;
    }
  }
  std::printf("%-14s f%d  %.3f ulp of %.2f at %a (%.9g)\n", c.name, B::kBits, worst, bound, worstAt, worstAt);
  EXPECT_LE(worst, bound) << c.name << " at " << std::hexfloat << worstAt;
}

class MathAccuracy : public testing::TestWithParam<Case> {};

TEST_P(MathAccuracy, F64) { check<Scalar64>(GetParam(), GetParam().range64, GetParam().bound64); }
TEST_P(MathAccuracy, F32) { check<Scalar32>(GetParam(), GetParam().range32, GetParam().bound32); }

INSTANTIATE_TEST_SUITE_P(Functions, MathAccuracy, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace acie::math
