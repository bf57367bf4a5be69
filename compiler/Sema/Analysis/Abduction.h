// Abduction: which noises the evidence determines, and from which equation each is recovered.
//
// Starting from what is known in the factual world (inputs, evidence, values set per run), an equation of a known
// variable with exactly one unknown is solved for it, until nothing changes. The unknown is a noise, or a variable that
// is not given but follows from a noiseless child (log_mass from a given mass = 10^log_mass); such a variable is then
// as good as given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "compiler/Sema/Analysis/Invertibility.h"
#include "compiler/Sema/Analysis/WorldGraph.h"

namespace acie::sema {

class Abduction {
 public:
  Abduction(const WorldGraph& graph, const Ranges& ranges);

  /// Whether the factual value follows from the evidence.
  bool known(const Variable* variable) const { return known_.contains(variable); }
  /// How the noise or variable is recovered; null where it is not.
  const Recovery* recovery(const Variable* variable) const;
  /// All recoveries, each computable from the ones before it.
  const std::vector<Recovery>& recoveries() const { return recoveries_; }
  /// Known variables whose equations were not used to recover anything although all in them is known: the evidence
  /// speaks of them twice.
  std::vector<const Variable*> overdetermined() const;

  /// Solved equations whose inverse gives a number even for values the equation cannot take: they must hold.
  bool needs_check(const Variable* variable) const { return checked_.contains(variable); }
  /// Parents and noises of the variable's equation that are not known.
  std::vector<const Variable*> unknowns(const Variable* variable) const;
  /// Known without its own equation: given, or deduced from a child.
  bool anchored(const Variable* variable) const { return anchored_.contains(variable); }

  /// The factual values that a recovered noise or variable is computed from. False if it is not recovered.
  bool inputs_of(const Variable* variable, std::vector<Node>& inputs) const;

 private:
  void order();
  void visit(const Variable* variable);
  void compute(const Variable* variable);
  bool solve(const Variable* variable, bool for_variables);
  bool solve_together();
  void learn(const Variable* variable);

  const WorldGraph& graph_;
  const Ranges& ranges_;
  absl::flat_hash_set<const Variable*> known_;
  absl::flat_hash_set<const Variable*> anchored_;
  absl::flat_hash_set<const Variable*> spent_;     // equations that have been solved for something
  absl::flat_hash_set<const Variable*> checked_;   // of those, the ones to put the solution back into
  absl::flat_hash_map<const Variable*, int> recovery_of_;
  std::vector<Recovery> recoveries_;
  absl::flat_hash_map<const Variable*, std::vector<const Variable*>> users_;
  // Parents first, then by name: which of several equations determines a shared noise does not depend on the order in
  // which the program declares them.
  std::vector<const Variable*> ordered_;
  std::vector<int> rank_;  // by Variable::index: place in ordered_
  std::vector<bool> queued_;
  std::vector<int> queue_;  // a heap of ranks
};

}  // namespace acie::sema
