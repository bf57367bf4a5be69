// Operators over backend values, so that the functions of kernels/math read as formulas.
//
// Real<B>, Int<B> and Mask<B> pair a backend's value with the backend. Numbers mixed in are the backend's
// constants.
#ifndef ACIE_KERNELS_MATH_VALUE_H
#define ACIE_KERNELS_MATH_VALUE_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernels/math/Backend.h"

namespace acie::math {

template <class B>
struct Mask {
  B* b;
  typename B::M v;
  friend Mask operator&(Mask x, Mask y) { return {x.b, x.b->mand(x.v, y.v)}; }
  friend Mask operator|(Mask x, Mask y) { return {x.b, x.b->mor(x.v, y.v)}; }
  friend Mask operator^(Mask x, Mask y) { return {x.b, x.b->mxor(x.v, y.v)}; }
  friend Mask operator!(Mask x) { return {x.b, x.b->mnot(x.v)}; }
};

template <class B>
struct Int {
  B* b;
  typename B::I v;
  Int of(int64_t c) const { return {b, b->iconstant(c)}; }
  friend Int operator+(Int x, Int y) { return {x.b, x.b->iadd(x.v, y.v)}; }
  friend Int operator-(Int x, Int y) { return {x.b, x.b->isub(x.v, y.v)}; }
  friend Int operator&(Int x, Int y) { return {x.b, x.b->iand(x.v, y.v)}; }
  friend Int operator|(Int x, Int y) { return {x.b, x.b->ior(x.v, y.v)}; }
  friend Int operator^(Int x, Int y) { return {x.b, x.b->ixor(x.v, y.v)}; }
  friend Int operator+(Int x, int64_t c) { return x + x.of(c); }
  friend Int operator-(Int x, int64_t c) { return x - x.of(c); }
  friend Int operator&(Int x, int64_t c) { return x & x.of(c); }
  friend Int operator|(Int x, int64_t c) { return x | x.of(c); }
  friend Int operator^(Int x, int64_t c) { return x ^ x.of(c); }
  friend Int operator<<(Int x, int n) { return {x.b, x.b->shl(x.v, n)}; }
  friend Int operator>>(Int x, int n) { return {x.b, x.b->lshr(x.v, n)}; }  // logical
  friend Mask<B> operator==(Int x, int64_t c) { return {x.b, x.b->ieq(x.v, x.of(c).v)}; }
  friend Mask<B> operator<(Int x, int64_t c) { return {x.b, x.b->ilt(x.v, x.of(c).v)}; }
};

template <class B>
struct Real {
  B* b;
  typename B::F v;
  Real of(double c) const { return {b, b->constant(c)}; }

  friend Real operator+(Real x, Real y) { return {x.b, x.b->add(x.v, y.v)}; }
  friend Real operator-(Real x, Real y) { return {x.b, x.b->sub(x.v, y.v)}; }
  friend Real operator*(Real x, Real y) { return {x.b, x.b->mul(x.v, y.v)}; }
  friend Real operator/(Real x, Real y) { return {x.b, x.b->div(x.v, y.v)}; }
  friend Real operator-(Real x) { return {x.b, x.b->neg(x.v)}; }
  friend Real operator+(Real x, double c) { return x + x.of(c); }
  friend Real operator-(Real x, double c) { return x - x.of(c); }
  friend Real operator*(Real x, double c) { return x * x.of(c); }
  friend Real operator/(Real x, double c) { return x / x.of(c); }
  friend Real operator+(double c, Real x) { return x.of(c) + x; }
  friend Real operator-(double c, Real x) { return x.of(c) - x; }
  friend Real operator*(double c, Real x) { return x.of(c) * x; }
  friend Real operator/(double c, Real x) { return x.of(c) / x; }

