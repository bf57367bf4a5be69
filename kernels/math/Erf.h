// The error function, its complement, and the normal distribution's CDF and quantile.
#ifndef ACIE_KERNELS_MATH_ERF_H
#define ACIE_KERNELS_MATH_ERF_H

#include "kernels/math/Exp.h"
#include "kernels/math/Log.h"

namespace acie::math {

// factor * erfc(x) e^(x^2 - square - squareLow) for x >= 0, without overflow or underflow on the way.
//
// (x + c) erfcx(x) is smooth on [0, inf) and becomes a polynomial in t = (x - c) / (x + c). The square is
// passed in two parts, because an error of it is an error of the result that many times over.
template <class B>
Real<B> erfcTail(Real<B> x, Real<B> square, Real<B> squareLow, double factor) {
  using C = Coefficients<B::kBits>;
  const Real<B> reciprocal = 1.0 / (x + C::kErfcCentre);
  const Real<B> quotient = (x - C::kErfcCentre) * reciprocal;
  // What rounding made of the quotient and of the reciprocal, from residuals without the rounding of the
  // sums.
  const Real<B> residual = fma(x, 1.0 - quotient, (1.0 + quotient) * -C::kErfcCentre);
  const Real<B> t = fma(residual, reciprocal, quotient);
  const Real<B> missing = fma(-reciprocal, x, fma(reciprocal, -C::kErfcCentre, 1.0));
  const Real<B> smooth = estrin(t, C::kErfc) * (reciprocal * factor);
  const Real<B> scaled = select(x == 0.0, factor, fma(smooth, missing, smooth));  // erfc(0) is 1, exactly
  const Real<B> argument = clampBelow(-square, kExpLow<B::kBits>);
  const auto [n, r, shifted] = reduceLn2(argument, 2 * Format<B::kBits>::kBias);
  const Real<B> lost = fma(n, -C::kLn2Low, fma(n, -C::kLn2High, argument) - r) - squareLow;
  const Real<B> rest = select(square < -kExpLow<B::kBits>, lost, 0.0);
  return scaleByShifted(expOfSum(r, rest) * scaled, n, shifted);
}

// Where erfc vanishes for good.
template <int Bits>
inline constexpr double kErfcEnd = Bits == 64 ? 27.5 : 10.5;

template <class B>
Real<B> erfcOfMagnitude(Real<B> a) {
  const Real<B> x = clampAbove(a, kErfcEnd<B::kBits>);
  const Real<B> square = x * x;
  return erfcTail(x, square, fma(x, x, -square), 1.0);
}

template <class B>
Real<B> erfc(Real<B> x) {
  const Real<B> tail = erfcOfMagnitude(abs(x));
  return select(x < 0.0, 2.0 - tail, tail);
}

template <class B>
Real<B> erf(Real<B> x) {
  constexpr double split = 0.9;
  const Real<B> a = abs(x);
  const Real<B> z = x * x;
  using C = Coefficients<B::kBits>;
  const Real<B> small = fma(x, estrin(z, C::kErf), x);
  return select(a < split, small, copysign(1.0 - erfcOfMagnitude(a), x));
}

// The probability that a standard normal variable is at most x: erfc(-x / sqrt 2) / 2.
template <class B>
Real<B> norm_cdf(Real<B> x) {
  constexpr double end = B::kBits == 64 ? 38.9 : 14.8;
  const Real<B> a = clampAbove(abs(x), end);
  const Real<B> square = a * a;
  const Real<B> squareLow = fma(a, a, -square);
  const Real<B> tail = erfcTail(a * 0.7071067811865476, square * 0.5, squareLow * 0.5, 0.5);
  return select(x > 0.0, 1.0 - tail, tail);
}

// The x with norm_cdf(x) = p: -inf at 0, inf at 1, NaN outside.
//
// As in Wichura's AS 241 (Applied Statistics 37, 1988): q = p - 1/2 times a rational function of q^2 in the
// middle, a rational function of r = sqrt(-2 log min(p, 1 - p)) in the tails; fitted here, one tail instead
// of two.
template <class B>
Real<B> norm_quantile(Real<B> p) {
  using C = Coefficients<B::kBits>;
  constexpr double middle = 0.425;
  const Real<B> q = p - 0.5;
  const Mask<B> central = abs(q) <= middle;
  const Real<B> z = fma(-q, q, middle * middle);
  const Real<B> tailProbability = select(q < 0.0, p, 1.0 - p);
  const Real<B> r = sqrt(log(tailProbability) * -2.0);
  const Real<B> s = r - C::kQuantileTailStart;
  const Real<B> numerator = select(central, q * estrin(z, C::kQuantileTop), estrin(s, C::kQuantileTailTop));
  const Real<B> denominator =
      select(central, estrin(z, C::kQuantileBottom), estrin(s, C::kQuantileTailBottom));
  const Real<B> ratio = numerator / denominator;
  const Real<B> value = select(central, ratio, copysign(ratio, q));
  const Real<B> end = select(q < 0.0, -kInfinity, q.of(kInfinity));
  const Mask<B> inside = (p > 0.0) & (p < 1.0);
  return select(inside, value, select((p == 0.0) | (p == 1.0), end, kNaN));
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_ERF_H
