// Where lines begin and what white space stands before every atom.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/Syntax/Format/Atoms.h"

namespace acie::syntax {

/// What to write of an atom: nothing (a `;` whose line ends there), or the white space and then it.
struct Placed {
  bool written = false;
  std::string before;
};

/// One for each atom. Line ends are '\n'.
std::vector<Placed> lay_out(std::string_view text, const std::vector<Atom>& atoms);

}  // namespace acie::syntax
