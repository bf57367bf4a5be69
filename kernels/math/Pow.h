// pow, cbrt and hypot.
#ifndef ACIE_KERNELS_MATH_POW_H
#define ACIE_KERNELS_MATH_POW_H

#include "kernels/math/Exp.h"
#include "kernels/math/Log.h"
#include "kernels/math/Rounding.h"

namespace acie::math {

// An unevaluated sum high + low with |low| <= ulp(high)/2.
template <class B>
struct Pair {
  Real<B> high, low;
};

// a + b exactly, for |a| >= |b| (Dekker 1971).
template <class B>
Pair<B> fastTwoSum(Real<B> a, Real<B> b) {
  const Real<B> sum = a + b;
  return {sum, b - (sum - a)};
}

// a * b exactly, barring underflow.
template <class B>
Pair<B> twoProduct(Real<B> a, Real<B> b) {
  const Real<B> product = a * b;
  return {product, fma(a, b, -product)};
}

// log(x) to about 12 bits more than the format holds, for positive finite x:
// log(m) = 2s + 2/3 s^3 + s^5 P(s^2) with s = (m - 1) / (m + 1) and the first two terms in two parts.
template <class B>
Pair<B> logPair(Real<B> x) {
  using C = Coefficients<B::kBits>;
  const auto [k, m] = decompose(x);
  const Real<B> f = m - 1.0;
  const Real<B> d = m + 1.0;
  const Real<B> dLow = m - (d - 1.0);
  const Real<B> reciprocal = 1.0 / d;
  const Real<B> s = f * reciprocal;
  const Real<B> sLow = fma(-s, dLow, fma(-s, d, f)) * reciprocal;
  const auto [z, zProductLow] = twoProduct(s, s);
  const Real<B> zLow = fma(s + s, sLow, zProductLow);
  const auto [cube, cubeProductLow] = twoProduct(s, z);
  const Real<B> cubeLow = cubeProductLow + fma(s, zLow, sLow * z);
  const Real<B> third = cube * C::kTwoThirds;
  const Real<B> thirdLow =
      fma(cube, C::kTwoThirds, -third) + fma(cube, C::kTwoThirdsRest, cubeLow * C::kTwoThirds);
  const Real<B> tail = cube * z * estrin(z, C::kLogPair);
  const auto [sum, sumLow] = fastTwoSum(s + s, third);
  const auto [high, highLow] = fastTwoSum(k * C::kLn2High, sum);
  const Real<B> rest = fma(k, C::kLn2Low, highLow + (sumLow + ((sLow + sLow) + (thirdLow + tail))));
  return fastTwoSum(high, rest);
}

// x^y as IEEE 754-2019 section 9.2 defines it, in the whole range.
template <class B>
Real<B> pow(Real<B> x, Real<B> y) {
  using C = Coefficients<B::kBits>;
  constexpr double span = B::kBits == 64 ? 1200 : 160;  // beyond this |y log x| over- or underflows
  const Real<B> a = abs(x);
  const auto [log, logLow] = logPair(a);
  const Real<B> logOrSpecial = select((a > 0.0) & (a < kInfinity), log, select(a == 0.0, -kInfinity, a));
  const Real<B> product = y * logOrSpecial;
  const Real<B> productLow = fma(y, log, -product) + y * logLow;
  const Real<B> low = select(abs(product) < span, productLow, 0.0);
  const Real<B> clamped = clampBelow(clampAbove(product, kExpHigh<B::kBits>), kExpLow<B::kBits>);
  const auto [n, r, shifted] = reduceLn2(clamped, 2 * Format<B::kBits>::kBias);
  const Real<B> rest = fma(n, -C::kLn2Low, fma(n, -C::kLn2High, clamped) - r) + low;
  const Real<B> magnitude = scaleByShifted(expOfSum(r, rest), n, shifted);

  // A negative base takes integral exponents only and gives odd ones its sign; infinity counts as even.
  const Mask<B> integral = round(y) == y;
  const Real<B> halfY = y * 0.5;
  const Mask<B> odd = integral & (round(halfY) != halfY);
  const Real<B> withSign = select(odd, copysign(magnitude, x), magnitude);
  const Mask<B> undefined = (x < 0.0) & (x > -kInfinity) & !(integral | isnan(y));
  const Real<B> value = select(undefined, kNaN, withSign);
  const Mask<B> one = (x == 1.0) | (y == 0.0) | ((x == -1.0) & (abs(y) == kInfinity));
  return select(one, 1.0, value);
}

// The real cube root: two steps of Halley's iteration from a fitted start, on v in [sqrt(1/8), sqrt(8)] with
// x = 2^(3q) v.
template <class B>
Real<B> cbrt(Real<B> x) {
  using C = Coefficients<B::kBits>;
  constexpr int mantissaBits = Format<B::kBits>::kMantissaBits;
  const Real<B> a = abs(x);
  const auto [k, m] = decompose(a);
  // q = round(k / 3); k / 3 is never a tie, and the remainder -1, 0 or 1 scales m.
  const Real<B> shifted = fma(k, 1.0 / 3, Format<B::kBits>::kRoundMagic + Format<B::kBits>::kBias);
  const Real<B> q = shifted - (Format<B::kBits>::kRoundMagic + Format<B::kBits>::kBias);
  const Real<B> remainder = fma(q, -3.0, k);
  const Real<B> v = m * select(remainder == 0.0, 1.0, select(remainder > 0.0, 2.0, x.of(0.5)));
  Real<B> t = estrin(v, C::kCbrt);
  for (int step = 0; step < 2; ++step) {
    // Halley's step; t^3 - v is formed in two parts, because it cancels.
    const auto [square, squareLow] = twoProduct(t, t);
    const Real<B> residual = fma(square, t, -v) + squareLow * t;
    t = t - t * residual / fma(square + square, t, v);
  }
  const Real<B> root = t * frombits(bits(shifted) << mantissaBits);
  return select((x == 0.0) | !(a < kInfinity), x, copysign(root, x));
}

// sqrt(x^2 + y^2) without overflow or underflow on the way; infinite if either operand is.
template <class B>
Real<B> hypot(Real<B> x, Real<B> y) {
  constexpr double big = B::kBits == 64 ? 0x1p500 : 0x1p60;
  const Real<B> ax = abs(x);
  const Real<B> ay = abs(y);
  const Mask<B> swapped = ay > ax;
  const Real<B> high = select(swapped, ay, ax);
  const Real<B> low = select(swapped, ax, ay);
  const Mask<B> large = high > big;
  const Mask<B> small = high < 1.0 / big;
  const Real<B> scale = select(large, 1.0 / (big * big), select(small, big * big, x.of(1)));
  const Real<B> unscale = select(large, big * big, select(small, 1.0 / (big * big), x.of(1)));
  const Real<B> h = high * scale;
  const Real<B> l = low * scale;
  const auto [square, squareLow] = twoProduct(h, h);
  const Real<B> value = sqrt(square + fma(l, l, squareLow)) * unscale;
  return select((ax == kInfinity) | (ay == kInfinity), kInfinity, value);
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_POW_H
