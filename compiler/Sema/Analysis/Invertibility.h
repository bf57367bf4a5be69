// Whether an equation can be solved for one of its unknowns, and if not, which operation is in the way.
//
// An equation x = f(parents, u) is solved for u by undoing its operations one by one from the outside. That works where
// u occurs once and every operation on the way to it is one-to-one in that operand, or where u occurs several times but
// only linearly.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/Sema/Analysis/Ranges.h"
#include "compiler/Sema/Program.h"

namespace acie::sema {

/// The operation that prevents solving, and why, in words for the user.
struct Obstacle {
  const Expr* at = nullptr;
  std::string reason;  // a sentence without its full stop
  std::string help;       // what would make it solvable; may be empty
  bool discrete = false;  // the unknown decides between finitely many values: no inverse can exist
  bool repeated = false;  // only in the way because the unknown occurs more than once
  bool mixes = false;     // only in the way because a tensor is one expression
};

struct Inversion {
  /// Operand indices from the root to the unknown, ending early at an `if` that holds the unknown in both branches
  /// (each branch is then solved by itself). Empty where `affine`.
  std::vector<int> path;
  bool affine = false;
  /// 1 increasing in the unknown, -1 decreasing, 0 one-to-one with a direction that depends on the row.
  int direction = 0;
  Interval slope;  // where the equation is linear in the unknown: what its factor can be
  std::string system;  // where a matrix stands before the unknown: how it is solved, in words
  bool check = false;  // the solution has to be put back into the equation, see OneToOne
  std::optional<Obstacle> obstacle;  // set: not invertible, the rest is void

  bool ok() const { return !obstacle.has_value(); }
};

/// Solves `equation` for `unknown`, a variable it mentions; everything else in it counts as known.
Inversion invert(const Expr* equation, const Variable* unknown, const Ranges& ranges);

}  // namespace acie::sema
