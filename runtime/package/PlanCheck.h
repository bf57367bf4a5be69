// Facts about an entry that its verifier establishes and the scheduler relies on.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "runtime/package/Plan.h"

namespace acie::package {

/// Where buffer `index` of `entry` really lives: without draws the Inner space is the Row space, and a column's buffer
/// holds one element per row even where draws are many.
Space home_of(const Entry& entry, int index);

/// How many times the table must have been read before each buffer is known: 0 for columns and what follows from them row
/// by row, one more for each reduction over rows on the way. A buffer nothing writes has -1.
std::vector<int> passes_of(const Entry& entry);

/// Every buffer that the loop `entry.nodes[at]` reads from outside: initial values, sequences, what its body refers to.
std::vector<int> loop_inputs(const Entry& entry, size_t at);

/// Where in section "constants" a tensor's elements lie: inside `bytes` and aligned, or an error.
absl::Status verify_constants(const Plan& plan, uint64_t bytes);

/// Checks one entry. Of sizes known only at start it checks what it can; with_sizes() checks the rest.
absl::Status verify_entry(const Entry& entry);

/// Checks everything Plan.h promises. Errors name the entry and the field.
absl::Status verify_plan(const Plan& plan);

}  // namespace acie::package
