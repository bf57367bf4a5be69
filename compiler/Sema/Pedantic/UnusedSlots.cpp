// Arguments of queries and `learn`s of models that nothing computes with.
#include <set>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Pedantic/Roots.h"

namespace acie::sema {

void check_unused_slots(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  const Program& program = subject.program;
  absl::flat_hash_set<const Slot*> used;
  for (const Expr* node : postorder(roots_of(program))) {
    if (node->slot != nullptr) used.insert(node->slot);
  }
  for (const Query* query : program.queries) {
    for (const Evidence& evidence : query->evidence) used.insert(evidence.value);
  }
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
