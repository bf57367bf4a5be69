// A variable that no equation, law, constraint or query mentions. What an unused variable mentions counts: one warning
// per chain is enough.
#include <set>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Analysis/Undetermined.h"

namespace acie::sema {
namespace {

using Used = absl::flat_hash_set<const Variable*>;

void add(Used& used, const std::vector<const Expr*>& roots) {
  for (const Expr* reference : references(roots)) used.insert(reference->variable);
}

void add_model(Used& used, const Model& model) {
  for (const Variable* variable : model.variables) {
    add(used, {variable->equation, variable->support.low, variable->support.high});
  }
  for (const Constraint* constraint : model.constraints) {
    for (const ConstraintRow& row : constraint->rows) add(used, {row.residual});
  }
}

void add_query(Used& used, const Query& query) {
  for (const Evidence& evidence : query.evidence) used.insert(evidence.variable);
  for (const Output& output : query.outputs) add(used, {output.value});
  for (const World& world : query.worlds) {
    for (const Intervention& intervention : world.interventions) {
      used.insert(intervention.target);
      add(used, {intervention.value});
    }
  }
}

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
  Used used;
  absl::flat_hash_set<const Model*> queried;
  for (const Model* model : program.models) add_model(used, *model);
  for (const Query* query : program.queries) {
    add_query(used, *query);
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
