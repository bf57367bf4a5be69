// Text to syntax tree.
#pragma once

#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"
#include "compiler/Syntax/AST.h"

namespace acie::syntax {

/// Parses one loaded file. Returns null after errors (reported to `diagnostics`): there is no partial tree. The nodes live
/// in `context`.
File* parse(const SourceManager& sources, uint32_t file, AstContext& context, DiagnosticEngine& diagnostics);

}  // namespace acie::syntax
