// A variable that no equation, law, constraint or query mentions. What an unused variable mentions counts: one warning
// per chain is enough.
#include <set>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Analysis/Undetermined.h"
#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Pedantic/Roots.h"

namespace acie::sema {
namespace {

void report(const Variable& variable, DiagnosticEngine& diagnostics) {
  const std::string name = variable.name.substr(0, variable.name.find('['));
  switch (variable.role) {
    case Variable::Role::Exo:
      diagnostics.report(Code::A0902, variable.span, absl::StrCat(noise_text(&variable), " enters no equation"));
      return;
    case Variable::Role::Input:
      diagnostics.report(Code::A0902, variable.span, absl::StrCat("input `", name, "` is never used"));
      return;
    case Variable::Role::Var:
      diagnostics.report(Code::A0902, variable.span, absl::StrCat("variable `", name, "` is never used"))
          .note("no equation, constraint or query mentions it");
      return;
  }
}

}  // namespace

void check_unused_variables(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  const Program& program = subject.program;
  absl::flat_hash_set<const Variable*> used;
  absl::flat_hash_set<const Model*> queried;
  for (const Expr* reference : references(roots_of(program))) used.insert(reference->variable);
  for (const Query* query : program.queries) {
    for (const Evidence& evidence : query->evidence) used.insert(evidence.variable);
    for (const World& world : query->worlds) {
      for (const Intervention& intervention : world.interventions) used.insert(intervention.target);
    }
    queried.insert(query->model);
  }
  // A vector is used if one of its elements is.
  std::set<std::pair<uint32_t, uint32_t>> seen;
  for (const Variable* variable : used) seen.emplace(variable->span.file, variable->span.begin);
  for (const Model* model : program.models) {
    for (const Variable* variable : model->variables) {
      // A model that nobody asks yet, as in a library, has outcomes that nothing mentions.
      bool outcome = variable->role == Variable::Role::Var && !queried.contains(model);
      if (!outcome && !used.contains(variable) && seen.emplace(variable->span.file, variable->span.begin).second) report(*variable, diagnostics);
    }
  }
}

}  // namespace acie::sema
