// Opinions: what is correct and yet probably not meant. Reported (A09xx) only with --pedantic. One check per file.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "compiler/Sema/ExpressionTypes.h"
#include "compiler/Sema/Program.h"
#include "compiler/Sema/Symbols.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"

namespace acie::sema {

/// A declaration of the program's own file that leaves no trace in the checked program, as the front saw it.
struct DeclarationUse {
  std::string kind;  // "constant", "function", "intervention"
  std::string name;
  Span span;  // of the name
  bool used = false;
};

/// What the checks read: the checked program and, for what it no longer shows, the file as written.
struct PedanticSubject {
  const Program& program;
  std::vector<DeclarationUse> declarations;
  /// The file that is compiled; opinions are about its text alone. Null in tests of checks that read the program alone;
  /// then those that read text have nothing to say.
  const Module* module = nullptr;
  const SourceManager* sources = nullptr;
  const TypeLookup* types = nullptr;
  /// Whether something referred to a syntax::Decl or syntax::ImportedName.
  std::function<bool(const void*)> is_used = nullptr;
  /// False where only a part of the program is checked, and the text of the file is looked at apart from that.
  bool read_text = true;

  /// The declarations whose text is looked at.
  absl::Span<syntax::Decl* const> texts() const {
    return module != nullptr && read_text ? absl::MakeConstSpan(module->file->declarations) : absl::Span<syntax::Decl* const>();
  }
};

struct PedanticCheck {
  Code code;
  const char* what;  // one line: what it warns of
  void (*run)(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
};

/// Every check, in the order in which they run.
absl::Span<const PedanticCheck> pedantic_checks();

/// Runs every check on a program whose queries have been analysed.
void check_pedantic(const PedanticSubject& subject, DiagnosticEngine& diagnostics);

void check_unused_declarations(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_unused_slots(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_unused_parameters(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_unused_variables(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_unused_worlds(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_unneeded_evidence(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_colliders(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_idle_constraints(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_unused_imports(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_shadowing(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_float_equality(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_constant_conditions(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_redundant_conversions(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_repeated_operands(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_ineffective_interventions(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_zero_divisors(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_domains(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_returned_evidence(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_idle_bounds(const PedanticSubject& subject, DiagnosticEngine& diagnostics);
void check_undecrypted_secrets(const PedanticSubject& subject, DiagnosticEngine& diagnostics);

}  // namespace acie::sema
