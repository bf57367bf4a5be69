#include "compiler/Sema/Analysis/Pedantic/Pedantic.h"

namespace acie::sema {

void check_pedantic(const Program& program, const std::vector<DeclarationUse>& declarations,
                    DiagnosticEngine& diagnostics) {
  check_unused_declarations(declarations, diagnostics);
  check_unused_slots(program, diagnostics);
  check_unused_variables(program, diagnostics);
  for (const Model* model : program.models) check_idle_constraints(*model, diagnostics);
  for (const Query* query : program.queries) {
    check_unused_worlds(*query, diagnostics);
    check_unneeded_evidence(*query, diagnostics);
    check_colliders(*query, diagnostics);
  }
}

}  // namespace acie::sema
