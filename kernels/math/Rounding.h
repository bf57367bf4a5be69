// Rounding to integral values, remainder, and the smaller and larger of two numbers.
#ifndef ACIE_KERNELS_MATH_ROUNDING_H
#define ACIE_KERNELS_MATH_ROUNDING_H

#include "kernels/math/Value.h"

namespace acie::math {

// To the nearest integral value, ties to even; zeros keep the operand's sign.
template <class B>
Real<B> round(Real<B> x) {
  if constexpr (requires { x.b->roundeven(x.v); }) {
    return {x.b, x.b->roundeven(x.v)};
  } else {
    constexpr double big = B::kBits == 64 ? 0x1p52 : 0x1p23;  // from here on every number is integral
    const Real<B> a = abs(x);
    return copysign(select(a < big, (a + big) - big, a), x);
  }
}

template <class B>
Real<B> floor(Real<B> x) {
  if constexpr (requires { x.b->floor(x.v); }) {
    return {x.b, x.b->floor(x.v)};
  } else {
    const Real<B> r = round(x);
    return select(r > x, r - 1.0, r);
  }
}

template <class B>
Real<B> ceil(Real<B> x) {
  if constexpr (requires { x.b->ceil(x.v); }) {
    return {x.b, x.b->ceil(x.v)};
  } else {
    return -floor(-x);
  }
}

template <class B>
Real<B> trunc(Real<B> x) {
  if constexpr (requires { x.b->trunc(x.v); }) {
    return {x.b, x.b->trunc(x.v)};
  } else {
    return copysign(floor(abs(x)), x);
  }
}

// x - y floor(x / y): the remainder that has the divisor's sign, exact before the sign is mended. NaN where y
// is 0, x is infinite, or |x / y| is beyond 2^105 (f32: 2^47).
template <class B>
Real<B> mod(Real<B> x, Real<B> y) {
  constexpr double tooBig = B::kBits == 64 ? 0x1p105 : 0x1p47;
  // An infinite divisor leaves x alone; 0 * inf would not.
  const Mask<B> whole = (abs(y) == kInfinity) & (abs(x) < kInfinity);
  const Real<B> divisor = select(whole, 1.0, y);
  const Real<B> quotient = trunc(x / divisor);
  // x - RN(x / y) y is representable, so each step is exact; the second serves quotients beyond the mantissa.
  const Real<B> first = fma(-quotient, divisor, x);
  const Real<B> second = fma(-trunc(first / divisor), divisor, first);
  const Real<B> r = select(whole, x, select(abs(quotient) < tooBig, second, kNaN));
  const Mask<B> wrongSign = (r != 0.0) & ((r < 0.0) ^ (y < 0.0));
  return select(r == 0.0, copysign(r, y), select(wrongSign, r + y, r));
}

// The smaller (larger) operand; NaN if either is; the first of two equal ones.
template <class B>
Real<B> min(Real<B> x, Real<B> y) {
  return select((x <= y) | isnan(x), x, y);
}

template <class B>
Real<B> max(Real<B> x, Real<B> y) {
  return select((x >= y) | isnan(x), x, y);
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_ROUNDING_H
