// The special functions against MPFR, and the laws between them.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <random>

#include "kernels/math/Imports.h"
#include "kernels/math/Special.h"
#include "kernels/math/derive/Mpfr.h"

namespace acie::math {
namespace {

constexpr double kInf = HUGE_VAL;

Mp lngamma(const Mp& x) { return Mp::apply(mpfr_lngamma, x); }

double relativeError(double got, const Mp& reference) {
  if (mpfr_zero_p(reference.raw())) return got == 0 ? 0 : kInf;
  return abs((Mp(got) - reference) / reference).toDouble();
}

// P(a, x) by its power series at 320 bits; exact enough for 1 - P down to 1e-70.
Mp gammaReference(double a, double x) {
  Mp term = 1, sum = 1;
  for (int n = 1; Mp(1e-95) * sum < term; ++n) {
    term = term * Mp(x) / (Mp(a) + Mp(n));
    sum = sum + term;
  }
  return exp(Mp(a) * log(Mp(x)) - Mp(x) - lngamma(Mp(a) + Mp(1))) * sum;
}

// I_x(a, b) by DLMF 8.17.8, whose terms are all positive, with 1 - x passed beside x.
Mp betaSeries(const Mp& a, const Mp& b, const Mp& x, const Mp& y) {
  Mp term = 1, sum = 1;
  for (int n = 0; Mp(1e-95) * sum < term && n < 200000; ++n) {
    term = term * (a + b + Mp(n)) / (a + Mp(n + 1)) * x;
    sum = sum + term;
  }
  return exp(a * log(x) + b * log(y) + lngamma(a + b) - lngamma(a + Mp(1)) - lngamma(b)) * sum;
}

Mp betaReference(const Mp& a, const Mp& b, const Mp& x, const Mp& y) {
  if (x < Mp(0.5)) return betaSeries(a, b, x, y);
  return Mp(1) - betaSeries(b, a, y, x);
}

struct Worst {
  double error = 0;
  double at[3] = {};
  void see(double e, double x, double y = 0, double z = 0) {
    if (e > error || e != e) {
      error = e;
      at[0] = x;
      at[1] = y;
      at[2] = z;
    }
  }
  void check(const char* name, double bound) const {
    std::printf("%-28s %.2e of %.0e at (%.17g, %.17g, %.17g)\n", name, error, bound, at[0], at[1], at[2]);
    EXPECT_LE(error, bound) << name;
  }
};

class Random {
 public:
  double uniform() { return ((generator_() >> 12) + 0.5) * 0x1p-52; }
  double logUniform(double low, double high) {
    return std::exp(std::log(low) + uniform() * (std::log(high) - std::log(low)));
  }

