// What the value of `do l[1..] = 0.5 * l[1..]` reads, said of each step: `l` here, `l` so many steps ago, `l` of one step.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "compiler/Sema/Builder.h"
#include "compiler/Sema/Models.h"

namespace acie::sema {

/// A place along one axis of a tensor, at step t: `t + at`, or always `at`.
struct StepPlace {
  bool moves = false;
  int64_t at = 0;
  auto operator<=>(const StepPlace&) const = default;
};

/// Whether a size is at least 1: for every size that the run may find, or for all but those that it then refuses.
bool has_room(ModelElaborator& model, int64_t room);

/// What each step adds to a Fold over steps that all lie before those that read it, so that a loop over the steps can go along:
/// `each`, gathered at its own places, which nothing else is.
const Expr* running_part(Builder& builder, const Expr* each, Span span);

/// Elements of expressions over whole series whose number of steps is read at start, each as what it is at every step: so
/// that a loop over the steps can compute them. `is_set` says of a step-wise place of the series `target` (as numbered among the
/// elements of a vector) whether the `do` sets it: there the bare name is its natural value, elsewhere its value in the world.
class StepReads {
 public:
  /// The steps that the `do` sets: from `low` on; `single`: that one alone.
  StepReads(Builder& builder, ModelElaborator& model, WorldId world, int64_t count, int64_t low, bool single, std::function<bool(const Variable*)> is_set)
      : builder_(builder), model_(model), world_(world), count_(count), low_(low), single_(single), is_set_(std::move(is_set)) {}

  /// Element `place` of `e` at every step, of the shape [count] (or a number, the same at all); null where a step would have
  /// to read what no loop over the steps has: later steps, or all of a series. Exact at the steps that are set, any value
  /// at others.
  const Expr* at(const Expr* e, const std::vector<StepPlace>& place);

 private:
  bool reads_series(const Expr* e);
  const Expr* make(const Expr* e, const std::vector<StepPlace>& place);
  const Expr* of_series(const Variable* series, bool natural, StepPlace step, Span span);
  const Expr* of_others(const Expr* e, const std::vector<StepPlace>& place);
  const Expr* folded(const Expr* e, const std::vector<StepPlace>& place);
  const Expr* running(const Expr* e, int64_t count);
  const Expr* through_view(const Expr* e, const std::vector<StepPlace>& place);

  Builder& builder_;
  ModelElaborator& model_;
  WorldId world_;
  int64_t count_, low_;
  bool single_;
  std::function<bool(const Variable*)> is_set_;
  std::map<const Expr*, bool> reads_;
  std::map<std::pair<const Expr*, std::vector<StepPlace>>, const Expr*> made_;
};

}  // namespace acie::sema
