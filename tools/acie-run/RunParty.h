// Runs a graph with parties: one party in this process, or all of them (--local).
#pragma once

#include <atomic>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/package/Package.h"
#include "tools/acie-run/Options.h"

namespace acie::cli {

/// Those of `packages` whose parties take part in the graph that was asked for; a usage error that lists graphs where none does.
absl::StatusOr<std::vector<std::pair<const package::Package*, const package::PartyEntry*>>> parties_of(const Options& options, const std::vector<package::Package>& packages);

/// `packages`: the one of this party, or with --local those of all.
absl::Status run_parties(const Options& options, const std::vector<package::Package>& packages, const std::atomic<bool>& cancel);

/// Entries of a party's package, what each takes and gives, with whom it talks and under which keys.
std::string list_party(const package::PartyProgram& program);

/// What --plan shows: the party's steps in order.
std::string describe_party(const package::PartyProgram& program, const package::PartyEntry& entry);

}  // namespace acie::cli
