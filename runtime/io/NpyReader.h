// NumPy's .npy files.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "runtime/io/ByteSource.h"
#include "runtime/io/TableReader.h"

namespace acie::io {

/// Reads one-dimensional structured arrays (a column for each field), and plain arrays of one or two
/// dimensions (columns c0, c1, …), versions 1 to 3 of the format (NEP 1). The header is treated as hostile:
/// nothing in it is evaluated.
absl::StatusOr<std::unique_ptr<TableReader>> open_npy(std::unique_ptr<ByteSource> source, std::string name);

}  // namespace acie::io
