// One run: table in, answer out, and what is said about it.
#pragma once

#include <atomic>

#include "absl/status/status.h"
#include "runtime/package/Package.h"
#include "tools/acie-run/Options.h"

namespace acie::cli {

/// Runs options.entry. `cancel` ends it early, leaving no half-written file under a final name.
absl::Status run_entry(const Options& options, package::Package package, const std::atomic<bool>& cancel);

}  // namespace acie::cli
