// FITS binary tables (FITS standard 4.0, section 7.3).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "runtime/io/ByteSource.h"
#include "runtime/io/TableReader.h"

namespace acie::io {

/// Opens one table of the file, called `name` in messages. `hdu` is a number in CFITSIO's counting (0 is the
/// primary), a name (EXTNAME, in any case), or empty for the first binary table.
absl::StatusOr<std::unique_ptr<TableReader>> open_fits(std::unique_ptr<ByteSource> source, std::string name,
                                                       std::string_view hdu);

/// The same, but an image is a table too, of one row: its array, slowest axis first, with the unit BUNIT. By default the first
/// unit that holds something.
absl::StatusOr<std::unique_ptr<TableReader>> open_fits_unit(std::unique_ptr<ByteSource> source, std::string name,
                                                            std::string_view hdu);

}  // namespace acie::io
