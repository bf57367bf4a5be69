// Keeps the trees of imported files from one analysis to the next: the standard library is parsed once.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"
#include "compiler/lsp/SyntaxCache.h"

namespace acie::lsp {

class ModuleCache {
 public:
  /// The tree of a loaded file: parsed now, unless its text is that of last time and it has the same number. `used` is given
  /// what owns the tree. Null after reporting.
  const syntax::File* parse(SourceManager& sources, uint32_t file, DiagnosticEngine& diagnostics, std::vector<std::shared_ptr<const ParsedDeclaration>>& used);

 private:
  struct Entry {
    std::string text;
    std::shared_ptr<const ParsedDeclaration> parsed;
  };
  std::map<std::pair<std::string, uint32_t>, Entry> known_;  // by path and number
};

}  // namespace acie::lsp
