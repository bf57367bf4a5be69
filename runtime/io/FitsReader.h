// FITS binary tables (FITS standard 4.0, section 7.3).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "runtime/io/TableReader.h"

namespace acie::io {

/// Opens HDU `hdu` of the file: a number in CFITSIO's counting (0 is the primary), a name (EXTNAME), or empty for the first
/// binary table. CFITSIO reads the headers; the data is read in blocks without it.
absl::StatusOr<std::unique_ptr<TableReader>> open_fits(const std::string& path, std::string_view hdu);

/// The same for a file in memory, which the caller keeps alive; `name` is for messages.
absl::StatusOr<std::unique_ptr<TableReader>> open_fits_memory(std::string_view bytes, std::string name, std::string_view hdu);

}  // namespace acie::io
