// Operations on tensors of constants, computed while compiling by the kernels that the run would use: the same bits.
#pragma once

#include <optional>
#include <vector>

#include "compiler/Sema/Program.h"

namespace acie::sema {

/// The elements of a Fold, Contract, Gather, Concat or Routine of constants; nullopt where an operand is none, where the work
/// is the run's (a product of more than 2^30 terms), or where there is no result, which is the run's to say.
std::optional<std::vector<double>> fold_tensor(const Expr& expr);

}  // namespace acie::sema
