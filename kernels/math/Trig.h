// sin, cos and tan.
#ifndef ACIE_KERNELS_MATH_TRIG_H
#define ACIE_KERNELS_MATH_TRIG_H

#include "kernels/math/Coefficients.h"
#include "kernels/math/Value.h"

namespace acie::math {

// Arguments beyond this give NaN: the three-part pi/2 below is exact enough up to here.
template <int Bits>
inline constexpr double kTrigLimit = Bits == 64 ? 0x1p40 : 0x1p20;

// x = n pi/2 + high + low, |high| <= pi/4 (1 + epsilon), low below half a unit of high.
//
// Cody & Waite's reduction with fused operations: n * kHalfPi1 is subtracted without error, because x and the
// product are multiples of one ulp of pi/2 and their difference is below 1; the second product is carried in
// two parts. What is left out is n * 2^-165 (f32: n * 2^-75) against a smallest |high| of about 2^-60 (2^-30)
// in the domain.
template <class B>
struct QuadrantReduction {
  Real<B> high, low;
  Int<B> quadrant;  // n in the low bits
};

template <class B>
QuadrantReduction<B> reduceQuadrant(Real<B> x) {
  using C = Coefficients<B::kBits>;
  constexpr double magic = Format<B::kBits>::kRoundMagic;
  const Real<B> shifted = fma(x, 0.6366197723675814, magic);
  const Real<B> n = shifted - magic;
  const Real<B> first = fma(n, -C::kHalfPi1, x);
  const Real<B> product = n * C::kHalfPi2;
  const Real<B> productLow = fma(n, C::kHalfPi2, -product);
  const Real<B> high = first - product;
  const Real<B> low = fma(n, -C::kHalfPi3, ((first - high) - product) - productLow);
  return {high, low, bits(shifted)};
}

template <class B>
Real<B> sinKernel(Real<B> high, Real<B> low) {
  const Real<B> z = high * high;
  const Real<B> correction = fma(low * -0.5, z, low);  // low * cos(high)
  return high + fma(high * z, estrin(z, Coefficients<B::kBits>::kSin), correction);
}

template <class B>
Real<B> cosKernel(Real<B> high, Real<B> low) {
  const Real<B> z = high * high;
  const Real<B> half = z * 0.5;
  const Real<B> w = 1.0 - half;
  const Real<B> tail = fma(z * z, estrin(z, Coefficients<B::kBits>::kCos), -(high * low));
  return w + (((1.0 - w) - half) + tail);
}

// sin(x + n pi/2) for n = 0 (sin) or 1 (cos).
template <class B>
Real<B> sinShifted(Real<B> x, int shift) {
  const QuadrantReduction<B> q = reduceQuadrant(x);
  const Int<B> quadrant = q.quadrant + shift;
  const Real<B> value = select((quadrant & 1) == 0, sinKernel(q.high, q.low), cosKernel(q.high, q.low));
  const Real<B> result = frombits(bits(value) ^ ((quadrant & 2) << (B::kBits - 2)));
  return select(abs(x) <= kTrigLimit<B::kBits>, result, kNaN);
}

template <class B>
Real<B> sin(Real<B> x) {
  return select(x == 0.0, x, sinShifted(x, 0));
}

template <class B>
Real<B> cos(Real<B> x) {
  return sinShifted(x, 1);
}

template <class B>
Real<B> tan(Real<B> x) {
  const QuadrantReduction<B> q = reduceQuadrant(x);
  const Real<B> s = sinKernel(q.high, q.low);
  const Real<B> c = cosKernel(q.high, q.low);
  const Mask<B> even = (q.quadrant & 1) == 0;
  const Real<B> result = select(even, s, c) / select(even, c, -s);
  return select(x == 0.0, x, select(abs(x) <= kTrigLimit<B::kBits>, result, kNaN));
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_TRIG_H
