// The beta distribution and Student's t, which follows from it.
#include <cmath>

#include "kernels/math/Special.h"
#include "kernels/math/SpecialParts.h"

namespace acie::math {
namespace {

using internal::Distribution;
using internal::kEpsilon;
using internal::kLogSqrtTwoPi;
using internal::logDeficit;
using internal::stirlingRemainder;

// log(x^a y^b / B(a, b)) with y = 1 - x given beside x, the smaller of the two exactly.
//
// Relative to its largest value, at x0 = a / (a+b), the power is exp(-a deficit((x - x0)/x0) - b deficit((y -
// y0)/y0)), whose first-order terms cancel on paper; the largest value over B is Stirling's square root and
// remainders.
double logBetaTerm(double a, double b, double x, double y) {
  const double n = a + b;
  // (x - x0) n = x n - a = b - y n, from the smaller of x and y; n in two parts, for a and b of any sizes.
  const double big = a > b ? a : b;
  const double nLow = (a > b ? b : a) - (n - big);
  const double difference = x <= y ? std::fma(x, n, -a) + x * nLow : std::fma(-y, n, b) - y * nLow;
  const auto part = [](double shape, double point, double change) {
    const double mu = change / shape;
    return shape * (mu < -0.5 || mu > 1e10 ? mu - scalar::log(point) : logDeficit(mu));
  };
  const double peak = stirlingRemainder(n) - stirlingRemainder(a) - stirlingRemainder(b) +
                      0.5 * scalar::log(a / n * b) - kLogSqrtTwoPi;
  return peak - part(a, x / (a / n), difference) - part(b, y / (b / n), -difference);
}

// I_x(a, b) / (x^a y^b / (a B(a, b))): the continued fraction of DLMF 8.17.22 by Lentz's algorithm, for
// x < (a+1) / (a+b+2).
double betaFraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  constexpr int kMaxTerms = 100000;
  const auto guard = [](double v) { return std::fabs(v) < tiny ? tiny : v; };
  double c = 1;
  double d = 1 / guard(1 - (a + b) * x / (a + 1));
  double h = d;
  for (int m = 1; m <= kMaxTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    const double factor = d * c;
    h *= factor;
    if (std::fabs(factor - 1) < 2 * kEpsilon) break;
  }
  return h;
}

// I_x(a, b), its complement, and x y times the density.
Distribution betaAt(double a, double b, double x, double y) {
  if (x <= 0) return {0, 1, 0};
  if (y <= 0) return {1, 0, 0};
  const double term = scalar::exp(logBetaTerm(a, b, x, y));
  if (x * (a + b + 2) < a + 1) {
    const double p = std::fmin(term / a * betaFraction(a, b, x), 1);
    return {p, 1 - p, term};
  }
  const double q = std::fmin(term / b * betaFraction(b, a, y), 1);
  return {1 - q, q, term};
}

// x with I_x(a, b) = p = 1 - q, for a solution not above about 1/2 (beyond, the roles are exchanged).
double betaLowerQuantile(double a, double b, double p, double q, double start) {
  const auto at = [=](double x) {
    const double y = 1 - x;
    Distribution d = betaAt(a, b, x, y);
    d.xDensity /= y;
    return d;
  };
  return internal::invertDistribution(at, p, q, start, 0x1p-1074, 1 - 0x1p-53);
}

bool betaDomain(double x, double a, double b) {
  return x >= 0 && x <= 1 && a > 0 && b > 0 && a < HUGE_VAL && b < HUGE_VAL;
}

// P(|T| > t) and t times the density of |T|, for t > 0.
Distribution studentAt(double t, double nu) {
  // x = nu / (nu + t^2) and y = t^2 / (nu + t^2) without overflow.
  const double ratio = t / scalar::sqrt(nu);
  const double square = ratio * ratio;
  const double x = 1 / (1 + square);
  const double y = ratio < 1 ? square / (1 + square) : 1 / (1 + 1 / square);
  if (ratio > 1e150) {
    // y = 1 to the last bit: P(|T| > t) = x^(nu/2) / (nu/2 B), x = ratio^-2.
    const double logB = lgamma(nu / 2) + lgamma(0.5) - lgamma((nu + 1) / 2);
    const double tail = scalar::exp(-nu * scalar::log(ratio) - logB) * 2 / nu;
    return {1 - tail, tail, tail * nu};
  }
  const Distribution d = betaAt(nu / 2, 0.5, x, y);
  // d/dt of I_x(nu/2, 1/2), times t: x y density of the beta distribution times 2.
  return {d.upper, d.lower, 2 * d.xDensity};
}

}  // namespace

