// What a package can answer, what it holds and how it runs, in words.
#pragma once

#include <string>

#include "runtime/package/Package.h"

namespace acie::cli {

/// Every entry with its inputs, values that can be set, outputs and units.
std::string list_entries(const package::Plan& plan);

/// Sections, hashes, signer, variants and entries.
std::string inspect_package(const package::Package& package);

/// How one entry runs: how noise is recovered, then its kernels and reductions in order.
std::string describe_plan(const package::Entry& entry);

}  // namespace acie::cli
