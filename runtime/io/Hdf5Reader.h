// Tables and arrays in HDF5 files.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "runtime/io/TableReader.h"

namespace acie::io {

/// Opens the table at `path` in an HDF5 file: a one-dimensional dataset of records, as h5py, PyTables and pandas write it (a
/// column for each field); a group of datasets of one length (a column for each); or one plain dataset (a column of its name; of
/// several dimensions the vectors c, and of two c0, c1, … as well). Without a path: the only table that the file holds. Units are
/// attributes `units` or `unit`. Needs the HDF5 library at run time, which is loaded here.
///
/// Sizes are checked against the file before memory is asked for, and no other file is read: neither through external links
/// nor external storage nor virtual datasets. What the library itself does with a damaged file is beyond this.
absl::StatusOr<std::unique_ptr<TableReader>> open_hdf5(const std::string& file, std::string_view path);

}  // namespace acie::io
