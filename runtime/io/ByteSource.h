// Where the bytes of a table come from: a file, or memory (tests, fuzzers, embedding programs).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace acie::io {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// Reads up to `size` bytes to `out`; 0 only at the end.
  virtual absl::StatusOr<size_t> read(char* out, size_t size) = 0;

  /// Makes `offset` the next byte to be read. Fails for pipes.
  virtual absl::Status seek(uint64_t offset) = 0;

  /// Bytes in all, where that is known before reading.
  virtual std::optional<uint64_t> size() const = 0;
};

/// Opens a file for reading front to back. Errors are DataLoss and name the path.
absl::StatusOr<std::unique_ptr<ByteSource>> open_file(const std::string& path);

/// Reads from bytes the caller keeps alive.
std::unique_ptr<ByteSource> memory_source(std::string_view bytes);

/// Reads exactly `size` bytes unless the end comes first; says how many.
absl::StatusOr<size_t> read_fully(ByteSource& source, char* out, size_t size);

}  // namespace acie::io
