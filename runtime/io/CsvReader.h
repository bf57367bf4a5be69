// Comma-separated values after RFC 4180.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "runtime/io/ByteSource.h"
#include "runtime/io/TableReader.h"

namespace acie::io {

/// Reads `source`, called `name` in messages. The first record is the header; a UTF-8 byte order mark is
/// skipped. Fields may be quoted ("" for a quote, newlines allowed); lines end with LF or CRLF; blank lines
/// at the end are ignored.
absl::StatusOr<std::unique_ptr<TableReader>> open_csv(std::unique_ptr<ByteSource> source, std::string name,
                                                      char separator = ',');

}  // namespace acie::io
