// From the parse tree to the roles of tokens: which `-` is a sign, which `{` holds statements, where statements begin.
#pragma once

#include <vector>

#include "compiler/Syntax/Format/Atoms.h"

namespace antlr4 {
class ParserRuleContext;
}

namespace acie::syntax {

/// Fills the roles of the atoms of one declaration from its tree.
void assign_roles(antlr4::ParserRuleContext& declaration, std::vector<Atom>& atoms);

}  // namespace acie::syntax
