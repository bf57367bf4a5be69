// A value type over MPFR, for deriving coefficients and for checking results in tests. Never part of the
// library.
#ifndef ACIE_KERNELS_MATH_DERIVE_MPFR_H
#define ACIE_KERNELS_MATH_DERIVE_MPFR_H

#include <mpfr.h>

#include <utility>

namespace acie::math {

// A binary floating-point number of `kPrecision` bits, rounded to nearest after every operation.
class Mp {
 public:
  static constexpr mpfr_prec_t kPrecision = 320;

  Mp(double x = 0) {
    mpfr_init2(value_, kPrecision);
    mpfr_set_d(value_, x, MPFR_RNDN);
  }
  Mp(const Mp& other) {
    mpfr_init2(value_, kPrecision);
    mpfr_set(value_, other.value_, MPFR_RNDN);
  }
  Mp(Mp&& other) noexcept : Mp() { mpfr_swap(value_, other.value_); }
  ~Mp() { mpfr_clear(value_); }
  Mp& operator=(const Mp& other) {
    mpfr_set(value_, other.value_, MPFR_RNDN);
    return *this;
  }
  Mp& operator=(Mp&& other) noexcept {
    mpfr_swap(value_, other.value_);
    return *this;
  }

  mpfr_ptr raw() { return value_; }
  mpfr_srcptr raw() const { return value_; }
  double toDouble() const { return mpfr_get_d(value_, MPFR_RNDN); }

  friend Mp operator+(const Mp& a, const Mp& b) { return apply(mpfr_add, a, b); }
  friend Mp operator-(const Mp& a, const Mp& b) { return apply(mpfr_sub, a, b); }
  friend Mp operator*(const Mp& a, const Mp& b) { return apply(mpfr_mul, a, b); }
  friend Mp operator/(const Mp& a, const Mp& b) { return apply(mpfr_div, a, b); }
  Mp operator-() const { return apply(mpfr_neg, *this); }
  friend bool operator<(const Mp& a, const Mp& b) { return mpfr_less_p(a.value_, b.value_) != 0; }

  // Calls an MPFR function of one or two operands.
  template <class Fn>
  static Mp apply(Fn fn, const Mp& a) {
    Mp r;
    fn(r.value_, a.value_, MPFR_RNDN);
    return r;
  }
  template <class Fn>
  static Mp apply(Fn fn, const Mp& a, const Mp& b) {
    Mp r;
    fn(r.value_, a.value_, b.value_, MPFR_RNDN);
    return r;
  }

 private:
  mpfr_t value_;
};

inline Mp abs(const Mp& x) { return Mp::apply(mpfr_abs, x); }
inline Mp sqrt(const Mp& x) { return Mp::apply(mpfr_sqrt, x); }
inline Mp exp(const Mp& x) { return Mp::apply(mpfr_exp, x); }
inline Mp expm1(const Mp& x) { return Mp::apply(mpfr_expm1, x); }
inline Mp log(const Mp& x) { return Mp::apply(mpfr_log, x); }
inline Mp sin(const Mp& x) { return Mp::apply(mpfr_sin, x); }
inline Mp cos(const Mp& x) { return Mp::apply(mpfr_cos, x); }
inline Mp asin(const Mp& x) { return Mp::apply(mpfr_asin, x); }
inline Mp atan(const Mp& x) { return Mp::apply(mpfr_atan, x); }
inline Mp atanh(const Mp& x) { return Mp::apply(mpfr_atanh, x); }
inline Mp cbrt(const Mp& x) { return Mp::apply(mpfr_cbrt, x); }
inline Mp erf(const Mp& x) { return Mp::apply(mpfr_erf, x); }
inline Mp erfc(const Mp& x) { return Mp::apply(mpfr_erfc, x); }
inline Mp pi() {
  Mp r;
  mpfr_const_pi(r.raw(), MPFR_RNDN);
  return r;
}
inline Mp ln2() {
  Mp r;
  mpfr_const_log2(r.raw(), MPFR_RNDN);
  return r;
}

// x rounded to the nearest number of `bits` significant bits (no limit on the exponent).
inline Mp roundTo(const Mp& x, int bits) {
  mpfr_t t;
  mpfr_init2(t, bits);
  mpfr_set(t, x.raw(), MPFR_RNDN);
  Mp r;
  mpfr_set(r.raw(), t, MPFR_RNDN);
  mpfr_clear(t);
  return r;
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_DERIVE_MPFR_H
