// The files of a program: the main one, what it imports, and the library that is always there.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/Sema/Symbols.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"
#include "compiler/Syntax/AST.h"

namespace acie::sema {

class ExpressionTypes;

struct SemaOptions {
  std::vector<std::string> include_dirs;  // where imports are looked for, after the importing file's folder
  std::string stdlib_dir;                 // where std.* is
  bool pedantic = false;
  /// Parses imported files, for editors, which keep their trees; null: syntax::parse.
  std::function<const syntax::File*(SourceManager&, uint32_t file, syntax::AstContext&, DiagnosticEngine&)> parse;
  ExpressionTypes* types = nullptr;  // for editors: filled with what expressions turn out to be
};

struct ModuleSet {
  std::vector<std::unique_ptr<Module>> modules;  // the main one before those it imports
  const Module* main = nullptr;
  std::vector<const Module*> prelude;  // std.dist, std.math: in scope everywhere
  std::vector<std::string> files;      // read besides the main one, the library's left out
  bool complete = true;                // false after an error: names may be missing whose absence is no news
};

/// `-I` folders, then those of the environment variable ACIE_PATH (separated by colons).
std::vector<std::string> search_path(std::vector<std::string> include_dirs);

/// Loads everything `main` needs, as far as it can be found and read; reports the rest. nullopt without the standard library.
std::optional<ModuleSet> load_modules(const syntax::File& main, SourceManager& sources, syntax::AstContext& context,
                                      DiagnosticEngine& diagnostics, const SemaOptions& options);

}  // namespace acie::sema