  friend Mask<B> operator<(Real x, Real y) { return {x.b, x.b->lt(x.v, y.v)}; }
  friend Mask<B> operator<=(Real x, Real y) { return {x.b, x.b->le(x.v, y.v)}; }
  friend Mask<B> operator>(Real x, Real y) { return {x.b, x.b->gt(x.v, y.v)}; }
  friend Mask<B> operator>=(Real x, Real y) { return {x.b, x.b->ge(x.v, y.v)}; }
  friend Mask<B> operator==(Real x, Real y) { return {x.b, x.b->eq(x.v, y.v)}; }
  friend Mask<B> operator!=(Real x, Real y) { return {x.b, x.b->ne(x.v, y.v)}; }
  friend Mask<B> operator<(Real x, double c) { return x < x.of(c); }
  friend Mask<B> operator<=(Real x, double c) { return x <= x.of(c); }
  friend Mask<B> operator>(Real x, double c) { return x > x.of(c); }
  friend Mask<B> operator>=(Real x, double c) { return x >= x.of(c); }
  friend Mask<B> operator==(Real x, double c) { return x == x.of(c); }
  friend Mask<B> operator!=(Real x, double c) { return x != x.of(c); }
};

template <class B>
Real<B> fma(Real<B> x, Real<B> y, Real<B> z) {
  return {x.b, x.b->fma(x.v, y.v, z.v)};
}
template <class B>
Real<B> fma(Real<B> x, double y, Real<B> z) {
  return fma(x, x.of(y), z);
}
template <class B>
Real<B> fma(Real<B> x, double y, double z) {
  return fma(x, x.of(y), x.of(z));
}
template <class B>
Real<B> fma(Real<B> x, Real<B> y, double z) {
  return fma(x, y, x.of(z));
}
template <class B>
Real<B> sqrt(Real<B> x) {
  return {x.b, x.b->sqrt(x.v)};
}
template <class B>
Real<B> abs(Real<B> x) {
  return {x.b, x.b->abs(x.v)};
}
template <class B>
Mask<B> isnan(Real<B> x) {
  return {x.b, x.b->isnan(x.v)};
}
template <class B>
Real<B> select(Mask<B> m, Real<B> x, Real<B> y) {
  return {x.b, x.b->select(m.v, x.v, y.v)};
}
template <class B>
Real<B> select(Mask<B> m, Real<B> x, double y) {
  return select(m, x, x.of(y));
}
template <class B>
Real<B> select(Mask<B> m, double x, Real<B> y) {
  return select(m, y.of(x), y);
}
template <class B>
Real<B> select(Mask<B> m, double x, double y) {
  return {m.b, m.b->select(m.v, m.b->constant(x), m.b->constant(y))};
}
template <class B>
Int<B> select(Mask<B> m, Int<B> x, Int<B> y) {
  return {x.b, x.b->iselect(m.v, x.v, y.v)};
}
template <class B>
Int<B> bits(Real<B> x) {
  return {x.b, x.b->bits(x.v)};
}
template <class B>
Real<B> frombits(Int<B> x) {
  return {x.b, x.b->frombits(x.v)};
}

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The parameters of an IEEE binary format that bit manipulations need.
template <int Bits>
struct Format;
template <>
struct Format<64> {
  static constexpr int kMantissaBits = 52;
  static constexpr int kBias = 1023;
  static constexpr int64_t kSignBit = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kMantissaMask = 0x000fffffffffffff;
  static constexpr double kRoundMagic =
      0x1.8p52;  // x + kRoundMagic has the integer nearest x in its low bits
  static constexpr double kMinNormal = 0x1p-1022;
  static constexpr double kMax = 0x1.fffffffffffffp1023;
};
template <>
struct Format<32> {
  static constexpr int kMantissaBits = 23;
  static constexpr int kBias = 127;
  static constexpr int64_t kSignBit = 0x80000000;
  static constexpr int64_t kMantissaMask = 0x007fffff;
  static constexpr double kRoundMagic = 0x1.8p23;
  static constexpr double kMinNormal = 0x1p-126;
  static constexpr double kMax = 0x1.fffffep127;
};

// The smaller (larger) of x and the bound; NaN stays NaN. One instruction on x86.
template <class B>
Real<B> clampAbove(Real<B> x, double bound) {
  return select(x > bound, bound, x);
}
template <class B>
Real<B> clampBelow(Real<B> x, double bound) {
  return select(x < bound, bound, x);
}

// |magnitude| with the sign bit of `sign`.
template <class B>
Real<B> copysign(Real<B> magnitude, Real<B> sign) {
  constexpr int64_t signBit = Format<B::kBits>::kSignBit;
  return frombits(bits(abs(magnitude)) | (bits(sign) & signBit));
}

// c[0] + c[1] x + ..., one fused operation per coefficient: fewest operations, longest latency.
template <class B, size_t N>
Real<B> horner(Real<B> x, const double (&c)[N]) {
  Real<B> r = x.of(c[N - 1]);
  for (size_t i = N - 1; i-- > 0;) r = fma(r, x, c[i]);
  return r;
}

// The same polynomial in blocks of four coefficients joined by powers of x^4: two operations more, a third of
// the latency. Worth it where a chain of equations waits for each result.
template <class B, size_t N>
Real<B> estrin(Real<B> x, const double (&c)[N]) {
  if constexpr (N <= 3) {
    return horner(x, c);
  } else if constexpr (N == 5) {
    // A power less.
    const Real<B> x2 = x * x;
    return fma(fma(x2, c[4], fma(x, c[3], c[2])), x2, fma(x, c[1], c[0]));
  } else {
    const Real<B> x2 = x * x;
    const Real<B> x4 = x2 * x2;
    const auto block = [&](size_t i) {
      const size_t left = N - i;
      Real<B> low = left > 1 ? fma(x, c[i + 1], c[i]) : x.of(c[i]);
      if (left <= 2) return low;
      const Real<B> high = left > 3 ? fma(x, c[i + 3], c[i + 2]) : x.of(c[i + 2]);
      return fma(high, x2, low);
    };
    size_t i = (N - 1) / 4 * 4;
    Real<B> r = block(i);
    while (i > 0) {
      i -= 4;
      r = fma(r, x4, block(i));
    }
    return r;
  }
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_VALUE_H
