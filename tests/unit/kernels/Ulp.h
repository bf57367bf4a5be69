// Errors in units in the last place, against references computed with MPFR.
#ifndef ACIE_TESTS_UNIT_KERNELS_ULP_H
#define ACIE_TESTS_UNIT_KERNELS_ULP_H

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/math/derive/Mpfr.h"

namespace acie::math {

// |got - reference| in units of the last place that the reference has in the format of T, subnormals
// included. Infinity where only one of the two is NaN or, after rounding, infinite.
template <class T>
double ulpError(T got, const Mp& reference) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  constexpr int digits = std::numeric_limits<T>::digits;
  constexpr int minExponent = std::numeric_limits<T>::min_exponent - digits;
  if (mpfr_nan_p(reference.raw())) return std::isnan(got) ? 0 : inf;
  if (std::isnan(got)) return inf;
  const T rounded =
      sizeof(T) == 8 ? mpfr_get_d(reference.raw(), MPFR_RNDN) : mpfr_get_flt(reference.raw(), MPFR_RNDN);
  if (got == rounded && (std::isinf(got) || got == 0)) return 0;
  if (std::isinf(got))
    return std::isinf(rounded) ? inf
                               : 1 + ulpError(std::copysign(std::numeric_limits<T>::max(), got), reference);
  if (mpfr_inf_p(reference.raw())) return inf;
  const long exponent = mpfr_zero_p(reference.raw())
                            ? minExponent
                            : std::max<long>(mpfr_get_exp(reference.raw()) - digits, minExponent);
  Mp difference = abs(reference - Mp(got));
  mpfr_div_2si(difference.raw(), difference.raw(), exponent, MPFR_RNDN);
  return difference.toDouble();
}

}  // namespace acie::math

#endif  // ACIE_TESTS_UNIT_KERNELS_ULP_H
