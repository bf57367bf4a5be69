// The arithmetic that every elementary function of acie is written over.
//
// A function of kernels/math is one C++ template over a *backend*: an object whose methods are plain
// arithmetic. With ScalarBackend the template computes numbers (constant folding, runtime special functions,
// tests); with the compiler's backend the same template builds vector code. Both give the same bits, because
// a backend may only offer operations whose result IEEE 754 or integer arithmetic fixes completely, and
// because templates have no loops or branches that depend on data.
//
// A backend B is used by reference (it may carry a builder) and provides:
//
//   B::F  a floating-point value of B::kBits bits (64: binary64, 32: binary32), or a vector of them
//   B::I  an integer value of the same width and shape; arithmetic wraps
//   B::M  a truth value of the same shape (F, I and M may be one C++ type)
//   B::kBits
//
//   F constant(double)             the nearest F; infinities and NaN allowed
//   I iconstant(int64_t)           the low kBits bits
//   F add sub mul div (F, F)       IEEE 754, round to nearest even, subnormals kept
//   F fma(F a, F b, F c)           a * b + c with one rounding
//   F sqrt(F)                      correctly rounded
//   F neg(F), abs(F)               sign bit operations
//   M lt le gt ge eq (F, F)        false if an operand is NaN
//   M ne(F, F)                     true if an operand is NaN
//   M isnan(F)
//   F select(M, F, F)              first if the mask is set, else second; neither operand has side effects
//   I iselect(M, I, I)
//   I bits(F)   F frombits(I)      reinterpretation
//   I iadd isub iand ior ixor (I, I)
//   I shl lshr ashr (I, int n)     by a constant, 0 <= n < kBits; no template needs ashr, slow before AVX-512
//   M ieq ilt (I, I)               ilt is signed
//   M mand mor mxor (M, M), mnot(M)
//
// Optional, where the target has an instruction with exactly these results (the templates test for the member
// and otherwise build it from the operations above):
//
//   F floor ceil trunc roundeven (F)   to an integral value; zero keeps the operand's sign
//   F scalb(F p, F n)                  p * 2^n with one rounding, n integral, |n| < 2^(kBits / 4); NaN for
//   NaN
#ifndef ACIE_KERNELS_MATH_BACKEND_H
#define ACIE_KERNELS_MATH_BACKEND_H

#include <concepts>
#include <cstdint>

namespace acie::math {

template <class B>
concept Backend = requires(B b, typename B::F f, typename B::I i, typename B::M m) {
  requires B::kBits == 64 || B::kBits == 32;
  { b.constant(1.0) } -> std::convertible_to<typename B::F>;
  { b.iconstant(int64_t{1}) } -> std::convertible_to<typename B::I>;
  { b.add(f, f) } -> std::convertible_to<typename B::F>;
  { b.sub(f, f) } -> std::convertible_to<typename B::F>;
  { b.mul(f, f) } -> std::convertible_to<typename B::F>;
  { b.div(f, f) } -> std::convertible_to<typename B::F>;
  { b.fma(f, f, f) } -> std::convertible_to<typename B::F>;
  { b.sqrt(f) } -> std::convertible_to<typename B::F>;
  { b.neg(f) } -> std::convertible_to<typename B::F>;
  { b.abs(f) } -> std::convertible_to<typename B::F>;
  { b.lt(f, f) } -> std::convertible_to<typename B::M>;
  { b.le(f, f) } -> std::convertible_to<typename B::M>;
  { b.gt(f, f) } -> std::convertible_to<typename B::M>;
  { b.ge(f, f) } -> std::convertible_to<typename B::M>;
  { b.eq(f, f) } -> std::convertible_to<typename B::M>;
  { b.ne(f, f) } -> std::convertible_to<typename B::M>;
  { b.isnan(f) } -> std::convertible_to<typename B::M>;
  { b.select(m, f, f) } -> std::convertible_to<typename B::F>;
  { b.iselect(m, i, i) } -> std::convertible_to<typename B::I>;
  { b.bits(f) } -> std::convertible_to<typename B::I>;
  { b.frombits(i) } -> std::convertible_to<typename B::F>;
  { b.iadd(i, i) } -> std::convertible_to<typename B::I>;
  { b.isub(i, i) } -> std::convertible_to<typename B::I>;
  { b.iand(i, i) } -> std::convertible_to<typename B::I>;
  { b.ior(i, i) } -> std::convertible_to<typename B::I>;
  { b.ixor(i, i) } -> std::convertible_to<typename B::I>;
  { b.shl(i, 1) } -> std::convertible_to<typename B::I>;
  { b.lshr(i, 1) } -> std::convertible_to<typename B::I>;
  { b.ashr(i, 1) } -> std::convertible_to<typename B::I>;
  { b.ieq(i, i) } -> std::convertible_to<typename B::M>;
  { b.ilt(i, i) } -> std::convertible_to<typename B::M>;
  { b.mand(m, m) } -> std::convertible_to<typename B::M>;
  { b.mor(m, m) } -> std::convertible_to<typename B::M>;
  { b.mxor(m, m) } -> std::convertible_to<typename B::M>;
  { b.mnot(m) } -> std::convertible_to<typename B::M>;
};

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_BACKEND_H
