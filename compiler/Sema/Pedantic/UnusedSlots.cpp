// Arguments of queries and `learn`s of models that nothing computes with.
#include <set>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {
namespace {

using Used = absl::flat_hash_set<const Slot*>;

void add(Used& used, const std::vector<const Expr*>& roots) {
  for (const Expr* node : postorder(roots)) {
    if (node->slot != nullptr) used.insert(node->slot);
  }
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
  for (const Evidence& evidence : query.evidence) used.insert(evidence.value);
  for (const Output& output : query.outputs) add(used, {output.value});
  for (const World& world : query.worlds) {
    for (const Intervention& intervention : world.interventions) add(used, {intervention.value});
  }
}

}  // namespace

void check_unused_slots(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  const Program& program = subject.program;
  Used used;
  for (const Model* model : program.models) add_model(used, *model);
  for (const Query* query : program.queries) add_query(used, *query);
  // A vector is used if one of its elements is.
  std::set<std::pair<uint32_t, uint32_t>> seen;
  for (const Slot* slot : used) {
    if (slot != nullptr) seen.emplace(slot->span.file, slot->span.begin);
  }
  auto report = [&](const char* kind, const Slot& slot) {
    if (!used.contains(&slot) && seen.emplace(slot.span.file, slot.span.begin).second) {
      diagnostics.report(Code::A0901, slot.span, absl::StrCat(kind, " `", slot.name.substr(0, slot.name.find('[')), "` is never used"));
    }
  };
  for (const Model* model : program.models) {
    for (const Slot* slot : model->slots) report("learnt parameter", *slot);
  }
  for (const Query* query : program.queries) {
    for (const Slot* slot : query->arguments) report("argument", *slot);
  }
}

}  // namespace acie::sema
