// Constant folding: an operation on constants becomes the constant that the compiled kernel would compute, bit for bit.
#pragma once

#include <optional>

#include "compiler/Sema/Program.h"

namespace acie::sema {

/// The constant that `apply` (an Apply node) is, or nullopt.
std::optional<Expr> fold(const Expr& apply);

}  // namespace acie::sema
