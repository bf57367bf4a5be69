// Every expression that a program computes with.
#pragma once

#include <vector>

#include "compiler/Sema/Program.h"

namespace acie::sema {

/// Equations, laws and their supports, constraints, results and what interventions set; some may be null.
std::vector<const Expr*> roots_of(const Program& program);

}  // namespace acie::sema
