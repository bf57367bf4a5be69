// Evidence that no result, constraint or consistency check reads: an empty cell in its column costs a row for nothing.
#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/Pedantic/Pedantic.h"
#include "compiler/Sema/Analysis/Relevance.h"

namespace acie::sema {

void check_unneeded_evidence(const Query& query, DiagnosticEngine& diagnostics) {
  WorldGraph graph(query);
  absl::flat_hash_map<const Variable*, const Recovery*> recoveries;
  for (const Recovery& recovery : query.recoveries) recoveries[recovery.noise] = &recovery;
  Relevance needed(graph, [&](const Node& node, std::vector<Node>& inputs) {
    auto found = recoveries.find(node.variable);
    if (node.world != kFactual || node.natural || found == recoveries.end()) return false;
    const Variable* from = found->second->from;
    inputs.push_back({from, kFactual, false});
    for (const Dependency& read : WorldGraph::reads(from->equation, kFactual)) {
      if (read.target.variable != node.variable) inputs.push_back(read.target);
    }
    return true;
  });
  for (const Output& output : query.outputs) needed.require(output.value, kFactual);
  for (const Constraint* constraint : query.constraints) {
    for (const ConstraintRow& row : constraint->rows) {
      for (WorldId world : query.constraint_worlds) needed.require(row.residual, world);
    }
  }
  for (const Variable* variable : query.consistency) {
    needed.require({variable, kFactual, false});
    needed.require(variable->equation, kFactual);
  }
  for (const Evidence& evidence : query.evidence) {
    if (needed.contains({evidence.variable, kFactual, false})) continue;
    diagnostics
        .report(Code::A0904, evidence.span, absl::StrCat("no result depends on the value of `", evidence.variable->name, "`"))
        .note(evidence.value == nullptr ? "yet a row in which its cell is empty is bad input"
                                        : "the answer is the same without it");
  }
}

}  // namespace acie::sema
