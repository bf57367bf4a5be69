// Loops written out, a step's expressions after those of the step before. What computes on ciphertexts has no loops: a party's
// program is a list of steps, and what a step may do depends on what it is made of.
#pragma once

#include "compiler/Sema/Builder.h"

namespace acie::sema {

/// The same value without loops. Null after reporting a loop that has too many steps for it.
const Expr* written_out(const Expr* expr, Builder& builder);

}  // namespace acie::sema
