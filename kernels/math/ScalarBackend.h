// The backend that computes on one number: f64 over double, f32 over float.
#ifndef ACIE_KERNELS_MATH_SCALARBACKEND_H
#define ACIE_KERNELS_MATH_SCALARBACKEND_H

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "kernels/math/Backend.h"

namespace acie::math {

template <class Float>
struct ScalarBackend {
  using F = Float;
  using I = std::conditional_t<sizeof(Float) == 8, uint64_t, uint32_t>;
  using Signed = std::make_signed_t<I>;
  using M = bool;
  static constexpr int kBits = sizeof(Float) * 8;

  static F constant(double x) { return static_cast<F>(x); }
  static I iconstant(int64_t x) { return static_cast<I>(x); }
  static F add(F a, F b) { return a + b; }
  static F sub(F a, F b) { return a - b; }
  static F mul(F a, F b) { return a * b; }
  static F div(F a, F b) { return a / b; }
  static F fma(F a, F b, F c) { return std::fma(a, b, c); }
  static F sqrt(F a) { return std::sqrt(a); }
  static F neg(F a) { return -a; }
  static F abs(F a) { return std::fabs(a); }
  static M lt(F a, F b) { return a < b; }
  static M le(F a, F b) { return a <= b; }
  static M gt(F a, F b) { return a > b; }
  static M ge(F a, F b) { return a >= b; }
  static M eq(F a, F b) { return a == b; }
  static M ne(F a, F b) { return a != b; }
  static M isnan(F a) { return a != a; }
  static F select(M m, F a, F b) { return m ? a : b; }
  static I iselect(M m, I a, I b) { return m ? a : b; }
  static I bits(F a) { return std::bit_cast<I>(a); }
  static F frombits(I a) { return std::bit_cast<F>(a); }
  static I iadd(I a, I b) { return a + b; }
  static I isub(I a, I b) { return a - b; }
  static I iand(I a, I b) { return a & b; }
  static I ior(I a, I b) { return a | b; }
  static I ixor(I a, I b) { return a ^ b; }
  static I shl(I a, int n) { return a << n; }
  static I lshr(I a, int n) { return a >> n; }
  static I ashr(I a, int n) { return static_cast<I>(static_cast<Signed>(a) >> n); }
  static M ieq(I a, I b) { return a == b; }
  static M ilt(I a, I b) { return static_cast<Signed>(a) < static_cast<Signed>(b); }
  static M mand(M a, M b) { return a && b; }
  static M mor(M a, M b) { return a || b; }
  static M mxor(M a, M b) { return a != b; }
  static M mnot(M a) { return !a; }
};

using Scalar64 = ScalarBackend<double>;
using Scalar32 = ScalarBackend<float>;
static_assert(Backend<Scalar64> && Backend<Scalar32>);

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_SCALARBACKEND_H
