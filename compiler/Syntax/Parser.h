// Text to syntax tree.
#pragma once

#include <functional>

#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"
#include "compiler/Syntax/AST.h"

namespace antlr4 {
class ParserRuleContext;
}

namespace acie::syntax {

/// Sees the parse tree of each declaration before it is freed, in the order of the text up to the first error: for who needs
/// the tokens' places in it, as the formatter does.
using TreeVisitor = std::function<void(antlr4::ParserRuleContext& declaration)>;

/// Parses one loaded file. Returns null after errors (reported to `diagnostics`): there is no partial tree. The nodes live
/// in `context`.
File* parse(const SourceManager& sources, uint32_t file, AstContext& context, DiagnosticEngine& diagnostics,
            const TreeVisitor& visit = nullptr);

}  // namespace acie::syntax
