// What the types of HDF5 are here.
#pragma once

#include <string>
#include <vector>

#include "runtime/io/Hdf5Library.h"
#include "runtime/io/Records.h"

namespace acie::io {

/// One value of a column: the type to ask the library for, and how to decode what it then gives.
struct Hdf5Cell {
  Hdf5Id memory;             // of the library; none where the column is refused
  StoredField field;         // offset 0, little-endian
  int64_t values = 1;        // in one value of `memory`
  bool variable_text = false;  // memory holds pointers to text
  std::vector<int64_t> shape;  // as ColumnSchema::shape
  std::string refusal;       // as ColumnSchema::refusal
};

/// `type` is of the file. Never fails: what is not understood is a refusal.
Hdf5Cell hdf5_cell(const Hdf5Api& api, hid_t type);

}  // namespace acie::io
