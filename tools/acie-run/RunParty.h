// Runs a graph with parties: one party in this process, or all of them (--local).
#pragma once

#include <atomic>
#include <vector>

#include "absl/status/status.h"
#include "runtime/package/Package.h"
#include "tools/acie-run/Options.h"

namespace acie::cli {

/// `packages`: the one of this party, or with --local those of all.
absl::Status run_parties(const Options& options, const std::vector<package::Package>& packages, const std::atomic<bool>& cancel);

/// Entries of a party's package, what each takes and gives, with whom it talks and under which keys.
std::string list_party(const package::PartyProgram& program);

/// What --plan shows: the party's steps in order.
std::string describe_party(const package::PartyProgram& program, const package::PartyEntry& entry);

}  // namespace acie::cli
