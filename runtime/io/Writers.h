// The writers behind create_table().
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/io/OutputFile.h"
#include "runtime/io/TableWriter.h"

namespace acie::io {

/// RFC 4180 with LF line ends; numbers in their shortest form that reads back exactly.
absl::StatusOr<std::unique_ptr<TableWriter>> create_csv(std::unique_ptr<OutputFile> file,
                                                        std::vector<OutputColumn> columns);

/// {"entry":…, "columns":[{"name":…,"unit":…}], "rows":[[…],…], "seed":…}. JSON has no infinities: they are
/// null.
absl::StatusOr<std::unique_ptr<TableWriter>> create_json(std::unique_ptr<OutputFile> file,
                                                         std::vector<OutputColumn> columns,
                                                         const OutputMetadata& metadata);

/// A FITS file of one binary table, called (EXTNAME) by the entry. Names and units are cut to ASCII and 68
/// letters.
absl::StatusOr<std::unique_ptr<TableWriter>> create_fits(std::unique_ptr<OutputFile> file,
                                                         std::vector<OutputColumn> columns,
                                                         const OutputMetadata& metadata);

/// A structured NumPy array.
absl::StatusOr<std::unique_ptr<TableWriter>> create_npy(std::unique_ptr<OutputFile> file,
                                                        std::vector<OutputColumn> columns);

/// An HDF5 file of one dataset of records at `path` ("/" and the entry where it is empty), with the attributes `units` (a
/// text for each field), `entry` and `seed`. Truth values are the enumeration that h5py reads as such. `file`
/// has a temporary name.
absl::StatusOr<std::unique_ptr<TableWriter>> create_hdf5(std::unique_ptr<OutputFile> file, std::string_view path,
                                                         std::vector<OutputColumn> columns,
                                                         const OutputMetadata& metadata);

/// The unit as FITS standard 4.0 spells it: "solMass/yr", "m**(1/2)"; empty for plain numbers. What the standard does not name is
/// in SI base units behind its size, "10**44 m**2 kg/s**2", which is no power of ten for units such as a furlong.
std::string fits_unit(const units::Unit& unit);

}  // namespace acie::io
