// What a party computes in the clear: the functions that Party.h lists, on f64, with the library of `kernels/math`.
#pragma once

#include <span>
#include <vector>

#include "runtime/package/PartyFunctions.h"
#include "runtime/secret/Reals.h"

namespace acie::secret {

struct PlainOperand {
  std::span<const double> values;
  package::Shape shape;
};

/// `function` of operands that fit (package::fits) into a result of `shape`. Positions that `take` is asked for and that do not
/// exist give NaN.
Reals evaluate(package::PlainFunction function, const std::vector<PlainOperand>& operands,
                             const package::Shape& shape);

}  // namespace acie::secret
