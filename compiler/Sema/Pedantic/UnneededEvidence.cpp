// Evidence that no result, constraint or consistency check reads: an empty cell in its column costs a row for nothing.
#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Analysis/Relevance.h"

namespace acie::sema {
namespace {

void check(const Query& query, DiagnosticEngine& diagnostics) {
  WorldGraph graph(query);
  absl::flat_hash_map<const Variable*, const Recovery*> recoveries;
  for (const Recovery& recovery : query.recoveries) recoveries[recovery.noise] = &recovery;
  Relevance needed(graph, [&](const Node& node, std::vector<Node>& inputs) {
    auto found = recoveries.find(node.variable);
    if (node.world != kFactual || node.natural || found == recoveries.end()) return false;
    const Recovery& recovery = *found->second;
    const std::vector<const Variable*> alone = {&recovery.solved()};
    for (const Variable* from : recovery.equations.empty() ? alone : recovery.equations) {
      inputs.push_back({observed_of(from), kFactual, false});
      for (const Dependency& read : WorldGraph::reads(from->equation, kFactual)) {
        const auto& solved = recovery.unknowns;
        if (read.target.variable != node.variable && std::find(solved.begin(), solved.end(), read.target.variable) == solved.end()) inputs.push_back(read.target);
      }
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
  // Of a vector, some elements are enough.
  absl::flat_hash_set<uint64_t> useful;
  const auto place = [](Span span) { return uint64_t{span.begin} << 32 | span.end; };
  for (const Evidence& evidence : query.evidence) {
    if (needed.contains({evidence.variable, kFactual, false})) useful.insert(place(evidence.span));
  }
  for (const Evidence& evidence : query.evidence) {
    if (!useful.insert(place(evidence.span)).second) continue;
    const std::string name = evidence.variable->name.substr(0, evidence.variable->name.find('['));
    diagnostics.report(Code::A0904, evidence.span, absl::StrCat("no result depends on the value of `", name, "`"))
        .note(evidence.value == nullptr ? "yet a row in which its cell is empty is bad input"
                                        : "the answer is the same without it");
  }
}

}  // namespace

void check_unneeded_evidence(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  for (const Query* query : subject.program.queries) check(*query, diagnostics);
}

}  // namespace acie::sema
