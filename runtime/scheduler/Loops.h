// Loops: a state that is carried from step to step while others go along the leading axes of tensors.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

/// Runs the loop of `step` over all points of `range`, step by step: the points of one step together, so that a matrix is read
/// once for all of them. `views` of the loop's own buffers change meanwhile and are as before afterwards.
absl::Status run_loop(const Program& program, const KernelStep& step, std::vector<View>& views, const RunConstants& constants,
                      const Range& range, CallScratch& memory);

}  // namespace acie::scheduler
