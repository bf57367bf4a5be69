// Abduction: which noises the evidence determines, and from which equation each is recovered.
//
// Starting from what is known in the factual world (inputs, evidence, values set per run), an equation of a known
// variable with exactly one unknown is solved for it, until nothing changes. The unknown is a noise, or a variable that
// is not given but follows from a noiseless child (log_mass from a given mass = 10^log_mass); such a variable is then
// as good as given. Where an equation has parents that are not known, their equations take their places: sum(s) is linear in
// the noise that all elements of s share.
//
// What remains are equations of several noises. Where these are normal and the equations linear in them, they are conditioned
// on the evidence together (Conditioning.h), and drawn; noise that no equation of known variables holds is as its law says.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "compiler/Sema/Analysis/Invertibility.h"
#include "compiler/Sema/Analysis/WorldGraph.h"

namespace acie::sema {

class Abduction {
 public:
  Abduction(const WorldGraph& graph, const Ranges& ranges, Program& program);

  /// Whether the factual value follows from the evidence, or, drawn, from what is drawn.
  bool known(const Variable* variable) const { return known_.contains(variable); }
  /// Whether it follows without anything that is drawn.
  bool settled(const Variable* variable) const { return settled_.contains(variable); }
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

  /// Noise of which no known variable's equation speaks: the evidence leaves it as its law says.
  bool untouched(const Variable* noise) const { return !touched_.contains(noise); }
  /// Noise that was conditioned and is drawn.
  bool conditioned(const Variable* noise) const;
  /// Equations of known variables with unknowns that no equation is solved for, each with these.
  const std::vector<std::pair<const Variable*, std::vector<const Variable*>>>& open_equations() const { return open_; }
  /// The equation of a known variable with those of parents that are not known in their places; its own where all are.
  const Variable& composed(const Variable* variable) const;

  /// The factual values that a recovered noise or variable is computed from. False if it is not recovered.
  bool inputs_of(const Variable* variable, std::vector<Node>& inputs) const;

 private:
  void order();
  void visit(const Variable* variable);
  void compute(const Variable* variable);
  bool solve(const Variable* variable, bool for_variables);
  bool solve_for(const Variable* variable, const Variable* composed, const Variable* unknown);
  const Variable* best_equation(const Variable* variable, const Variable* noise) const;
  bool solve_composed();
  bool solve_together(bool composed);
  void condition();
  const Variable* compose(const Variable* variable);
  void learn(const Variable* variable);

  const WorldGraph& graph_;
  const Ranges& ranges_;
  Program& program_;
  absl::flat_hash_map<const Variable*, const Variable*> composed_;  // of the last round, by the variable that is known
  absl::flat_hash_set<const Variable*> touched_;
  std::vector<std::pair<const Variable*, std::vector<const Variable*>>> open_;
  absl::flat_hash_set<const Variable*> known_, settled_;
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
