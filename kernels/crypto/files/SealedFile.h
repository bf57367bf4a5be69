// Containers as files.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "kernels/crypto/files/Container.h"

namespace acie::secure {

/// Bytes from a file that is open as long as the source lives. Errors of reading are of kind BadData.
absl::StatusOr<Source> file_source(const std::string& path);

/// Seals the file `from` into `to`. Both are streamed; `to` gets its name when it is complete and on the
/// disk.
absl::Status seal_file(const Secret& key, SealOptions options, const std::string& from,
                       const std::string& to);

/// Opens the container `from` into `to`, which gets its name only after the last chunk was authenticated: a
/// container that is refused leaves nothing behind. The file can be read by its owner only.
absl::Status open_file(const Secret& key, OpenOptions options, const std::string& from,
                       const std::string& to);

/// Reads the whole container and gives nothing out but its context.
absl::StatusOr<std::string> verify_file(const Secret& key, OpenOptions options, const std::string& path);

}  // namespace acie::secure