 private:
  std::mt19937_64 generator_{12345};
};

TEST(LGamma, AgainstMpfr) {
  Random random;
  Worst positive, negative;
  for (int i = 0; i < 20000; ++i) {
    const double x = i % 2 ? random.logUniform(1e-300, 1e300) : random.uniform() * 12;
    positive.see(relativeError(lgamma(x), lngamma(Mp(x))), x);
    const double n = -random.uniform() * 50;
    int sign;
    Mp reference;
    mpfr_lgamma(reference.raw(), &sign, Mp(n).raw(), MPFR_RNDN);
    const double scale = std::fmax(1, std::fabs(reference.toDouble()));
    negative.see(abs(Mp(lgamma(n)) - reference).toDouble() / scale, n);
  }
  positive.check("lgamma", 1e-15);
  negative.check("lgamma, negative x", 1e-14);
}

TEST(LGamma, SpecialValues) {
  EXPECT_EQ(lgamma(1), 0);
  EXPECT_EQ(lgamma(2), 0);
  for (const double x : {0.0, -0.0, -1.0, -2.0, -1e20, kInf, -kInf}) EXPECT_EQ(lgamma(x), kInf) << x;
  EXPECT_TRUE(std::isnan(lgamma(std::nan(""))));
}

TEST(Digamma, AgainstMpfr) {
  Random random;
  Worst worst;
  for (int i = 0; i < 5000; ++i) {
    const double x = i % 2 ? random.logUniform(1e-10, 1e10) : random.uniform() * 20 - 10;
    const Mp reference = Mp::apply(mpfr_digamma, Mp(x));
    worst.see(abs(Mp(digamma(x)) - reference).toDouble() / std::fmax(1, std::fabs(reference.toDouble())), x);
  }
  worst.check("digamma", 1e-14);
}

// A point of the distribution of shape a whose probabilities are neither 0 nor 1: the mean shifted by up to
// 12 standard deviations, or far down the lower tail of a small shape.
double gammaPoint(Random& random, double a) {
  const double x =
      a + (random.uniform() * 24 - 12) * std::sqrt(a) + (random.uniform() < 0.5 ? 0 : 30 * random.uniform());
  return x > 0 ? x : a * random.logUniform(1e-8, 1);
}

TEST(GammaDistribution, AgainstSeries) {
  Random random;
  Worst lower, upper, quantile;
  for (int i = 0; i < 1500; ++i) {
    const double a = random.logUniform(1e-3, i % 50 ? 1e3 : 1e7);
    const double x = gammaPoint(random, a);
    const Mp p = gammaReference(a, x);
    const Mp q = Mp(1) - p;
    if (p < Mp(1e-280) || q < Mp(1e-60)) continue;
    lower.see(relativeError(gamma_cdf(x, a), p), x, a);
    upper.see(relativeError(gamma_ccdf(x, a), q), x, a);
    // u is rounded, so the quantile is compared through the probability, in units of what rounding x would
    // change.
    const double u = p.toDouble();
    if (u < 1e-250 || u > 0.999) continue;
    const double back = gamma_quantile(u, a);
    const double density = std::exp(gamma_log_pdf(back, a));
    const double error = abs(gammaReference(a, back) - Mp(u)).toDouble();
    quantile.see(error / (u + back * density), u, a, back);
  }
  lower.check("gamma_cdf", 5e-13);
  upper.check("gamma_ccdf", 5e-13);
  quantile.check("gamma_quantile", 2e-14);
}

TEST(GammaDistribution, UpperTailAgainstMpfr) {
  Random random;
  Worst worst;
  for (int i = 0; i < 300; ++i) {
    const double a = random.logUniform(1e-3, 1e2);
    const double x = a + random.uniform() * 500;
    const Mp reference = Mp::apply(mpfr_gamma_inc, Mp(a), Mp(x)) / Mp::apply(mpfr_gamma, Mp(a));
    worst.see(relativeError(gamma_ccdf(x, a), reference), x, a);
  }
  worst.check("gamma_ccdf, far tail", 5e-13);
}

TEST(GammaDistribution, EdgesAndDomain) {
  EXPECT_EQ(gamma_cdf(0, 2), 0);
  EXPECT_EQ(gamma_cdf(kInf, 2), 1);
  EXPECT_EQ(gamma_ccdf(kInf, 2), 0);
  EXPECT_EQ(gamma_quantile(0, 2), 0);
  EXPECT_EQ(gamma_quantile(1, 2), kInf);
  EXPECT_DOUBLE_EQ(gamma_cdf(1, 1), 1 - std::exp(-1));
  for (const double bad :
       {gamma_cdf(-1, 2), gamma_cdf(1, 0), gamma_cdf(1, -1), gamma_cdf(std::nan(""), 1),
        gamma_quantile(1.5, 1), gamma_quantile(-0.5, 1), gamma_quantile(0.5, std::nan(""))}) {
    EXPECT_TRUE(std::isnan(bad));
  }
  EXPECT_GT(gamma_quantile(0.5, 1e-3), 0);
  EXPECT_EQ(gamma_quantile(1e-10, 1e-3), 0) << "the root of u is below every double";
}

TEST(BetaDistribution, AgainstSeries) {
  Random random;
  Worst lower, quantile;
  for (int i = 0; i < 1500; ++i) {
    const double a = random.logUniform(1e-3, i % 20 ? 1e2 : 1e6);
    const double b = random.logUniform(1e-3, i % 20 ? 1e2 : 1e6);
    const double sd = std::sqrt(a * b / (a + b + 1)) / (a + b);
    double x = a / (a + b) + (random.uniform() * 16 - 8) * sd;
    if (!(x > 0)) x = random.logUniform(1e-30, 1) * a / (a + b);
    if (!(x < 1)) x = 1 - random.logUniform(1e-10, 1) * b / (a + b);
    if (!(x > 0 && x < 1)) continue;
    // The series needs many terms next to 1.
    if (x > 0.9999 || x < 1e-280) continue;
    const Mp p = betaReference(a, b, x, Mp(1) - Mp(x));
    if (p < Mp(1e-280) || Mp(1) - p < Mp(1e-60)) continue;
    lower.see(relativeError(beta_cdf(x, a, b), p), x, a, b);
    const double u = p.toDouble();
    if (u < 1e-250 || u > 0.999) continue;
    const double back = beta_quantile(u, a, b);
    if (!(back > 1e-290 && back < 0.9999)) continue;
    const double density = std::exp(beta_log_pdf(back, a, b));
    const double error = abs(betaReference(a, b, back, Mp(1) - Mp(back)) - Mp(u)).toDouble();
    quantile.see(error / (u + back * density), u, a, b);
  }
  lower.check("beta_cdf", 5e-12);
  quantile.check("beta_quantile", 1e-12);
}

TEST(BetaDistribution, EdgesAndDomain) {
  EXPECT_EQ(beta_cdf(0, 2, 3), 0);
  EXPECT_EQ(beta_cdf(1, 2, 3), 1);
  EXPECT_EQ(beta_quantile(0, 2, 3), 0);
  EXPECT_EQ(beta_quantile(1, 2, 3), 1);
  EXPECT_DOUBLE_EQ(beta_cdf(0.3, 1, 1), 0.3);
  EXPECT_NEAR(beta_quantile(0.5, 4, 4), 0.5, 1e-15);
  for (const double bad : {beta_cdf(-0.1, 1, 1), beta_cdf(1.1, 1, 1), beta_cdf(0.5, 0, 1),
                           beta_quantile(2, 1, 1), beta_quantile(0.5, 1, -1), beta_cdf(std::nan(""), 1, 1)}) {
    EXPECT_TRUE(std::isnan(bad));
  }
}

TEST(StudentT, AgainstSeries) {
  Random random;
  Worst cdf, quantile;
  for (int i = 0; i < 1000; ++i) {
    const double nu = random.logUniform(0.1, i % 20 ? 1e2 : 1e10);
    const double t = -random.logUniform(1e-5, nu < 20 ? 1e4 : 30);
    const Mp square = Mp(t) * Mp(t);
    const Mp x = Mp(nu) / (Mp(nu) + square);
    const Mp tail = betaReference(Mp(nu) / Mp(2), 0.5, x, square / (Mp(nu) + square)) / Mp(2);
    // For large nu the reference is 1 minus nearly 1, and holds down to here.
    if (tail < Mp(nu > 50 ? 1e-60 : 1e-280)) continue;
    cdf.see(relativeError(student_t_cdf(t, nu), tail), t, nu);
    EXPECT_EQ(student_t_cdf(-t, nu), 1 - student_t_cdf(t, nu));
    const double u = tail.toDouble();
    const double back = student_t_quantile(u, nu);
    // Rounding u moves t by this much.
    const double slope = u / (std::exp(student_t_log_pdf(t, nu)) * -t);
    quantile.see(std::fabs(back / t - 1) / (1 + slope), u, nu, t);
  }
  cdf.check("student_t_cdf", 2e-13);
  quantile.check("student_t_quantile", 1e-13);
}

TEST(StudentT, CauchyAndNormalLimits) {
  Random random;
  for (int i = 0; i < 1000; ++i) {
    const double u = random.uniform();
    EXPECT_NEAR(student_t_quantile(u, 1) / std::tan(M_PI * (u - 0.5)), 1, 1e-12) << u;
    EXPECT_EQ(student_t_quantile(1 - u, 3), -student_t_quantile(u, 3)) << u;
  }
  EXPECT_EQ(student_t_cdf(0, 3), 0.5);
  EXPECT_EQ(student_t_quantile(0.5, 3), 0);
  EXPECT_EQ(student_t_quantile(1, 3), kInf);
  EXPECT_EQ(student_t_cdf(-kInf, 3), 0);
  EXPECT_NEAR(student_t_cdf(1.5, kInf), 0.5 * std::erfc(-1.5 / std::sqrt(2)), 1e-15);
  EXPECT_GT(student_t_cdf(-1e200, 0.5), 1e-105);
  EXPECT_LT(student_t_cdf(-1e200, 0.5), 1e-95);
  EXPECT_TRUE(std::isnan(student_t_cdf(1, 0)));
}

TEST(Poisson, QuantileInvertsCdf) {
  Random random;
  for (int i = 0; i < 3000; ++i) {
    const double lambda = random.logUniform(1e-3, i % 10 ? 1e3 : 1e6);
    const double u = random.uniform();
    const double k = poisson_quantile(u, lambda);
    EXPECT_GE(poisson_cdf(k, lambda), u);
    if (k > 0) {
      EXPECT_LT(poisson_cdf(k - 1, lambda), u) << lambda;
    }
    if (u < 0.999) {
      EXPECT_EQ(poisson_quantile(poisson_cdf(k, lambda), lambda), k) << lambda;
    }
  }
}

TEST(Poisson, AgainstSums) {
  Random random;
  Worst worst, mass;
  for (int i = 0; i < 300; ++i) {
    const double lambda = random.logUniform(1e-2, 300);
    const int k = static_cast<int>(lambda * 2 * random.uniform());
    Mp term = exp(-Mp(lambda)), sum = term;
    for (int n = 1; n <= k; ++n) {
      term = term * Mp(lambda) / Mp(n);
      sum = sum + term;
    }
    worst.see(relativeError(poisson_cdf(k, lambda), sum), k, lambda);
    mass.see(relativeError(std::exp(poisson_log_pmf(k, lambda)), term), k, lambda);
  }
  worst.check("poisson_cdf", 1e-13);
  mass.check("poisson_log_pmf", 2e-13);
  EXPECT_EQ(poisson_quantile(0.3, 0), 0);
  EXPECT_EQ(poisson_quantile(0, 5), 0);
  EXPECT_EQ(poisson_quantile(1, 5), kInf);
  EXPECT_EQ(poisson_cdf(-1, 5), 0);
  EXPECT_EQ(poisson_cdf(2.5, 5), poisson_cdf(2, 5));
  EXPECT_TRUE(std::isnan(poisson_quantile(0.5, -1)));
}

// Densities against numeric derivatives of the distribution functions.
TEST(LogDensities, AreTheSlopesOfTheDistributions) {
  for (const double a : {0.3, 1.0, 2.5, 40.0}) {
    for (const double x : {0.1, 0.7, 2.0, 30.0}) {
      const double h = 1e-5 * x;
      EXPECT_NEAR((gamma_cdf(x + h, a) - gamma_cdf(x - h, a)) / (2 * h), std::exp(gamma_log_pdf(x, a)), 1e-7);
      EXPECT_NEAR((student_t_cdf(x + h, a) - student_t_cdf(x - h, a)) / (2 * h),
                  std::exp(student_t_log_pdf(x, a)), 1e-7);
      if (x < 1) {
        EXPECT_NEAR((beta_cdf(x + h, a, 1.5) - beta_cdf(x - h, a, 1.5)) / (2 * h),
                    std::exp(beta_log_pdf(x, a, 1.5)), 1e-7);
      }
    }
  }
}

TEST(Imports, CallTheFunctionsElementwise) {
  const double x[] = {0.2, 0.5, 0.9}, a[] = {1, 2, 3}, b[] = {4, 5, 6};
  const double* operands[] = {x, a, b};
  double out[3];
  const acie_import* beta = find_math_import("beta_cdf");
  ASSERT_NE(beta, nullptr);
  EXPECT_EQ(beta->arity, 3u);
  beta->fn(3, operands, out);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(out[i], beta_cdf(x[i], a[i], b[i]));
  double inPlace[] = {0.2, 0.5, 0.9};
  const double* aliased[] = {inPlace, a};
  find_math_import("gamma_quantile")->fn(3, aliased, inPlace);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(inPlace[i], gamma_quantile(x[i], a[i]));
  EXPECT_EQ(find_math_import("no_such_function"), nullptr);
  for (size_t i = 1; i < math_imports().size(); ++i)
    EXPECT_LT(std::string_view(math_imports()[i - 1].name), math_imports()[i].name);
}

}  // namespace
}  // namespace acie::math
