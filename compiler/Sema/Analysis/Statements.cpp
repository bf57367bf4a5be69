#include "compiler/Sema/Analysis/Statements.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/Cycles.h"
#include "compiler/Sema/Analysis/ExprText.h"
#include "compiler/Sema/Analysis/Undetermined.h"

namespace acie::sema {
namespace {

std::string world_text(const World& world) {
  return world.name.empty() ? "the query's own world" : absl::StrCat("world `", world.name, "`");
}

void check_evidence(const Query& query, DiagnosticEngine& diagnostics) {
  absl::flat_hash_map<const Variable*, Span> first;
  for (const Evidence& evidence : query.evidence) {
    const std::string name = name_text(evidence.variable);
    if (evidence.variable->role == Variable::Role::Exo) {
      diagnostics.report(Code::A0503, evidence.span, absl::StrCat(noise_text(evidence.variable), " is given as evidence"))
          .label(evidence.variable->span, "declared as noise: nobody observes it")
          .note(absl::StrCat("if it is measured, declare it as `input ", name, "` (a known covariate) or `var ", name,
                             " ~ ...` (observed, with a law)"));
    }
    auto [found, fresh] = first.try_emplace(evidence.variable, evidence.span);
    if (fresh) continue;
    diagnostics.report(Code::A0502, evidence.span, absl::StrCat("`", name, "` is given twice"))
        .label(found->second, "given here already")
        .note("a variable has one value in the factual world: keep one of the two");
  }
}

void check_interventions(const Query& query, DiagnosticEngine& diagnostics) {
  for (const World& world : query.worlds) {
    absl::flat_hash_map<const Variable*, Span> first;
    for (const Intervention& intervention : world.interventions) {
      const std::string& name = intervention.target->name;
      if (intervention.target->role == Variable::Role::Exo) {
        diagnostics.report(Code::A0422, intervention.span, absl::StrCat("`do` sets ", noise_text(intervention.target)))
            .label(intervention.target->span, "declared as noise: all worlds share it")
            .note("an intervention replaces the equation of a `var` or the value of an `input`; set the variable that this noise enters");
      }
      auto [found, fresh] = first.try_emplace(intervention.target, intervention.span);
      if (fresh) continue;
      diagnostics.report(Code::A0421, intervention.span, absl::StrCat("`", name, "` is set twice in ", world_text(world)))
          .label(found->second, "set here already")
          .note("the order of statements means nothing, so one `do` per variable and world: branch with `if` inside it");
    }
  }
}

void check_world_names(const Query& query, DiagnosticEngine& diagnostics) {
  absl::flat_hash_map<std::string, Span> first;
  for (const World& world : query.worlds) {
    auto [found, fresh] = first.try_emplace(world.name, world.span);
    if (fresh) continue;
    bool factual = world.name == query.worlds.front().name;
    auto error = diagnostics.report(Code::A0423, world.span, absl::StrCat("two worlds are named `", world.name, "`"));
    if (factual) {
      error.note("`factual` is the world of the evidence; it is always there and cannot be changed");
    } else {
      error.label(found->second, "the first one").note("put all the `do` of one world in one block, or choose another name");
    }
  }
}

/// The nodes of all worlds that can be part of a cycle: those that some intervention reaches.
class NodeTable {
 public:
  explicit NodeTable(const WorldGraph& graph) : graph_(graph) {
    const Query& query = graph.query();
    for (WorldId world = 1; world < static_cast<WorldId>(query.worlds.size()); ++world) {
      for (const Variable* variable : query.model->variables) number(graph.resolve({variable, world, false}));
    }
    for (size_t i = 0; i < nodes_.size(); ++i) {  // grows: natural values are found on the way
      std::vector<int> edges;
      for (const Dependency& dependency : graph.dependencies(nodes_[i])) {
        Node target = graph.resolve(dependency.target);
        if (target.world != kFactual) edges.push_back(number(target));
      }
      edges_.push_back(std::move(edges));
    }
  }

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<int>& edges(int node) const { return edges_[node]; }
  Span edge_span(int from, int to) const {
    for (const Dependency& dependency : graph_.dependencies(nodes_[from])) {
      if (graph_.resolve(dependency.target) == nodes_[to]) return dependency.where;
    }
    return nodes_[from].variable->span;
  }

 private:
  int number(const Node& node) {
    auto [found, fresh] = numbers_.try_emplace(node, static_cast<int>(nodes_.size()));
    if (fresh) nodes_.push_back(node);
    return found->second;
  }

  const WorldGraph& graph_;
  std::vector<Node> nodes_;
  absl::flat_hash_map<Node, int> numbers_;
  std::vector<std::vector<int>> edges_;
};

std::string node_text(const Query& query, const Node& node) {
  std::string name = in_world(query, node.world, node.variable);
  return node.natural ? absl::StrCat("natural ", name) : name;
}

}  // namespace

bool check_statements(const Query& query, DiagnosticEngine& diagnostics) {
  size_t errors = diagnostics.error_count();
  check_evidence(query, diagnostics);
  check_interventions(query, diagnostics);
  check_world_names(query, diagnostics);
  return diagnostics.error_count() == errors;
}

bool check_world_cycles(const WorldGraph& graph, DiagnosticEngine& diagnostics) {
  const Query& query = graph.query();
  NodeTable table(graph);
  Ordering ordering =
      depth_first(static_cast<int>(table.nodes().size()), [&](int i) -> const auto& { return table.edges(i); });
  for (const std::vector<int>& cycle : ordering.cycles) {
    auto name = [&](int i) { return node_text(query, table.nodes()[i]); };
    std::string arrows = name(cycle.front());
    for (auto it = cycle.rbegin(); it != cycle.rend(); ++it) absl::StrAppend(&arrows, " → ", name(*it));
    bool across = false;
    const Intervention* cause = nullptr;
    for (int i : cycle) {
      const Node& node = table.nodes()[i];
      across = across || node.world != table.nodes()[cycle.front()].world;
      if (cause == nullptr && !node.natural) cause = graph.intervention(node.world, node.variable);
    }
    auto error = diagnostics.report(Code::A0420, cause != nullptr ? cause->span : query.span,
                                    absl::StrCat("the interventions close a cycle: ", arrows));
    for (size_t k = 0; k < cycle.size(); ++k) {
      int effect = cycle[k], target = cycle[(k + 1) % cycle.size()];
      error.label(table.edge_span(effect, target),
                  absl::StrCat("`", name(effect), "` depends on `", name(target), "` here"));
    }
    error.note(across ? "worlds may use each other's values as long as no value depends on itself"
                      : "set the variable from values that do not depend on it, or from another world, such as `factual`");
  }
  return ordering.cycles.empty();
}

}  // namespace acie::sema
