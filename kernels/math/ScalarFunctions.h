// The elementary functions on doubles, for plain C++ code: acie::math::scalar::exp(x) and so on.
#ifndef ACIE_KERNELS_MATH_SCALARFUNCTIONS_H
#define ACIE_KERNELS_MATH_SCALARFUNCTIONS_H

#include "kernels/math/Functions.h"
#include "kernels/math/ScalarBackend.h"

namespace acie::math::scalar {

#define ACIE_MATH_SCALAR1(name)                             \
  inline double name(double x) {                            \
    Scalar64 backend;                                       \
    return acie::math::name(Real<Scalar64>{&backend, x}).v; \
  }
#define ACIE_MATH_SCALAR2(name)                                                          \
  inline double name(double x, double y) {                                               \
    Scalar64 backend;                                                                    \
    return acie::math::name(Real<Scalar64>{&backend, x}, Real<Scalar64>{&backend, y}).v; \
  }
ACIE_MATH_UNARY(ACIE_MATH_SCALAR1)
ACIE_MATH_BINARY(ACIE_MATH_SCALAR2)
#undef ACIE_MATH_SCALAR1
#undef ACIE_MATH_SCALAR2

}  // namespace acie::math::scalar

#endif  // ACIE_KERNELS_MATH_SCALARFUNCTIONS_H
