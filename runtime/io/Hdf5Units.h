// Attributes of HDF5 objects that hold text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/io/Hdf5Library.h"

namespace acie::io {

/// The units that the attributes `units` or `unit` of an object give to its `columns` columns: an array gives one to each,
/// one text is that of all where `shared`. Records also have FIELD_0_UNITS, FIELD_0_UNIT, … as PyTables names such things.
/// Empty texts where nothing is said.
std::vector<std::string> hdf5_units(const Hdf5Api& api, hid_t object, size_t columns, bool shared);

}  // namespace acie::io
