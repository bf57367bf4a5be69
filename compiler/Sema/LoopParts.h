// What a step of a loop reads of tensors at its own place.
#pragma once

#include <optional>
#include <vector>

#include "compiler/Sema/Program.h"

namespace acie::sema {

/// Where the elements of `whole`, integers that a loop goes along, lie: as declared, or of constants as they are.
std::optional<Range> range_of_parts(const Expr* whole);

struct LoopParts {
  std::vector<const Expr*> after;  // what a step leaves
  std::vector<const Expr*> bound;  // Bound nodes in it, of the same loop as `place`
  std::vector<const Expr*> over;   // the tensors whose parts they are
};

/// In a loop over 0, 1, … (`whole`, whose part is `place`), `u[i]` of a tensor with as many elements along its first axis is
/// the part of this step: a tensor that the loop goes along says which of its elements a step sees. `after` stays as it is
/// where `whole` counts otherwise.
LoopParts parts_of_steps(std::vector<const Expr*> after, const Expr* place, const Expr* whole, Program& program);

}  // namespace acie::sema
