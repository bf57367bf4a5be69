// Values given on the command line and in parameter files.
#pragma once

#include "absl/status/status.h"
#include "runtime/package/Plan.h"
#include "runtime/scheduler/Arguments.h"
#include "tools/acie-run/Options.h"

namespace acie::cli {

/// Sets everything that --params, --set, --given and --do give, the command line last. Names of a parameter file that the
/// entry does not have are passed over: one file may serve several entries.
absl::Status apply_values(const Options& options, const package::Plan& plan, scheduler::Arguments& arguments);

}  // namespace acie::cli
