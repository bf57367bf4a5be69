// Standard errors of expressions of several estimates, by the grouped jackknife: what depends on the estimates is computed once
// more for each group of draws, without that group (Wolter 2007, Introduction to Variance Estimation, section 4.2).
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/scheduler/Arena.h"
#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

/// Draws are split into this many groups, fewer where there are fewer draws.
inline constexpr int64_t kJackknifeGroups = 32;

inline int64_t jackknife_groups(int64_t draws) { return std::min(kJackknifeGroups, draws); }

/// The error, from what the expression comes to without each of `groups` groups: NaN for fewer than two.
double jackknife_error(const View& left_out, int64_t groups);

/// Room in `arena`, one point per group, for all that the steps chosen by `runs_again` write: their views are set, and those of
/// buffers of `space` that lie in others.
void take_groups(const Program& program, package::Space space, const std::function<bool(const KernelStep&)>& runs_again, int64_t groups, BorrowedArena& arena,
                 std::vector<View>& views);

}  // namespace acie::scheduler
