// Values given on the command line and in parameter files.
#pragma once

#include "absl/status/status.h"
#include "runtime/io/ParameterStore.h"
#include "runtime/package/Plan.h"
#include "runtime/scheduler/Arguments.h"
#include "tools/acie-run/Options.h"

namespace acie::cli {

/// A number, true or false, or a number with a unit in acie's notation, 3<kpc>, in the unit `declared` (null: as it is); or the place
/// of one of `labels`, where there are any.
absl::StatusOr<double> parse_value(const std::string& option, const Setting& setting, const package::Plan& plan,
                                   const units::Unit* declared, const std::vector<std::string>& labels = {});

/// Adds the files of --params to `store`, the first one first. Tensors in them stay on disk until they are used.
absl::Status load_parameters(const Options& options, io::ParameterStore& store);

/// Sets everything that the store, --set, --given and --do give, the command line last; what --set gives goes into the store
/// too. Names in the store that the entry does not have are passed over: one file may serve several entries.
absl::Status apply_values(const Options& options, const package::Plan& plan, io::ParameterStore& store,
                          scheduler::Arguments& arguments);

}  // namespace acie::cli
