// What acie-run does besides running packages: one function per command, each in a file of its own.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace acie::cli {

/// Called with the command's name as argv[0].
using Command = absl::Status (*)(int argc, char** argv);

/// The command of that name, or null.
Command find_command(std::string_view name);

absl::Status key_command(int argc, char** argv);
absl::Status party_command(int argc, char** argv);
absl::Status seal_command(int argc, char** argv);
absl::Status open_command(int argc, char** argv);
absl::Status verify_command(int argc, char** argv);

}  // namespace acie::cli
