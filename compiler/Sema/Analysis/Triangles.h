// Which matrices are triangular, as far as their expression says.
#pragma once

#include "compiler/Sema/Program.h"

namespace acie::sema {

enum class Triangle { None, Lower, Upper };

/// Lower: every element above the diagonal is zero, whatever the variables are. Of a matrix `[n, n]`.
Triangle triangle_of(const Expr* matrix);

}  // namespace acie::sema
