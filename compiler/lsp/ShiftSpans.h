// Moves a syntax tree to where its text has moved to.
#pragma once

#include <cstdint>

#include "compiler/Syntax/AST.h"

namespace acie::lsp {

/// Adds `delta` to both ends of every span of the declarations.
void shift_spans(syntax::File& file, int64_t delta);

}  // namespace acie::lsp
