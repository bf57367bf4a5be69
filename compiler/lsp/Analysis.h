// One version of one document, parsed and checked: a snapshot that never changes, from which requests are answered.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/Sema/CheckCache.h"
#include "compiler/Sema/ExpressionTypes.h"
#include "compiler/Sema/Sema.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/lsp/Index.h"
#include "compiler/lsp/ModuleCache.h"
#include "compiler/lsp/SyntaxCache.h"
#include "compiler/lsp/Text.h"

namespace acie::lsp {

struct AnalysisOptions {
  std::vector<std::string> include_dirs;
  std::string stdlib_dir;
  bool pedantic = true;
};

class Analysis {
 public:
  /// Parses and checks `text` as the file `path`. `unsaved` are texts of other open documents by path: imports read them.
  /// `modules` keeps the trees of imported files. `own` keeps what the last version of this text was parsed to: an analysis
  /// of it is void once a new one has a tree. `checks` keeps what was found in it, declaration by declaration.
  Analysis(const std::string& path, std::string text, const std::map<std::string, std::string>& unsaved, const AnalysisOptions& options,
           ModuleCache* modules = nullptr, SyntaxCache* own = nullptr, sema::CheckCache* checks = nullptr);
  Analysis(const Analysis&) = delete;
  Analysis& operator=(const Analysis&) = delete;

  /// False if there are syntax errors: then only the text and the diagnostics are there.
  bool has_tree() const { return tree_ != nullptr; }
  const syntax::File& tree() const { return *tree_; }
  uint32_t file() const { return file_; }
  const SourceManager& sources() const { return sources_; }
  /// The text of any file that a span can speak of, by lines.
  const Text& text(uint32_t file) const;
  const Text& text() const { return text(file_); }
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  const Index& index() const { return index_; }
  /// The checked program; null without a tree. What was in error is missing in it.
  const sema::Program* program() const { return analysed_.program.get(); }
  const sema::TypeLookup& types() const { return analysed_.types != nullptr ? *analysed_.types : types_; }
  const units::UnitTable& units() const { return analysed_.units; }
  const sema::ModuleSet* modules() const { return analysed_.modules ? &*analysed_.modules : nullptr; }
  /// Files read besides this one, the library's left out.
  const std::vector<std::string>& dependencies() const { return analysed_.dependencies; }

 private:
  SourceManager sources_;
  syntax::AstContext context_;
  std::shared_ptr<const ParsedText> parsed_;  // of the caches
  std::vector<std::shared_ptr<const ParsedDeclaration>> imported_;
  uint32_t file_;
  sema::ExpressionTypes types_;
  const syntax::File* tree_ = nullptr;
  sema::Analysed analysed_;
  std::vector<Diagnostic> diagnostics_;
  Index index_;
  mutable std::map<uint32_t, Text> texts_;
};

/// The text with every top-level declaration that has a syntax error turned into blanks, so that the others can be
/// analysed at their places. Where nothing is left, what every program has is: types, units, the prelude.
std::string without_broken_declarations(const Analysis& broken);

}  // namespace acie::lsp
