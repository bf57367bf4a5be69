// Steps run for a few rows of their tensors at a time.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

/// Runs the body of `step`, which has `blocks`, at each point of `range`, block after block.
absl::Status run_row_blocks(const Program& program, const KernelStep& step, std::vector<View>& views, const RunConstants& constants,
                            const Range& range, CallScratch& memory);

}  // namespace acie::scheduler
