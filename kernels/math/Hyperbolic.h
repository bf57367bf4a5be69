// Hyperbolic functions and their inverses, the logistic function and its logarithms.
#ifndef ACIE_KERNELS_MATH_HYPERBOLIC_H
#define ACIE_KERNELS_MATH_HYPERBOLIC_H

#include "kernels/math/Exp.h"
#include "kernels/math/Log.h"

namespace acie::math {

// Below this a function that is x + O(x^3) is x to the last bit.
template <int Bits>
inline constexpr double kCubicTiny = Bits == 64 ? 0x1p-28 : 0x1p-13;

// tanh rounds 2a / ln 2 - kTanhShift to n.
inline constexpr double kTanhShift = 0.2213;

// tanh(a) = v / (v + 2u) with 2a = n ln 2 + r, u = 2^-n, v = (1 - u) + (e^r - 1): one exponential and one
// division.
//
// v is e^r - 1 itself where n = 0, which keeps small arguments accurate; r is taken from [-0.19, 0.5], so
// that v does not cancel where n = 1. Errors of v count by 2u / (v + 2u): they fade as tanh nears 1.
template <class B>
Real<B> tanh(Real<B> x) {
  using C = Coefficients<B::kBits>;
  constexpr int bias = Format<B::kBits>::kBias;
  constexpr double saturation =
      B::kBits == 64 ? 22 : 10;  // 1 - tanh is less than half a unit in the last place
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

// e^a = 2^n (1 + p) for a >= 0, and u = 2^-n (0 where it no longer counts).
template <class B>
struct ExpOfMagnitude {
  Real<B> n, r, tail, u;
  Int<B> shiftedDown;  // the low bits hold (n - 1) + 2 * bias
};

template <class B>
ExpOfMagnitude<B> expOfMagnitude(Real<B> a) {
  constexpr int bias = Format<B::kBits>::kBias;
  constexpr int mantissaBits = Format<B::kBits>::kMantissaBits;
  const auto [n, r, shifted] = reduceLn2(clampAbove(a, kExpHigh<B::kBits> + 2), 2 * bias);
  const Real<B> inverse = frombits((shifted.of(3 * bias) - shifted) << mantissaBits);
  const Real<B> u = select(n > mantissaBits + 3.0, 0.0, inverse);
  return {n - 1.0, r, expTail(r), u, shifted - 1};
}

// sinh(a) = 2^(n-1) (s + u s / (s + u)) with s = (1 - u) + (e^r - 1) = 2^-n (e^a - 1).
template <class B>
Real<B> sinh(Real<B> x) {
  const auto [nDown, r, tail, u, shifted] = expOfMagnitude(abs(x));
  const Real<B> s = ((1.0 - u) + r) + tail;
  const Real<B> value = scaleByShifted(fma(u, s / (s + u), s), nDown, shifted);
  // Halving loses the last bit of subnormal arguments.
  return select(abs(x) < kCubicTiny<B::kBits>, x, copysign(value, x));
}

// cosh(a) = 2^(n-1) (e + u^2 / e) with e = e^r.
template <class B>
Real<B> cosh(Real<B> x) {
  const auto [nDown, r, tail, u, shifted] = expOfMagnitude(abs(x));
  const Real<B> e = 1.0 + (r + tail);
  return scaleByShifted(e + u * u / e, nDown, shifted);
}

// Beyond this log1p(a) + ln 2 is asinh(a) and acosh(a) to the last bit.
template <int Bits>
inline constexpr double kAreaLarge = Bits == 64 ? 0x1p54 : 0x1p25;

template <class B>
Real<B> asinh(Real<B> x) {
  const Real<B> a = abs(x);
  const Mask<B> large = a > kAreaLarge<B::kBits>;
  const Real<B> square = a * a;
  const Real<B> small = a + square / (1.0 + sqrt(square + 1.0));
  const Real<B> value = log1p(select(large, a, small)) + select(large, 0.6931471805599453, x.of(0));
  return copysign(value, x);
}

template <class B>
Real<B> acosh(Real<B> x) {
  const Mask<B> large = x > kAreaLarge<B::kBits>;
  const Real<B> t = x - 1.0;
  const Real<B> small = t + sqrt(t * (t + 2.0));
  const Real<B> value = log1p(select(large, x, small)) + select(large, 0.6931471805599453, x.of(0));
  return select(x < 1.0, kNaN, value);
}

template <class B>
Real<B> atanh(Real<B> x) {
  const Real<B> a = abs(x);
  const Real<B> value = log1p((a + a) / (1.0 - a)) * 0.5;
  return select(a < kCubicTiny<B::kBits>, x, copysign(value, x));
}

// 1 / (1 + e^-x).
template <class B>
Real<B> sigmoid(Real<B> x) {
  const Real<B> e = exp(-abs(x));
  return select(x < 0.0, e, x.of(1)) / (1.0 + e);
}

// log(x / (1 - x)) = +-log1p(d / a), where a is the smaller of x and 1 - x and d = 1 - 2a: d is exact next to
// 1/2, where the logarithm is small, and 1 - x is exact next to 1. The smallest a are scaled, so that d / a
// is finite.
template <class B>
Real<B> logit(Real<B> x) {
  constexpr double tiny = B::kBits == 64 ? 0x1p-200 : 0x1p-60;
  constexpr int scale = B::kBits == 64 ? 100 : 30;
  const Mask<B> lower = x < 0.5;
  const Real<B> a = select(lower, x + 0.0, 1.0 - x);  // -0 becomes 0
  const Mask<B> small = abs(a) < tiny;
  const Real<B> scaled = select(small, a * (B::kBits == 64 ? 0x1p100 : 0x1p30), a);
  const Real<B> magnitude =
      log1p((1.0 - (a + a)) / scaled) + select(small, scale * 0.6931471805599453, x.of(0));
  return select(lower, -magnitude, magnitude);
}

// log(sigmoid(x)) = min(x, 0) - log(1 + e^-|x|).
template <class B>
Real<B> log_sigmoid(Real<B> x) {
  return clampAbove(x, 0.0) - log1p(exp(-abs(x)));
}

// log(1 + e^x) = -log_sigmoid(-x).
template <class B>
Real<B> softplus(Real<B> x) {
  return clampBelow(x, 0.0) + log1p(exp(-abs(x)));
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_HYPERBOLIC_H
