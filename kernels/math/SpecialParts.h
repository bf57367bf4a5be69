// What the gamma and beta families share: Stirling's remainder, log(1 + x) - x, and the inversion of
// distributions.
#ifndef ACIE_KERNELS_MATH_SPECIALPARTS_H
#define ACIE_KERNELS_MATH_SPECIALPARTS_H

#include <cmath>

#include "kernels/math/ScalarFunctions.h"

namespace acie::math::internal {

inline constexpr double kLogSqrtTwoPi = 0.91893853320467274178;  // log(2 pi) / 2
inline constexpr double kEpsilon = 0x1p-53;

// log Gamma(a) - ((a - 1/2) log a - a + log(2 pi) / 2) for a > 0: small and smooth for large a (DLMF 5.11.1).
double stirlingRemainder(double a);

// mu - log(1 + mu) >= 0 for mu > -1, without cancellation near 0.
double logDeficit(double mu);

// A distribution function at a point: the lower and upper probability, and the density times x.
struct Distribution {
  double lower, upper, xDensity;
};

// The x > 0 where a continuous distribution on (low, high), given by `at`, has lower probability p, where q =
// 1 - p is passed too so that small upper probabilities are not lost. Newton's iteration for the logarithm of
// the smaller probability in log x, inside a bracket that only shrinks.
template <class At>
double invertDistribution(const At& at, double p, double q, double start, double low, double high) {
  constexpr int kMaxSteps = 200;
  double x = start > low && start < high ? start : scalar::sqrt(low) * scalar::sqrt(high);
  for (int step = 0; step < kMaxSteps; ++step) {
    const Distribution d = at(x);
    const bool useLower = p <= q;
    const double value = useLower ? d.lower : d.upper;
    const double goal = useLower ? p : q;
    const double excess = useLower ? value - goal : goal - value;  // > 0: x is too large
    if (excess == 0) return x;
    (excess > 0 ? high : low) = x;
    // log(value / goal) over its slope in log x.
    const double logRatio = value > 0.5 * goal && value < 2 * goal ? scalar::log1p((value - goal) / goal)
                                                                   : scalar::log(value) - scalar::log(goal);
    double change = -(useLower ? logRatio : -logRatio) * value / d.xDensity;
    double next = x * scalar::exp(change);
    if (!(next > low && next < high) || d.xDensity == 0) {
      next = scalar::sqrt(low) * scalar::sqrt(high);  // the middle on the logarithmic scale, without overflow
      change = next / x - 1;
    }
    if (next == x || !(low < next && next < high)) return next;
    x = next;
    if (std::fabs(change) < 4 * kEpsilon) return x;
  }
  return x;
}

}  // namespace acie::math::internal

#endif  // ACIE_KERNELS_MATH_SPECIALPARTS_H
