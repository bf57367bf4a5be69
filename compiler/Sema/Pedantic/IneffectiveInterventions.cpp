// A `do` on a variable that no result of its world depends on.
#include <map>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/Relevance.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {
namespace {

/// What the results and constraints of a query are computed from, as far as worlds go.
Relevance needed_by(const Query& query, const WorldGraph& graph) {
  Relevance needed(graph, [](const Node&, std::vector<Node>&) { return false; });
  for (const Output& output : query.outputs) needed.require(output.value, kFactual);
  for (const Constraint* constraint : query.constraints) {
    for (const ConstraintRow& row : constraint->rows) {
      for (const WorldId world : query.constraint_worlds) needed.require(row.residual, world);
    }
  }
  return needed;
}

}  // namespace

void check_ineffective_interventions(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  // An intervention that several queries apply, or that sets several elements, does something if it does so anywhere.
  struct Place {
    Span span;
    const Variable* target = nullptr;
    bool effective = false;
  };
  std::map<std::pair<uint32_t, uint32_t>, Place> places;
  for (const Query* query : subject.program.queries) {
    const WorldGraph graph(*query);
    const Relevance needed = needed_by(*query, graph);
    const std::set<WorldId> read(query->constraint_worlds.begin(), query->constraint_worlds.end());
    for (WorldId world = 0; world < static_cast<WorldId>(query->worlds.size()); ++world) {
      for (const Intervention& intervention : query->worlds[world].interventions) {
        Place& place = places[{intervention.span.file, intervention.span.begin}];
        place.span = intervention.span;
        place.target = intervention.target;
        // A world that nothing reads is A0903's business.
        place.effective = place.effective || !read.contains(world) || needed.contains({intervention.target, world, false});
      }
    }
  }
  for (const auto& [at, place] : places) {
    if (place.effective) continue;
    const std::string name = place.target->name.substr(0, place.target->name.find('['));
    diagnostics.report(Code::A0913, place.span, absl::StrCat("no result depends on what this does to `", name, "`"))
        .label(place.target->span, "nothing that is returned follows from it");
  }
}

}  // namespace acie::sema
