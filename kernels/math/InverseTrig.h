// asin, acos, atan and atan2.
#ifndef ACIE_KERNELS_MATH_INVERSETRIG_H
#define ACIE_KERNELS_MATH_INVERSETRIG_H

#include "kernels/math/Coefficients.h"
#include "kernels/math/Rounding.h"

namespace acie::math {

// |x| <= 1/2: asin(x) = s + tail with s = |x|. Above: asin|x| = pi/2 - 2 asin(s), s = sqrt((1 - |x|) / 2).
template <class B>
struct AsinParts {
  Mask<B> large;
  Real<B> s, tail;
};

template <class B>
AsinParts<B> asinParts(Real<B> x) {
  const Real<B> a = abs(x);
  const Mask<B> large = a > 0.5;
  const Real<B> z = select(large, (1.0 - a) * 0.5, a * a);
  const Real<B> s = select(large, sqrt(z), a);
  return {large, s, s * z * estrin(z, Coefficients<B::kBits>::kAsin)};
}

template <class B>
Real<B> asin(Real<B> x) {
  using C = Coefficients<B::kBits>;
  const auto [large, s, tail] = asinParts(x);
  const Real<B> upper = C::kHalfPi1 - (2.0 * s + (2.0 * tail - C::kHalfPi2));
  return copysign(select(large, upper, s + tail), x);
}

template <class B>
Real<B> acos(Real<B> x) {
  using C = Coefficients<B::kBits>;
  const auto [large, s, tail] = asinParts(x);
  const Mask<B> negative = x < 0.0;
  const Real<B> near = 2.0 * (s + tail);
  const Real<B> far = 2.0 * C::kHalfPi1 - (2.0 * s + (2.0 * tail - 2.0 * C::kHalfPi2));
  const Real<B> sign = select(negative, -1.0, 1.0);
  const Real<B> middle = C::kHalfPi1 - (sign * s + (sign * tail - C::kHalfPi2));
  return select(large, select(negative, far, near), middle);
}

// The angle of the point (x, y), in [-pi, pi], with atan2's conventions at zeros and infinities (IEEE
// 754-2019, 9.2.1).
//
// With t = min / max of the magnitudes, or (min - max) / (min + max) where that exceeds 1/2 (the numerator is
// exact then), the angle is a multiple of pi/4 plus or minus atan(t).
template <class B>
Real<B> atan2(Real<B> y, Real<B> x) {
  using C = Coefficients<B::kBits>;
  constexpr double huge = B::kBits == 64 ? 0x1p1020 : 0x1p124;
  const Real<B> scale = select((abs(x) > huge) | (abs(y) > huge), 0.0625, x.of(1));
  const Real<B> ax = abs(x) * scale;
  const Real<B> ay = abs(y) * scale;
  const Mask<B> swapped = ay > ax;
  const Real<B> low = select(swapped, ax, ay);
  const Real<B> high = select(swapped, ay, ax);
  const Mask<B> diagonal = (low + low >= high) & (low > 0.0);
  const Real<B> numerator = select(diagonal, select(low == high, 0.0, low - high), low);
  const Real<B> denominator = select(diagonal, low + high, select(high == 0.0, 1.0, high));
  const Real<B> t = numerator / denominator;
  const Real<B> z = t * t;
  const Real<B> tail = t * z * estrin(z, C::kAtan);
  // The angle in units of pi/4 to which atan(t) is added, and the sign of that addition.
  const Mask<B> negative = bits(x) < 0;
  const Real<B> octant = select(diagonal, 1.0, x.of(0));
  const Real<B> quadrant = select(swapped, 2.0 - octant, octant);
  const Real<B> base = select(negative, 4.0 - quadrant, quadrant);
  const Real<B> sign = select(swapped ^ negative, -1.0, x.of(1));
  const Real<B> baseHigh = base * C::kQuarterPi;
  const Real<B> baseLow = fma(base, C::kQuarterPi, -baseHigh) + base * C::kQuarterPiRest;
  const Real<B> angle = baseHigh + fma(sign, t, fma(sign, tail, baseLow));
  return select(isnan(x), x, copysign(angle, y));
}

template <class B>
Real<B> atan(Real<B> x) {
  using C = Coefficients<B::kBits>;
  const Real<B> a = abs(x);
  const Mask<B> swapped = a > 1.0;
  const Real<B> one = x.of(1);
  const Real<B> low = select(swapped, one, a);
  const Real<B> high = select(swapped, a, one);
  const Mask<B> diagonal = low + low >= high;
  const Real<B> t = select(diagonal, low - high, low) / select(diagonal, low + high, high);
  const Real<B> z = t * t;
  const Real<B> tail = t * z * estrin(z, C::kAtan);
  const Real<B> octant = select(diagonal, one, x.of(0));
  const Real<B> base = select(swapped, 2.0 - octant, octant);
  const Real<B> sign = select(swapped, -1.0, one);
  // base is 0, 1 or 2: its product with pi/4 is exact.
  const Real<B> angle = base * C::kQuarterPi + fma(sign, t, fma(sign, tail, base * C::kQuarterPiRest));
  return copysign(angle, x);
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_INVERSETRIG_H
