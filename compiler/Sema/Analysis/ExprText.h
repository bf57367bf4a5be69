// Expressions as a reader of the program would write them, for messages and plans.
#pragma once

#include <string>

#include "compiler/Sema/Program.h"

namespace acie::sema {

/// `expr` in the language's notation. Parts nested deeper than `depth` operations are written `…`. Where `focus` is
/// given, only the parts that mention it are written out: "… + 0.3 * u_sfr".
std::string to_text(const Expr* expr, const Variable* focus = nullptr, int depth = 6);

/// A number as short as it can be read back.
std::string number_text(double value);

/// "y", "control.y", "factual.y": a variable as a query names it in `world`.
std::string in_world(const Query& query, WorldId world, const Variable* variable);

}  // namespace acie::sema
