// The syntax tree as indented text, for --emit=ast and tests. The form is stable: one node a line, children indented.
#pragma once

#include <string>

#include "compiler/Syntax/AST.h"

namespace acie::syntax {

std::string print(const File& file);
/// One line, fully bracketed: `(+ 1 (* 2 x))`.
std::string print(const Expr& expr);
std::string print(const Type& type);

}  // namespace acie::syntax
