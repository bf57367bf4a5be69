// What the commands beside running share of their command lines.
#pragma once

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"

namespace acie::cli {

/// Parses; false where help was asked for and printed.
absl::StatusOr<bool> parse_subcommand(CLI::App& app, int argc, char** argv);

}  // namespace acie::cli
