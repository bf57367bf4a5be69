// A world that neither the results nor a world they use mention.
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {
namespace {

void check(const Query& query, DiagnosticEngine& diagnostics) {
  // Constraints are checked in the worlds that `return` reads, so these are the ones as written, before simplification.
  std::set<WorldId> used(query.constraint_worlds.begin(), query.constraint_worlds.end());
  std::vector<WorldId> open(used.begin(), used.end());
  while (!open.empty()) {
    WorldId world = open.back();
    open.pop_back();
    for (const Intervention& intervention : query.worlds[world].interventions) {
      for (const Expr* reference : references(intervention.value)) {
        if (reference->world > kFactual && used.insert(reference->world).second) open.push_back(reference->world);
      }
    }
  }
  for (WorldId world = 1; world < static_cast<WorldId>(query.worlds.size()); ++world) {
    if (used.contains(world)) continue;
    const std::string& name = query.worlds[world].name;
    diagnostics
        .report(Code::A0903, query.worlds[world].span,
                name.empty() ? "the query's own `do` changes nothing that is returned"
                             : absl::StrCat("world `", name, "` is never used"))
        .note(name.empty() ? "every result names another world" : "no result and no other world reads its values");
  }
}

}  // namespace

void check_unused_worlds(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  for (const Query* query : subject.program.queries) check(*query, diagnostics);
}

}  // namespace acie::sema
