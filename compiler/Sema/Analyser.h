// Drives the checking of a program, or of some of its declarations: models, then constraints and queries on them, then the
// causal decisions. `analyze()` has it check everything; CheckCache asks for one unit at a time.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "compiler/Sema/Modules.h"
#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Queries.h"
#include "compiler/Sema/Secrecy/Declarations.h"

namespace acie::sema {

/// The main module, then those it imports itself, in whatever form; the library's only bring names.
std::vector<const Module*> visible_modules(const ModuleSet& modules);

/// Reports what no program can have yet.
void report_not_built(const ModuleSet& modules, DiagnosticEngine& diagnostics);

/// Declarations of the main file that an unused-check asks about.
std::vector<DeclarationUse> declaration_uses(const Module& main, const std::function<bool(const void*)>& is_used);

class Analyser {
 public:
  using Declarations = absl::flat_hash_set<const syntax::Decl*>;

  Analyser(Program& program, const SourceManager& sources, DiagnosticEngine& diagnostics, const ModuleSet& modules, ExpressionTypes* types);

  /// Checks these declarations, with what they refer to; all, and what nothing refers to, where there are none.
  void run(const Declarations* wanted = nullptr);
  /// Checks a function, mechanism or intervention that nothing uses; nothing else has errors of its own left.
  void check_unused(const syntax::Decl& decl, const Module& module);
  /// Opinions about a program without errors.
  void judge();

  Elaborator& elaborator() { return elaborator_; }

 private:
  ModelElaborator* add_model(const syntax::Decl& decl, const Module& module);
  void add_model_of(const syntax::Decl& decl, const Module& module);
  ModelElaborator* find_model(const syntax::Decl& decl, const Module& module);
  void add_constraint(const syntax::Decl& decl, const Module& module);
  void add_query(const syntax::Decl& decl, const Module& module);
  void decide();

  Program& program_;
  const SourceManager& sources_;
  DiagnosticEngine& diagnostics_;
  const ModuleSet& modules_;
  const ExpressionTypes* types_;
  Elaborator elaborator_;
  SecrecyDeclarations secrecy_;
  std::vector<std::unique_ptr<ModelElaborator>> models_;
  std::map<const syntax::Decl*, ModelElaborator*> by_declaration_;
  std::vector<std::unique_ptr<QueryElaborator>> queries_;
};

}  // namespace acie::sema
