// Characters and operators that the language does not have, and what to write instead.
#pragma once

#include "antlr4-runtime.h"
#include "compiler/Support/Diagnostic.h"

namespace acie::syntax {

/// What becomes of a token after a lexical error: read as `type`, or left out where that is 0.
struct Mended {
  size_t type = 0;
};

/// True for the token types that stand for a lexical error.
bool is_lexical_error(size_t type);

/// Reports `token` (one of those types) at `at`. `next` is the character after it, 0 at the end of the text.
Mended report_lexical_error(const antlr4::Token& token, Span at, char next, DiagnosticEngine& diagnostics);

}  // namespace acie::syntax
