#include "compiler/Sema/Pedantic/Roots.h"

namespace acie::sema {

std::vector<const Expr*> roots_of(const Program& program) {
  std::vector<const Expr*> roots;
  for (const Model* model : program.models) {
    for (const Variable* variable : model->variables) {
      roots.insert(roots.end(), {variable->equation, variable->support.low, variable->support.high});
    }
    for (const Constraint* constraint : model->constraints) {
      for (const ConstraintRow& row : constraint->rows) roots.push_back(row.residual);
    }
  }
  for (const Query* query : program.queries) {
    for (const Output& output : query->outputs) roots.push_back(output.value);
    for (const World& world : query->worlds) {
      for (const Intervention& intervention : world.interventions) roots.push_back(intervention.value);
    }
  }
  return roots;
}

}  // namespace acie::sema
