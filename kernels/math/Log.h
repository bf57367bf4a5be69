// log and what is built from its reduction.
#ifndef ACIE_KERNELS_MATH_LOG_H
#define ACIE_KERNELS_MATH_LOG_H

#include "kernels/math/Coefficients.h"
#include "kernels/math/Value.h"

namespace acie::math {

// x = 2^k m with sqrt(1/2) <= m < sqrt(2), for positive finite x, subnormal ones included.
template <class B>
struct Decomposition {
  Real<B> k, m;
};

template <class B>
Decomposition<B> decompose(Real<B> x) {
  constexpr int mantissaBits = Format<B::kBits>::kMantissaBits;
  constexpr int64_t one = int64_t{Format<B::kBits>::kBias} << mantissaBits;
  constexpr int64_t sqrtHalf = B::kBits == 64 ? 0x3fe6a09e667f3bcd : 0x3f3504f3;
  constexpr double twoToMantissa = B::kBits == 64 ? 0x1p52 : 0x1p23;
  constexpr int64_t twoToMantissaBits = one + (int64_t{mantissaBits} << mantissaBits);
  constexpr int up = mantissaBits + 2;
  constexpr double upFactor = B::kBits == 64 ? 0x1p54 : 0x1p25;
  const Mask<B> subnormal = x < Format<B::kBits>::kMinNormal;
  const Int<B> b = bits(select(subnormal, x * upFactor, x)) + (one - sqrtHalf);
  const Real<B> m = frombits((b & Format<B::kBits>::kMantissaMask) + sqrtHalf);
  // The biased exponent becomes a number by being put under the mantissa of 2^kMantissaBits.
  const Real<B> biased = frombits((b >> mantissaBits) | twoToMantissaBits);
  const double offset = twoToMantissa + Format<B::kBits>::kBias;
  return {biased - select(subnormal, offset + up, offset), m};
}

// log(1 + f) = f - (square - s (square + R)) with s = f / (2 + f), square = f^2/2; this is the bracket's
// subtrahend s (square + R(s^2)), for sqrt(1/2) <= 1 + f <= sqrt(2).
template <class B>
Real<B> logTail(Real<B> f, Real<B> square) {
  const Real<B> s = f / (f + 2.0);
  const Real<B> z = s * s;
  return s * fma(z, estrin(z, Coefficients<B::kBits>::kLog), square);
}

// log at 0, negative, infinite and NaN arguments, given its value elsewhere.
template <class B>
Real<B> logSpecial(Real<B> x, Real<B> value) {
  value = select(x == kInfinity, x, value);
  return select(x > 0.0, value, select(x == 0.0, -kInfinity, kNaN));
}

template <class B>
Real<B> log(Real<B> x) {
  using C = Coefficients<B::kBits>;
  const auto [k, m] = decompose(x);
  const Real<B> f = m - 1.0;
  const Real<B> square = f * f * 0.5;
  const Real<B> low = fma(k, C::kLn2Low, logTail(f, square));
  return logSpecial(x, fma(k, C::kLn2High, f - (square - low)));
}

// log(1 + x): 1 + x is rounded to u = 2^k m, and what rounding lost is put back to first order.
template <class B>
Real<B> log1p(Real<B> x) {
  using C = Coefficients<B::kBits>;
  constexpr int64_t one = int64_t{Format<B::kBits>::kBias} << Format<B::kBits>::kMantissaBits;
  constexpr double noLoss = B::kBits == 64 ? 0x1p60 : 0x1p30;
  const Real<B> u = x + 1.0;
  const Real<B> back = u - 1.0;
  const Real<B> lost = (1.0 - (u - back)) + (x - back);
  const auto [k, m] = decompose(u);
  const Real<B> f = m - 1.0;
  const Real<B> scale = frombits((bits(m) - bits(u)) + one);  // 2^-k
  const Real<B> fLow = select(x < noLoss, lost * scale, 0.0);
  const Real<B> square = f * f * 0.5;
  // d log(1 + f) = df / (1 + f), the quotient expanded: df is half a unit in the last place at most.
  const Real<B> correction = fma(fLow, fma(f, f, -f), fLow);
  const Real<B> low = fma(k, C::kLn2Low, logTail(f, square)) + correction;
  const Real<B> value = fma(k, C::kLn2High, f - (square - low));
  const Real<B> result =
      select(x == kInfinity, x, select(x > -1.0, value, select(x == -1.0, -kInfinity, kNaN)));
  return select(x == 0.0, x, result);
}

// log(x) * (factor + factorRest) + k * (unit + unitRest) with x = 2^k m: the logarithm of m and the product
// are carried in two parts, so that exact powers give exact results.
template <class B>
Real<B> logToBase(Real<B> x, double factor, double factorRest, double unit, double unitRest) {
  const auto [k, m] = decompose(x);
  const Real<B> f = m - 1.0;
  const Real<B> squareDouble = f * f;
  const Real<B> square = squareDouble * 0.5;
  const Real<B> squareRest = fma(f, f, -squareDouble) * 0.5;
  const Real<B> high = f - square;
  const Real<B> low = ((f - high) - square) + (logTail(f, square) - squareRest);
  const Real<B> product = high * factor;
  const Real<B> productLow = fma(high, factor, -product) + fma(low, factor, high * factorRest);
  const Real<B> whole = k * unit;
  const Real<B> sum = whole + product;
  const Real<B> sumLow = (whole - sum) + product;  // |whole| >= |product| unless k = 0
  return logSpecial(x, sum + (sumLow + fma(k, unitRest, productLow)));
}

template <class B>
Real<B> log2(Real<B> x) {
  using C = Coefficients<B::kBits>;
  return logToBase(x, C::kLog2e, C::kLog2eRest, 1.0, 0.0);
}

template <class B>
Real<B> log10(Real<B> x) {
  using C = Coefficients<B::kBits>;
  return logToBase(x, C::kLog10e, C::kLog10eRest, C::kLog10Of2High, C::kLog10Of2Low);
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_LOG_H
