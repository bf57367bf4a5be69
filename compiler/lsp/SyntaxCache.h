// Parses a text declaration by declaration and keeps what was parsed: after an edit only the declarations whose text
// changed are parsed again, the others move to their new places.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/Support/Diagnostic.h"
#include "compiler/Syntax/AST.h"
#include "compiler/lsp/Outline.h"

namespace acie::lsp {

/// A top-level declaration (or what stands on its lines), parsed as a file of its own.
struct ParsedDeclaration {
  syntax::AstContext context;
  syntax::File* file = nullptr;
  int64_t offset = 0;  // where its spans count from
  uint64_t number = 0;  // of no other that the cache ever had
};

/// The tree of a text, with the nodes it consists of.
struct ParsedText {
  syntax::File file;
  std::vector<uint64_t> identities;  // one per declaration: the same number is the same object
  std::vector<std::shared_ptr<ParsedDeclaration>> parts;
};

class SyntaxCache {
 public:
  /// The tree of `text`, of the file with number 0; null if anything is wrong with it. Where the errors are plainly those of
  /// single declarations, or of several side by side, they are reported; else nothing is, and the whole is to be parsed for the
  /// messages. A tree returned before is void once a new one is returned: its nodes have moved. `diagnostics` is empty before.
  std::shared_ptr<ParsedText> parse(std::string_view text, DiagnosticEngine& diagnostics);

  /// How many times the last call parsed a declaration.
  size_t parsed() const { return parsed_; }

 private:
  /// A declaration that cannot be parsed.
  struct Mistake {
    size_t item = 0;
    std::vector<Diagnostic> diagnostics;
    bool local = false;  // nothing behind the declaration can change them
  };
  void report(std::string_view text, const std::vector<OutlineItem>& items, std::vector<Mistake> mistakes, DiagnosticEngine& diagnostics);

  using Parts = std::unordered_multimap<std::string, std::shared_ptr<ParsedDeclaration>>;

  Parts known_;
  size_t parsed_ = 0;
  uint64_t last_number_ = 0;
};

}  // namespace acie::lsp
