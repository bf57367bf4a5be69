// Names of HDF5 files and of places in them.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace acie::io {

/// Places in HDF5 files as command lines write them: "runs.h5:/grid/table" is the file and "/grid/table". The second part is
/// empty where none is given; a file that has such a name is the file.
std::pair<std::string, std::string> split_hdf5_path(std::string_view path);

/// Whether the name of the file says that it is HDF5: .h5, .hdf5, .he5.
bool is_hdf5_name(std::string_view file);

}  // namespace acie::io
