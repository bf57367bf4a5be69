// Where passwords come from, and where keys lie.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "kernels/crypto/files/Secret.h"

namespace acie::cli {

/// A password that exists already, or a new one, which is asked for twice and must have eight bytes.
enum class PasswordUse { Known, New };

/// The first line of `file`, of standard input where that is "-"; where it is empty, what is typed at the
/// terminal without being shown. Errors: no terminal (usage), a file open to others (refused), too short a
/// new password (usage).
absl::StatusOr<secure::Secret> read_password(const std::string& file, PasswordUse use,
                                             const std::string& what);

/// `given`, or $XDG_CONFIG_HOME/acie/keys, or ~/.config/acie/keys. Errors where there is no home (usage).
absl::StatusOr<std::string> key_folder_or(const std::string& given);

}  // namespace acie::cli
