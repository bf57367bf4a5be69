// The table of operations that can be undone in one operand, with the others known.
#pragma once

#include <string>

#include "compiler/Sema/Analysis/Ranges.h"
#include "compiler/Sema/Program.h"

namespace acie::sema {

struct OneToOne {
  bool ok = false;
  int direction = 0;      // 1 increasing, -1 decreasing, 0 depends on the other operands
  std::string reason;     // where not ok: why, in words for the user
  std::string help;       // where not ok: what would change that; may be empty
  /// The inverse also gives a number where the operation could not have given its operand (sqrt is never negative, yet
  /// y * y exists for every y): the solution has to be put back into the equation.
  bool check = false;
  bool discrete = false;  // where not ok: the result takes finitely many values or whole numbers
};

/// Whether `node`, an Apply, is one-to-one in operand `operand` wherever it is defined. Every operation accepted here
/// implements InvertibleOpInterface in the Acie dialect (or is arithmetic).
OneToOne one_to_one(const Expr& node, int operand, const Ranges& ranges);

}  // namespace acie::sema
