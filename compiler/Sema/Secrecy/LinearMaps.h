// Routines that are linear in a tensor, as products with a matrix: what makes Σ coefficient · element of it can be done under
// encryption. The matrix is what the routine makes of the identity.
#pragma once

#include <optional>

#include "compiler/Sema/Builder.h"

namespace acie::sema {

/// Which operand `routine` is linear in; nothing where it is in none.
std::optional<size_t> linear_operand(const Expr& routine);

/// The matrix of a routine, whatever stands for its linear operand; a constant one where the routine has no other operand.
const Expr* matrix_of(const Expr& routine, Builder& builder);

/// What the routine makes of `of`, from its matrix.
const Expr* product_with(const Expr* matrix, const Expr& routine, const Expr* of, Builder& builder);

}  // namespace acie::sema
