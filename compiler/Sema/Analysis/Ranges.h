// What values the expressions of a model can take: declared ranges and the supports of the laws, carried through the
// equations. Holds for factual values; an intervention may leave an equation's range.
#pragma once

#include "absl/container/flat_hash_map.h"
#include "compiler/Sema/Analysis/Interval.h"

namespace acie::sema {

class Ranges {
 public:
  /// Knows nothing of variables, so that what it says holds in every world.
  Ranges() = default;
  /// Takes variables at their word: what their declarations say, and nothing of their equations.
  static Ranges declared();
  /// Walks the model's variables, which must be in topological order.
  explicit Ranges(const Model& model);

  /// Of an expression over this model's variables, all taken as factual.
  Interval of(const Expr* expr) const;
  Interval of(const Variable* variable) const;

 private:
  Interval compute(const Expr& expr) const;
  Interval support(const Support& support) const;

  bool trusts_declarations_ = false;
  absl::flat_hash_map<const Variable*, Interval> variables_;
  mutable absl::flat_hash_map<const Expr*, Interval> expressions_;
};

}  // namespace acie::sema
