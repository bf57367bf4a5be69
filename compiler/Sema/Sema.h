// From the syntax tree to the checked program.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/Sema/ExpressionTypes.h"
#include "compiler/Sema/Modules.h"
#include "compiler/Sema/Program.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"
#include "compiler/Syntax/AST.h"

namespace acie::sema {

struct Analysed {
  std::unique_ptr<Program> program;       // sound only if no error was reported
  std::vector<std::string> dependencies;  // files read besides the main one
  units::UnitTable units;                 // units the program knows
  std::optional<ModuleSet> modules;       // the files it consists of; none if one could not be loaded
  std::vector<std::shared_ptr<const void>> parts;  // of a program checked in parts: what it refers to
  std::shared_ptr<const TypeLookup> types;  // of a program checked in parts; else they are where SemaOptions::types says
};

/// Checks everything that can be checked before running and takes every decision; reports all errors it can find.
/// `main` and what is imported must outlive the result's spans only.
Analysed analyze(const syntax::File& main, SourceManager& sources, syntax::AstContext& context,
                 DiagnosticEngine& diagnostics, const SemaOptions& options);

/// The same for modules that are loaded already.
void analyze(Analysed& result, const syntax::File& main, const SourceManager& sources, DiagnosticEngine& diagnostics, const SemaOptions& options);

}  // namespace acie::sema
