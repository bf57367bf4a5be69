// Normal noises that the evidence does not determine, and says something about: given linear equations they are normal again.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "compiler/Sema/Analysis/LinearBlocks.h"
#include "compiler/Sema/Program.h"

namespace acie::sema {

/// Blocks of `equations`, known variables each with its unknowns, that can be conditioned on: every equation that speaks of a
/// block's unknowns is in it and linear in them, and they are normal. A block of vectors has one equation, linear element by
/// element. Equations that say what others do are left out of the block.
std::vector<LinearBlock> normal_blocks(const std::vector<std::pair<const Variable*, std::vector<const Variable*>>>& equations);

/// Why `noise` is in none of these: words about an equation of its block, or one of the block's noises. Empty where it is, or
/// where no equation speaks of it.
std::string why_not_normal(const std::vector<std::pair<const Variable*, std::vector<const Variable*>>>& equations, const Variable* noise);

}  // namespace acie::sema
