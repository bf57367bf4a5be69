// Every elementary function by name, for code that maps operation names to expansions.
//
//   if (const auto* f = acie::math::findFunction<MyBackend>("tanh")) result = f->expand(backend, operands);
#ifndef ACIE_KERNELS_MATH_FUNCTIONS_H
#define ACIE_KERNELS_MATH_FUNCTIONS_H

#include <span>
#include <string_view>

#include "kernels/math/Exp.h"
#include "kernels/math/Hyperbolic.h"
#include "kernels/math/Log.h"

// One line per function of one operand; X(name) names the template acie::math::name and the operation alike.
#define ACIE_MATH_UNARY(X) \
  X(exp)                   \
  X(exp2)                  \
  X(expm1)                 \
  X(log)                   \
  X(sqrt)                  \
  X(tanh)

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
#define ACIE_MATH_ENTRY(name) \
  {#name, 1, [](B& b, const F* x) -> F { return acie::math::name(Real<B>{&b, x[0]}).v; }},
  static constexpr Function<B> table[] = {ACIE_MATH_UNARY(ACIE_MATH_ENTRY)};
#undef ACIE_MATH_ENTRY
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
