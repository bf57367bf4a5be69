// exp, exp2, expm1 and the reduction they share.
#ifndef ACIE_KERNELS_MATH_EXP_H
#define ACIE_KERNELS_MATH_EXP_H

#include "kernels/math/Coefficients.h"
#include "kernels/math/Value.h"

namespace acie::math {

// x = n ln 2 + r with |r| <= ln(2)/2. The low bits of `shifted` hold n + offset, where offset is what it was
// made with.
template <class B>
struct Ln2Reduction {
  Real<B> n, r;
  Int<B> shifted;
};

template <class B>
Ln2Reduction<B> reduceLn2(Real<B> x, int offset) {
  using C = Coefficients<B::kBits>;
  const double magic = Format<B::kBits>::kRoundMagic + offset;
  const Real<B> shifted = fma(x, 1.4426950408889634, magic);
  const Real<B> n = shifted - magic;
  // n * kLn2High is exact, so r carries only the rounding of the last operation.
  return {n, fma(n, -C::kLn2Low, fma(n, -C::kLn2High, x)), bits(shifted)};
}

// (e^r - 1 - r) for |r| <= ln(2)/2.
template <class B>
Real<B> expTail(Real<B> r) {
  return r * r * estrin(r, Coefficients<B::kBits>::kExp);
}

// e^r - 1 for |r| <= ln(2)/2, to less than a unit of 1 + that.
template <class B>
Real<B> expLessOne(Real<B> r) {
  return fma(r * r, estrin(r, Coefficients<B::kBits>::kExp), r);
}

// e^(r + rest) for |r| <= ln(2)/2 and a rest whose square does not count.
template <class B>
Real<B> expOfSum(Real<B> r, Real<B> rest) {
  const Real<B> tail = expTail(r);
  return 1.0 + (r + fma(rest, 1.0 + (r + tail), tail));
}

// p * 2^n with one rounding, where the low bits of `shifted` hold n + 2 * bias and n + 2 * bias > 0: two
// factors, each a normal power of two, so that results overflow and underflow gradually.
template <class B>
Real<B> scaleByShifted(Real<B> p, Real<B> n, Int<B> shifted) {
  if constexpr (requires { p.b->scalb(p.v, n.v); }) {
    return {p.b, p.b->scalb(p.v, n.v)};
  } else {
    constexpr int mantissaBits = Format<B::kBits>::kMantissaBits;
    const Int<B> half = shifted >> 1;
    return p * frombits(half << mantissaBits) * frombits((shifted - half) << mantissaBits);
  }
}

// (1 + y) * 2^n as scaleByShifted has it, for |1 + y| between 1/2 and 2: where that multiplies by two factors, the first joins the sum,
// whose rounding it does not change.
template <class B>
Real<B> scaleOnePlus(Real<B> y, Real<B> n, Int<B> shifted) {
  if constexpr (requires { y.b->scalb(y.v, n.v); }) {
    return scaleByShifted(1.0 + y, n, shifted);
  } else {
    constexpr int mantissaBits = Format<B::kBits>::kMantissaBits;
    const Int<B> half = shifted >> 1;
    const Real<B> factor = frombits(half << mantissaBits);
    return fma(factor, y, factor) * frombits((shifted - half) << mantissaBits);
  }
}

// Arguments beyond these bounds overflow or vanish.
template <int Bits>
inline constexpr double kExpHigh = Bits == 64 ? 710 : 89;
template <int Bits>
inline constexpr double kExpLow = Bits == 64 ? -746 : -105;

template <class B>
Real<B> exp(Real<B> x) {
  x = clampBelow(clampAbove(x, kExpHigh<B::kBits>), kExpLow<B::kBits>);
  const auto [n, r, shifted] = reduceLn2(x, 2 * Format<B::kBits>::kBias);
  return scaleOnePlus(expLessOne(r), n, shifted);
}

// exp of numbers that are not above 0 (or NaN), the same bits for less: as nothing overflows, the second factor is the same for all.
template <class B>
Real<B> expOfNonpositive(Real<B> x) {
  constexpr int raised = B::kBits == 64 ? 512 : 64;  // n + raised is the exponent of a normal number
  constexpr double factor = B::kBits == 64 ? 0x1p-512 : 0x1p-64;
  x = clampBelow(x, kExpLow<B::kBits>);
  const auto [n, r, shifted] = reduceLn2(x, Format<B::kBits>::kBias + raised);
  const Real<B> y = expLessOne(r);
  if constexpr (requires { x.b->scalb(x.v, x.v); }) {
    return {x.b, x.b->scalb((1.0 + y).v, n.v)};
  } else {
    const Real<B> first = frombits(shifted << Format<B::kBits>::kMantissaBits);
    return fma(first, y, first) * factor;
  }
}

// 2^x: the fraction times ln 2 is kept in two parts.
template <class B>
Real<B> exp2(Real<B> x) {
  constexpr double high = B::kBits == 64 ? 1025 : 129;
  constexpr double low = B::kBits == 64 ? -1077 : -152;
  constexpr double magic = Format<B::kBits>::kRoundMagic + 2 * Format<B::kBits>::kBias;
  using C = Coefficients<B::kBits>;
  x = clampBelow(clampAbove(x, high), low);
  const Real<B> shifted = x + magic;
  const Real<B> n = shifted - magic;
  const Real<B> fraction = x - n;
  const Real<B> r = fraction * C::kLn2;
  const Real<B> rLow = fma(fraction, C::kLn2, -r) + fraction * C::kLn2Rest;
  return scaleOnePlus(r + (rLow + expTail(r)), n, bits(shifted));
}

// e^x - 1 = 2^n ((1 - 2^-n) + r + tail). The sum of the first two is exact where it cancels (n = 1, r < 0),
// and is r where n = 0, so that small arguments keep their accuracy.
template <class B>
Real<B> expm1(Real<B> x) {
  using C = Coefficients<B::kBits>;
  constexpr int bias = Format<B::kBits>::kBias;
  constexpr int mantissaBits = Format<B::kBits>::kMantissaBits;
  constexpr double low = -(mantissaBits + 3) * 0.6931471805599453;  // the result is -1 below
  const Real<B> y = clampBelow(clampAbove(x, kExpHigh<B::kBits>), low);
  const auto [n, r, shifted] = reduceLn2(y, 2 * bias);
  const Real<B> rLow = fma(n, -C::kLn2Low, fma(n, -C::kLn2High, y) - r);
  // 2^-n has the exponent 3 bias - (n + 2 bias); beyond n = bias - 1 that is no exponent, and 2^-n counts no
  // more.
  const Real<B> inverse = frombits((shifted.of(3 * bias) - shifted) << mantissaBits);
  const Real<B> reciprocal = select(n > mantissaBits + 3.0, 0.0, inverse);
  const Real<B> sum = ((1.0 - reciprocal) + r) + (rLow + expTail(r));
  return select(x == 0.0, x, scaleByShifted(sum, n, shifted));
}

// 10^x: n / log2(10) is taken off in two parts, the rest times ln 10 is kept in two parts.
template <class B>
Real<B> exp10(Real<B> x) {
  using C = Coefficients<B::kBits>;
  constexpr double high = B::kBits == 64 ? 309 : 39;
  constexpr double low = B::kBits == 64 ? -324.5 : -46;
  constexpr double magic = Format<B::kBits>::kRoundMagic + 2 * Format<B::kBits>::kBias;
  x = clampBelow(clampAbove(x, high), low);
  const Real<B> shifted = fma(x, 3.321928094887362, magic);
  const Real<B> n = shifted - magic;
  const Real<B> exact = fma(n, -C::kLog10Of2High, x);
  const Real<B> part = fma(n, -C::kLog10Of2Low, exact);
  const Real<B> partLow = fma(n, -C::kLog10Of2Low, exact - part);
  const Real<B> r = part * C::kLn10;
  const Real<B> rLow = fma(part, C::kLn10, -r) + fma(part, C::kLn10Rest, partLow * C::kLn10);
  return scaleOnePlus(r + (rLow + expTail(r)), n, bits(shifted));
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_EXP_H
