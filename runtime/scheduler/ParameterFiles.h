// Values of parameter files for an entry: numbers to its arguments, tensors to its parameters.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "runtime/io/ParameterStore.h"
#include "runtime/scheduler/Arguments.h"
#include "runtime/scheduler/Parameters.h"

namespace acie::scheduler {

/// Sets the numbers of the entry that the store has values for; those of a tensor taken element by element come from the
/// store's tensor of its name and shape. Names that the entry does not have are passed over.
absl::Status apply_store(io::ParameterStore& store, Arguments& arguments);

/// Sets the tensors of learnt values that the store has. They lie where the store keeps them.
absl::Status apply_parameters(io::ParameterStore& store, const package::Entry& entry, Parameters& parameters);

/// What the files of the store have that no entry of the plan takes, as a warning; empty where there is nothing such. A name close to
/// one that is taken is most likely meant to be it.
std::string unexpected_names(const io::ParameterStore& store, const package::Plan& plan);

}  // namespace acie::scheduler
