// Where the value of each variable in each world of a query comes from, and on what it depends.
//
// Worlds share the noise. In world w the value of x is
//   * the value of an intervention on x in w, if there is one;
//   * the evidence, if w is factual and x is given;
//   * x's factual value, if nothing that x depends on is intervened on in w;
//   * else x's equation over the values in w and the shared noise.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compiler/Sema/Program.h"

namespace acie::sema {

enum class Origin : uint8_t {
  Noise,         // an exogenous variable: the same in every world
  Input,         // a known covariate
  Evidence,      // a given variable
  Intervention,  // set by a `do`
  Factual,       // the same as in the factual world
  Equation       // computed from its parents in this world
};

/// The value of `variable` in `world`; `natural`: what its own equation gives there although a `do` sets it.
struct Node {
  const Variable* variable = nullptr;
  WorldId world = kFactual;
  bool natural = false;

  bool operator==(const Node&) const = default;
  template <class H>
  friend H AbslHashValue(H h, const Node& n) {
    return H::combine(std::move(h), n.variable, n.world, n.natural);
  }
};

/// `node` depends on `target`, mentioned at `where`.
struct Dependency {
  Node target;
  Span where;
};

class WorldGraph {
 public:
  /// `query.model` must be ordered. The query's worlds and evidence must not change while the graph is in use.
  explicit WorldGraph(const Query& query);

  const Query& query() const { return query_; }

  Origin origin(const Node& node) const;
  const Intervention* intervention(WorldId world, const Variable* variable) const;
  const Evidence* evidence(const Variable* variable) const;
  /// No ancestor of `variable` in `world`, nor itself, is intervened on.
  bool unchanged(WorldId world, const Variable* variable) const;

  /// What the value is computed from, one step. Noises have none here: where they come from is the business of
  /// abduction.
  std::vector<Dependency> dependencies(const Node& node) const;
  /// The nodes an expression reads, its kThisWorld references taken in `world`.
  static std::vector<Dependency> reads(const Expr* expr, WorldId world);

  /// The node itself, or the factual one where the two are the same value.
  Node resolve(Node node) const;

 private:
  bool parents_unchanged(WorldId world, const Variable* variable) const;

  const Query& query_;
  absl::flat_hash_map<std::pair<WorldId, const Variable*>, const Intervention*> interventions_;
  absl::flat_hash_map<const Variable*, const Evidence*> evidence_;
  std::vector<std::vector<bool>> unchanged_;  // [world][variable index]
};

}  // namespace acie::sema
