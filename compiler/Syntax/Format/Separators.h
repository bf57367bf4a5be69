// Which `;` between statements are needed.
#pragma once

#include <vector>

#include "compiler/Syntax/Format/Atoms.h"

namespace acie::syntax {

/// Sets `separator` of every `;` between statements or declarations; the other roles are known.
void classify_separators(std::vector<Atom>& atoms);

}  // namespace acie::syntax
