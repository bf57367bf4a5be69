// log Gamma, the gamma distribution, and the Poisson distribution that follows from it.
#include <cmath>

#include "kernels/math/Special.h"
#include "kernels/math/SpecialConstants.h"
#include "kernels/math/SpecialParts.h"

namespace acie::math {

using internal::kEpsilon;
using internal::kLogSqrtTwoPi;

namespace internal {
namespace {

// Stirling's series serves from here on.
constexpr double kStirlingStart = 10;

// sum of B_2k / (2k (2k-1) a^(2k-1)), k = 1..10.
double stirlingSeries(double a) {
  const double r = 1 / a;
  const double z = r * r;
  double sum = 0;
  for (int k = std::size(kStirling); k-- > 0;) sum = std::fma(sum, z, kStirling[k]);
  return sum * r;
}

// log Gamma(2 + z) for |z| <= 1/2: z (1 - gamma) + sum (-1)^k (zeta(k) - 1) z^k / k (DLMF 5.7.3).
double lgammaNearTwo(double z) {
  double sum = 0;
  for (int k = std::size(kZeta); k-- > 0;) sum = std::fma(sum, z, kZeta[k]);
  return z * sum;
}

}  // namespace

double stirlingRemainder(double a) {
  if (a >= kStirlingStart) return stirlingSeries(a);
  return lgamma(a) - (std::fma(a - 0.5, scalar::log(a), -a) + kLogSqrtTwoPi);
}

double logDeficit(double mu) {
  if (mu < -0.29 || mu > 0.41) return mu - scalar::log1p(mu);
  // With s = mu / (2 + mu): mu - 2s = s mu, and log(1 + mu) - 2s = s z P(z), z = s^2.
  const double s = mu / (2 + mu);
  const double z = s * s;
  double p = 0;
  constexpr int terms = std::size(Coefficients<64>::kLog);
  for (int k = terms; k-- > 0;) p = std::fma(p, z, Coefficients<64>::kLog[k]);
  return s * (mu - z * p);
}

}  // namespace internal

namespace {

using internal::Distribution;
using internal::logDeficit;
using internal::stirlingRemainder;

// sin(pi x), with the argument reduced exactly.
double sinPi(double x) {
  const double r = x - 2 * scalar::round(x / 2);  // in [-1, 1]
  const double folded = std::fabs(r) > 0.5 ? std::copysign(1 - std::fabs(r), r) : r;
  return scalar::sin(3.14159265358979323846 * folded);
}

// log(x^a e^-x / Gamma(a + 1)) = -a (mu - log(1 + mu)) - remainder(a) - log(2 pi a) / 2 with mu = (x - a) /
// a.
double logGammaTerm(double a, double x) {
  const double mu = (x - a) / a;
  const bool far = mu < -0.5 || mu > 1e3;  // x / a may over- or underflow
  const double power = far ? (x - a) - a * (scalar::log(x) - scalar::log(a)) : a * logDeficit(mu);
  return -power - stirlingRemainder(a) - (kLogSqrtTwoPi + 0.5 * scalar::log(a));
}

// P / (x^a e^-x / Gamma(a+1)) = 1 + x/(a+1) (1 + x/(a+2) (...)) (DLMF 8.7.1).
double lowerSeries(double a, double x) {
  double term = 1, sum = 1;
  for (double n = 1; term > sum * kEpsilon; ++n) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

// Q / (x^a e^-x / Gamma(a)): the even part of Legendre's continued fraction (DLMF 8.9.2), by Lentz's
// algorithm.
double upperFraction(double a, double x) {
  constexpr double tiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / tiny;
  double d = 1 / b;
  double h = d;
  for (double i = 1;; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = an * d + b;
    if (std::fabs(d) < tiny) d = tiny;
    c = b + an / c;
    if (std::fabs(c) < tiny) c = tiny;
    d = 1 / d;
    const double factor = d * c;
    h *= factor;
    if (std::fabs(factor - 1) < 2 * kEpsilon) return h;
  }
}

// From here on the expansion below is exact to the last bits, and series and fraction grow long.
constexpr double kUniformStart = 1e5;

// Temme's uniform expansion for large a: Q = erfc(eta sqrt(a/2)) / 2 + e^(-a eta^2/2) / sqrt(2 pi a) sum
// c_k(eta) a^-k with eta^2/2 = mu - log(1 + mu), mu = (x - a) / a, and eta of the sign of mu (DLMF 8.12.3
// to 8.12.8).
Distribution gammaUniform(double a, double x, double xDensity) {
  const double mu = (x - a) / a;
  const double eta = std::copysign(scalar::sqrt(2 * logDeficit(mu)), mu);
  const auto series = [&](const auto& c) {
    const double e = std::fmin(std::fmax(eta, -0.2), 0.2);  // beyond, the density in front has vanished
    double sum = 0;
    for (int k = std::size(c); k-- > 0;) sum = std::fma(sum, e, c[k]);
    return sum;
  };
  const double sum = series(kTemme0) + (series(kTemme1) + (series(kTemme2) + series(kTemme3) / a) / a) / a;
  // x times the density is e^(-a eta^2/2) sqrt(a / (2 pi)), Gamma's own remainder aside.
  const double correction = xDensity * scalar::exp(stirlingRemainder(a)) / a * sum;
  const double z = eta * scalar::sqrt(a);
  return {scalar::norm_cdf(z) - correction, scalar::norm_cdf(-z) + correction, xDensity};
}

// P, Q and x times the density at x > 0.
Distribution gammaAt(double a, double x) {
  if (x == HUGE_VAL) return {1, 0, 0};
  const double term = scalar::exp(logGammaTerm(a, x));
  const double xDensity = term * a;
  if (a >= kUniformStart) return gammaUniform(a, x, xDensity);
  if (a < 1 && x < 1.1) {
    // P = A (1 + S) with A = x^a / Gamma(a+1), S = a sum (-x)^n / (n! (a+n)); Q without cancelling against 1.
    const double logA = a * scalar::log(x) - lgamma(a + 1);
    double power = 1, sum = 0;
    for (double n = 1; std::fabs(power) > kEpsilon * 0.1; ++n) {
      power *= -x / n;
      sum += power / (a + n);
    }
    const double s = a * sum;
    const double bigA = scalar::exp(logA);
    return {bigA * (1 + s), -scalar::expm1(logA) - bigA * s, xDensity};
  }
  if (x < a + 1) {
    const double p = std::fmin(term * lowerSeries(a, x), 1);
    return {p, 1 - p, xDensity};
  }
  const double q = xDensity * upperFraction(a, x);
  return {1 - q, q, xDensity};
}

bool gammaDomain(double x, double a) { return x >= 0 && a > 0 && a < HUGE_VAL; }

}  // namespace

double lgamma(double x) {
  if (x != x) return x;
  if (std::fabs(x) == HUGE_VAL) return HUGE_VAL;
  if (x <= 0) {
    const double s = std::fabs(sinPi(x));
    if (s == 0) return HUGE_VAL;
    // Gamma(x) Gamma(1-x) = pi / sin(pi x); near 0 this is -log|x|, which 1 - x cannot hold.
    if (x > -0.5) return lgamma(x + 1) - scalar::log(-x);
    return scalar::log(3.14159265358979323846 / s) - lgamma(1 - x);
  }
  if (x < 0.5) return internal::lgammaNearTwo(x) - scalar::log1p(x) - scalar::log(x);
  if (x < 1.5) return internal::lgammaNearTwo(x - 1) - scalar::log1p(x - 1);
  if (x < internal::kStirlingStart) {
    double product = 1;
    while (x > 2.5) product *= --x;
    return internal::lgammaNearTwo(x - 2) + scalar::log(product);
  }
  const double logX = scalar::log(x);
  return std::fma(x - 0.5, logX - 1, internal::stirlingSeries(x) + (kLogSqrtTwoPi - 0.5));
}

double digamma(double x) {
  if (x != x || x == HUGE_VAL) return x;
  if (x <= 0) {
    if (x == scalar::floor(x)) return kNaN;
    // psi(1 - x) - psi(x) = pi cot(pi x)
    const double r = x - scalar::round(x);
    return digamma(1 - x) - 3.14159265358979323846 / scalar::tan(3.14159265358979323846 * r);
  }
  double shift = 0;
  for (; x < internal::kStirlingStart; ++x) shift += 1 / x;
  const double z = 1 / (x * x);
  double sum = 0;
  for (int k = std::size(kDigamma); k-- > 0;) sum = std::fma(sum, z, kDigamma[k]);
  return scalar::log(x) - 0.5 / x - sum * z - shift;
}

double gamma_cdf(double x, double a) {
  if (!gammaDomain(x, a)) return kNaN;
  return x == 0 ? 0 : gammaAt(a, x).lower;
}

double gamma_ccdf(double x, double a) {
  if (!gammaDomain(x, a)) return kNaN;
  return x == 0 ? 1 : gammaAt(a, x).upper;
}

double gamma_log_pdf(double x, double a) {
  if (!gammaDomain(x, a)) return kNaN;
  if (x == 0) return a == 1 ? 0 : a < 1 ? HUGE_VAL : -HUGE_VAL;
  if (x == HUGE_VAL) return -HUGE_VAL;
  return logGammaTerm(a, x) + (scalar::log(a) - scalar::log(x));
}

double gamma_quantile(double u, double a) {
  if (!(u >= 0 && u <= 1) || !gammaDomain(0, a)) return kNaN;
  if (u == 0) return 0;
  if (u == 1) return HUGE_VAL;
  // Wilson & Hilferty (1931) in the middle, the first term of the series where that fails.
  const double z = scalar::norm_quantile(u);
  const double root = 1 - 1 / (9 * a) + z / (3 * scalar::sqrt(a));
  double start = a * root * root * root;
  if (root < 0.2 || a < 0.5) start = scalar::exp((scalar::log(u) + lgamma(a + 1)) / a);
  if (start < 0x1p-1070) return start;  // P = x^a / Gamma(a+1) to the last bit down here
  return internal::invertDistribution([a](double x) { return gammaAt(a, x); }, u, 1 - u, start, 0x1p-1074,
                                      Format<64>::kMax);
}

double poisson_cdf(double k, double lambda) {
  if (k != k || !(lambda >= 0 && lambda < HUGE_VAL)) return kNaN;
  if (k < 0) return 0;
  if (lambda == 0 || k == HUGE_VAL) return 1;
  return gammaAt(scalar::floor(k) + 1, lambda).upper;
}

double poisson_log_pmf(double k, double lambda) {
  if (k != k || !(lambda >= 0 && lambda < HUGE_VAL)) return kNaN;
  if (k < 0 || k != scalar::floor(k) || k == HUGE_VAL) return -HUGE_VAL;
  if (k == 0) return -lambda;
  return lambda == 0 ? -HUGE_VAL : logGammaTerm(k, lambda);
}

double poisson_quantile(double u, double lambda) {
  if (!(u >= 0 && u <= 1) || !(lambda >= 0 && lambda < HUGE_VAL)) return kNaN;
  if (u == 0 || lambda == 0) return 0;
  if (u == 1) return HUGE_VAL;
  // The normal approximation with Cornish & Fisher's first correction, then doubling steps to a bracket low <
  // k <= high.
  const double z = scalar::norm_quantile(u);
  const double sd = scalar::sqrt(lambda);
  const double guess = scalar::floor(lambda + sd * z + (z * z - 1) / 6);
  if (lambda > 0x1p50) return guess;  // neighbouring integers have no different probabilities
  const auto reaches = [&](double k) { return poisson_cdf(k, lambda) >= u; };
  double high = guess > 0 ? guess : 0;
  double low = high;
  if (reaches(high)) {
    for (double step = 1; low >= 0 && reaches(low); step *= 2) {
      high = low;
      low -= step;
    }
    if (low < 0) low = -1;
  } else {
    for (double step = 1; !reaches(high); step *= 2) {
      low = high;
      high += step;
    }
  }
  while (high - low > 1) {
    const double middle = scalar::floor(low + (high - low) / 2);
    (reaches(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace acie::math
