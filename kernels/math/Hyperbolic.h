// Hyperbolic functions.
#ifndef ACIE_KERNELS_MATH_HYPERBOLIC_H
#define ACIE_KERNELS_MATH_HYPERBOLIC_H

#include "kernels/math/Exp.h"

namespace acie::math {

// tanh rounds 2a / ln 2 - kTanhShift to n.
inline constexpr double kTanhShift = 0.2213;

// tanh(a) = v / (v + 2u) with 2a = n ln 2 + r, u = 2^-n, v = (1 - u) + (e^r - 1): one exponential and one division.
//
// v is e^r - 1 itself where n = 0, which keeps small arguments accurate; r is taken from [-0.19, 0.5], so that v does not
// cancel where n = 1. Errors of v count by 2u / (v + 2u): they fade as tanh nears 1.
template <class B>
Real<B> tanh(Real<B> x) {
  using C = Coefficients<B::kBits>;
  constexpr int bias = Format<B::kBits>::kBias;
  constexpr double saturation = B::kBits == 64 ? 22 : 10;  // 1 - tanh is less than half a unit in the last place
  constexpr double magic = Format<B::kBits>::kRoundMagic + bias;
  const Real<B> a = clampAbove(abs(x), saturation);
  const Real<B> shifted = fma(a, 2 * 1.4426950408889634, -kTanhShift) + magic;
  const Real<B> n = shifted - magic;
  const Real<B> r = fma(n, -C::kLn2Low, fma(n, -C::kLn2High, a + a));
  const Int<B> biasedN = bits(shifted);
  const Real<B> u = frombits((biasedN.of(2 * bias) - biasedN) << Format<B::kBits>::kMantissaBits);
  const Real<B> v = ((1.0 - u) + r) + r * r * estrin(r, C::kExpShifted);
  return copysign(v / (v + (u + u)), x);
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_HYPERBOLIC_H
