// Every elementary function by name, for code that maps operation names to expansions.
//
//   if (const auto* f = acie::math::findFunction<MyBackend>("tanh")) result = f->expand(backend, operands);
#ifndef ACIE_KERNELS_MATH_FUNCTIONS_H
#define ACIE_KERNELS_MATH_FUNCTIONS_H

#include <span>
#include <string_view>

#include "kernels/math/Erf.h"
#include "kernels/math/Exp.h"
#include "kernels/math/Hyperbolic.h"
#include "kernels/math/InverseTrig.h"
#include "kernels/math/Log.h"
#include "kernels/math/Pow.h"
#include "kernels/math/Rounding.h"
#include "kernels/math/Trig.h"

// One line per function of one operand (two operands below); X(name) names the template acie::math::name and
// the operation alike.
#define ACIE_MATH_UNARY(X) \
  X(abs)                   \
  X(acos)                  \
  X(acosh)                 \
  X(asin)                  \
  X(asinh)                 \
  X(atan)                  \
  X(atanh)                 \
  X(cbrt)                  \
  X(ceil)                  \
  X(cos)                   \
  X(cosh)                  \
  X(erf)                   \
  X(erfc)                  \
  X(exp)                   \
  X(exp10)                 \
  X(exp2)                  \
  X(expOfNonpositive)      \
  X(expm1)                 \
  X(floor)                 \
  X(log)                   \
  X(log10)                 \
  X(log1p)                 \
  X(log2)                  \
  X(log_sigmoid)           \
  X(logit)                 \
  X(norm_cdf)              \
  X(norm_quantile)         \
  X(round)                 \
  X(sigmoid)               \
  X(sin)                   \
  X(sinh)                  \
  X(softplus)              \
  X(sqrt)                  \
  X(tan)                   \
  X(tanh)                  \
  X(trunc)

#define ACIE_MATH_BINARY(X) \
  X(atan2)                  \
  X(hypot)                  \
  X(max)                    \
  X(min)                    \
  X(mod)                    \
  X(pow)

namespace acie::math {

template <Backend B>
struct Function {
  std::string_view name;
  int arity;
  // Builds (or, for a scalar backend, computes) the function of `arity` operands.
  typename B::F (*expand)(B& backend, const typename B::F* operands);
};

template <Backend B>
std::span<const Function<B>> functions() {
  using F = typename B::F;
#define ACIE_MATH_ENTRY1(name) \
  {#name, 1, [](B& b, const F* x) -> F { return acie::math::name(Real<B>{&b, x[0]}).v; }},
#define ACIE_MATH_ENTRY2(name) \
  {#name, 2, [](B& b, const F* x) -> F { return acie::math::name(Real<B>{&b, x[0]}, Real<B>{&b, x[1]}).v; }},
  static constexpr Function<B> table[] = {ACIE_MATH_UNARY(ACIE_MATH_ENTRY1)
                                              ACIE_MATH_BINARY(ACIE_MATH_ENTRY2)};
#undef ACIE_MATH_ENTRY1
#undef ACIE_MATH_ENTRY2
  return table;
}

// The function of that name, or null.
template <Backend B>
const Function<B>* findFunction(std::string_view name) {
  for (const Function<B>& f : functions<B>())
    if (f.name == name) return &f;
  return nullptr;
}

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_FUNCTIONS_H
