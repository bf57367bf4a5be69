// What has to be computed for what a query returns: the part of all worlds that its results can reach.
#pragma once

#include <functional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "compiler/Sema/Analysis/WorldGraph.h"

namespace acie::sema {

class Relevance {
 public:
  /// What a factual value or a noise is computed from beyond the world graph: its recovery, or its law. Appends and
  /// returns true where it takes the place of the world graph's own dependencies.
  using Abduction = std::function<bool(const Node&, std::vector<Node>&)>;

  Relevance(const WorldGraph& graph, Abduction abduction) : graph_(graph), abduction_(std::move(abduction)) {}

  /// Adds the node and all that it depends on.
  void require(Node node);
  /// Adds all that an expression reads, its kThisWorld references taken in `world`.
  void require(const Expr* expr, WorldId world);

  bool contains(Node node) const { return reached_.contains(graph_.resolve(node)); }
  bool needs_noise(const Variable* exo) const { return contains({exo, kFactual, false}); }
  /// Everything required so far, dependencies first (as far as there are no cycles).
  const std::vector<Node>& nodes() const { return nodes_; }

  /// What `node`, resolved, is computed from in one step.
  std::vector<Node> inputs_of(const Node& node) const;

 private:
  const WorldGraph& graph_;
  Abduction abduction_;
  absl::flat_hash_set<Node> reached_;
  std::vector<Node> nodes_;
};

}  // namespace acie::sema
