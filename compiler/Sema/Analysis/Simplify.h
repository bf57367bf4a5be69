// Folding what is true or false by its form, so that tautologies and contradictions are never sampled.
#pragma once

#include <optional>

#include "compiler/Sema/Analysis/WorldGraph.h"
#include "compiler/Sema/Program.h"

namespace acie::sema {

/// `expr` with comparisons of equal expressions, and the logic above them, replaced by their truth: `y <= y` and `exp(y) > 0` are
/// true, `a and not a` is false. A variable that a world leaves unchanged equals its factual self. Values are taken as numbers:
/// where one is NaN the row is undefined anyway.
const Expr* simplify(const Expr* expr, const WorldGraph& graph, Program& program);

/// The truth of a constant bool; nullopt for everything else.
std::optional<bool> constant_truth(const Expr* expr);

}  // namespace acie::sema
