// Opinions: what is correct and yet probably not meant. Reported (A09xx) only with --pedantic. One check per file.
#pragma once

#include <string>
#include <vector>

#include "compiler/Sema/Program.h"
#include "compiler/Support/Diagnostic.h"

namespace acie::sema {

/// A declaration of the program's own file that leaves no trace in the checked program, as the front saw it.
struct DeclarationUse {
  std::string kind;  // "constant", "function", "intervention"
  std::string name;
  Span span;  // of the name
  bool used = false;
};

/// Runs every check on a program whose queries have been analysed.
void check_pedantic(const Program& program, const std::vector<DeclarationUse>& declarations,
                    DiagnosticEngine& diagnostics);

void check_unused_declarations(const std::vector<DeclarationUse>& declarations, DiagnosticEngine& diagnostics);  // A0901
void check_unused_slots(const Program& program, DiagnosticEngine& diagnostics);        // A0901: arguments, learn
void check_unused_variables(const Program& program, DiagnosticEngine& diagnostics);    // A0902: var, exo, input
void check_unused_worlds(const Query& query, DiagnosticEngine& diagnostics);           // A0903
void check_unneeded_evidence(const Query& query, DiagnosticEngine& diagnostics);       // A0904
void check_colliders(const Query& query, DiagnosticEngine& diagnostics);               // A0905
void check_idle_constraints(const Model& model, DiagnosticEngine& diagnostics);        // A0906

}  // namespace acie::sema
