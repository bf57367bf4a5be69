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

// A point of the beta distribution: x, y = 1 - x (the smaller of the two exactly) and (x - mean) (a + b).
struct Point {
  double x, y, fromMean;
};

Point pointAt(double a, double b, double x, double y) {
  // x n - a = b - y n with n = a + b in two parts, from the smaller of x and y.
  const double n = a + b;
  const double nLow = a > b ? b - (n - a) : a - (n - b);
  return {x, y, x <= y ? std::fma(x, n, -a) + x * nLow : std::fma(-y, n, b) - y * nLow};
}

// log(x^a y^b / B(a, b)).
//
// Relative to its largest value, at x0 = a / (a+b), the power is exp(-a deficit((x - x0)/x0) - b deficit((y -
// y0)/y0)), whose first-order terms cancel on paper; the largest value over B is Stirling's square root and
// remainders.
double logBetaTerm(double a, double b, const Point& point) {
  const double n = a + b;
  const double logN = scalar::log(n);
  const auto part = [logN](double shape, double logShape, double at, double change) {
    const double mu = change / shape;
    const bool far = mu < -0.5 || mu > 1e3;  // mu may overflow
    return far ? change - shape * (scalar::log(at) - (logShape - logN)) : shape * logDeficit(mu);
  };
  const double logA = scalar::log(a), logB = scalar::log(b);
  const double peak = stirlingRemainder(n) - stirlingRemainder(a) - stirlingRemainder(b) +
                      0.5 * (logA + logB - logN) - kLogSqrtTwoPi;
  return peak - part(a, logA, point.x, point.fromMean) - part(b, logB, point.y, -point.fromMean);
}

// I_x(a, b) / (x^a y^b / B(a, b)) for x < (a+1) / (a+b+2): the continued fraction of Didonato & Morris,
// "Significant digit computation of the incomplete beta function ratios", ACM TOMS 18 (1992), eq. 15, which
// takes the distance from the mean instead of cancelling for it; by Lentz's algorithm.
double betaFraction(double a, double b, const Point& point) {
  constexpr double tiny = 1e-300;
  const auto guard = [](double v) { return std::fabs(v) < tiny ? tiny : v; };
  const double lambda = 1 - point.fromMean;
  double h = guard(a / (a + 1) * lambda);
  double c = h;
  double d = 0;
  for (double n = 1;; ++n) {
    const double m = a + 2 * n - 1;
    const double alpha = (a + n - 1) / m * ((a + b + n - 1) / m) * n * (b - n) * point.x * point.x;
    const double beta = n + n * (b - n) * point.x / m + (a + n) / (m + 2) * (lambda + n * (1 + point.y));
    d = 1 / guard(beta + alpha * d);
    c = guard(beta + alpha / c);
    const double factor = c * d;
    h *= factor;
    if (!(std::fabs(factor - 1) >= 2 * kEpsilon)) return 1 / h;
  }
}

double atMostOne(double p) { return p > 1 ? 1 : p; }

// I_x(a, b), its complement, and x y times the density.
Distribution betaAt(double a, double b, double x, double y) {
  if (x <= 0) return {0, 1, 0};
  if (y <= 0) return {1, 0, 0};
  const Point point = pointAt(a, b, x, y);
  const double term = scalar::exp(logBetaTerm(a, b, point));
  if (x * (a + b + 2) < a + 1) {
    const double p = atMostOne(term * betaFraction(a, b, point));
    return {p, 1 - p, term};
  }
  const double q = atMostOne(term * betaFraction(b, a, {y, x, -point.fromMean}));
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

// The fraction's length grows with the root of the shapes.
constexpr double kLargestShape = 1e9;

bool betaDomain(double x, double a, double b) {
  return x >= 0 && x <= 1 && a > 0 && b > 0 && a <= kLargestShape && b <= kLargestShape;
}

// From here on Wallace's normal deviate z = (8 nu + 1) / (8 nu + 3) sqrt(nu log(1 + t^2 / nu)) is exact to
// the last bits (D. L. Wallace, Annals of Mathematical Statistics 30, 1959: its error falls as nu^-2).
constexpr double kWallaceStart = 1e8;

// P(|T| <= t), P(|T| > t), and t times the density of |T|, for t > 0.
Distribution studentAt(double t, double nu) {
  if (nu >= kWallaceStart) {
    const double ratio = t / scalar::sqrt(nu);
    const double z = scalar::sqrt(nu * scalar::log1p(ratio * ratio)) * (1 - 2 / (8 * nu + 3));
    const double density = scalar::exp(-0.5 * z * z - kLogSqrtTwoPi);
    return {2 * (scalar::norm_cdf(z) - 0.5), 2 * scalar::norm_cdf(-z), 2 * t * density};
  }
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
  return logBetaTerm(a, b, pointAt(a, b, x, 1 - x)) - scalar::log(x) - scalar::log1p(-x);
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
