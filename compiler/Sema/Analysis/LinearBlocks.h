// Noises that no equation determines alone and several do together: as many equations as unknowns, linear in all of them.
#pragma once

#include <utility>
#include <vector>

#include "compiler/Sema/Program.h"

namespace acie::sema {

/// Equation number i holds unknown number i in a way that all can be matched so.
struct LinearBlock {
  std::vector<const Variable*> equations;
  std::vector<const Variable*> unknowns;
};

/// Blocks among `equations`, known variables each with its unknowns. Equations that are not linear in their unknowns, and those
/// that leave more unknowns than they determine, are left out; blocks share no unknown. The order of `equations` decides which of
/// several that say the same are used.
std::vector<LinearBlock> linear_blocks(std::vector<std::pair<const Variable*, std::vector<const Variable*>>> equations);

/// Whether `equation` is a + Σ b_j u_j for every element, with a and b free of the unknowns u, all of one type with it.
bool is_linear(const Expr* equation, const std::vector<const Variable*>& unknowns);

/// Leaves out equations that say, by their constant coefficients, what those before them do.
void drop_repetitions(std::vector<std::pair<const Variable*, std::vector<const Variable*>>>& equations);

}  // namespace acie::sema
