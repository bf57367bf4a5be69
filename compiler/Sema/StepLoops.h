// Series of `over t in 0..T` whose number of steps is read at start, as one loop: each step computes all of them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/Sema/Builder.h"

namespace acie::sema {

/// One series: what a step makes of it, as an expression over whole series that is computed place by place.
struct StepSeries {
  const Variable* variable = nullptr;
  const Expr* step = nullptr;
  /// What its own equation would make, for `Natural` in `step`; null where that is no step of the loop.
  const Expr* natural = nullptr;
  /// Its values in another world, whose bits stand for as long as all series and all that they read are the same there.
  const Expr* kept = nullptr;
};

/// Which of the series need each other, and whether those of a group go round in a circle (one may by itself). `world` is
/// that of the references that count.
struct SeriesGroup {
  std::vector<size_t> members;
  bool circle = false;
};
std::vector<SeriesGroup> group_series(const std::vector<StepSeries>& series, WorldId world);

/// The values of these series as one loop over `count` steps; empty after reporting. References to a series in `world` are
/// to this step's value, or, as a Gather at places before it, to that of an earlier step. `given`: variables whose factual
/// values the evidence says.
std::vector<const Expr*> roll_series(Builder& builder, const std::vector<StepSeries>& series, WorldId world, int64_t count, const std::set<const Variable*>& given = {});

/// How many steps back a Gather of a series reads: the places of `l[t-1]`, which stop at the first. 0 for others.
int64_t steps_back(const Expr* gather);
/// The places that `l[t-back]` reads.
const Expr* places_before(Builder& builder, int64_t back, int64_t count, Span span);
/// The places that steps after number `step` read of it, `l[min(t - 1, step)]`.
const Expr* places_until(Builder& builder, int64_t step, int64_t count, Span span);

}  // namespace acie::sema