double beta_cdf(double x, double a, double b) {
  if (!betaDomain(x, a, b)) return kNaN;
  return betaAt(a, b, x, 1 - x).lower;
}

double beta_log_pdf(double x, double a, double b) {
  if (!betaDomain(x, a, b)) return kNaN;
  if (x == 0) return a == 1 ? scalar::log(b) : a < 1 ? HUGE_VAL : -HUGE_VAL;
  if (x == 1) return b == 1 ? scalar::log(a) : b < 1 ? HUGE_VAL : -HUGE_VAL;
  return logBetaTerm(a, b, x, 1 - x) - scalar::log(x) - scalar::log1p(-x);
}

double beta_quantile(double u, double a, double b) {
  if (!betaDomain(u, a, b)) return kNaN;
  if (u == 0 || u == 1) return u;
  const double p = u, q = 1 - u;
  // On which side of 1/2 the solution lies decides which of x and 1 - x is solved for.
  const Distribution middle = betaAt(a, b, 0.5, 0.5);
  const bool below = p <= q ? p <= middle.lower : q >= middle.upper;
  // The leading power on that side, or the mean where both shapes are large.
  const auto start = [](double a, double b, double p) {
    const double logB = lgamma(a) + lgamma(b) - lgamma(a + b);
    const double power = scalar::exp((scalar::log(p) + scalar::log(a) + logB) / a);
    const double mean = a / (a + b);
    return a > 2 && b > 2 && mean < 0.9 ? mean : power;
  };
  if (below) return betaLowerQuantile(a, b, p, q, start(a, b, p));
  return 1 - betaLowerQuantile(b, a, q, p, start(b, a, q));
}

double student_t_cdf(double t, double nu) {
  if (t != t || !(nu > 0)) return kNaN;
  if (nu == HUGE_VAL) return scalar::norm_cdf(t);
  if (t == 0) return 0.5;
  if (std::fabs(t) == HUGE_VAL) return t > 0;
  const double tail = 0.5 * studentAt(std::fabs(t), nu).upper;
  return t < 0 ? tail : 1 - tail;
}

double student_t_log_pdf(double t, double nu) {
  if (t != t || !(nu > 0)) return kNaN;
  if (nu == HUGE_VAL) return -0.5 * t * t - kLogSqrtTwoPi;
  if (std::fabs(t) == HUGE_VAL) return -HUGE_VAL;
  const double ratio = std::fabs(t) / scalar::sqrt(nu);
  const double logOnePlus = ratio < 1e150 ? scalar::log1p(ratio * ratio) : 2 * scalar::log(ratio);
  // Gamma((nu+1)/2) / Gamma(nu/2) from the remainders, which do not cancel for large nu.
  const double h = nu / 2;
  const double logGammas = h * scalar::log1p(0.5 / h) + 0.5 * scalar::log(h) - 0.5 +
                           stirlingRemainder(h + 0.5) - stirlingRemainder(h);
  return logGammas - 0.5 * scalar::log(nu * 3.14159265358979323846) - (nu + 1) / 2 * logOnePlus;
}

double student_t_quantile(double u, double nu) {
  if (!(u >= 0 && u <= 1) || !(nu > 0)) return kNaN;
  if (nu == HUGE_VAL) return scalar::norm_quantile(u);
  if (u == 0.5) return 0;
  if (u == 0 || u == 1) return u == 0 ? -HUGE_VAL : HUGE_VAL;
  // |T| has upper probability q = 2 min(u, 1 - u) and lower probability 1 - q, the latter exact near the
  // centre.
  const double q = 2 * (u < 0.5 ? u : 1 - u);
  const double p = 2 * std::fabs(u - 0.5);
  // The normal quantile with the first Cornish-Fisher term, or the leading power of the tail where t is
  // large.
  const double z = std::fabs(scalar::norm_quantile(u));
  double start = z * (1 + (z * z + 1) / (4 * nu));
  if (nu < 4 || z * z > nu) {
    const double logB = lgamma(nu / 2) + lgamma(0.5) - lgamma((nu + 1) / 2);
    const double tail = scalar::exp(-(scalar::log(q) + scalar::log(nu / 2) + logB) / nu) * scalar::sqrt(nu);
    if (tail * tail > nu) start = tail;
  }
  const double t = internal::invertDistribution([nu](double t) { return studentAt(t, nu); }, p, q, start,
                                                0x1p-1074, Format<64>::kMax);
  return std::copysign(t, u - 0.5);
}

}  // namespace acie::math
