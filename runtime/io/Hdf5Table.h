// Finding tables in HDF5 files: which datasets they are, and their columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/io/Hdf5Library.h"
#include "runtime/io/Records.h"
#include "runtime/io/Table.h"

namespace acie::io {

/// A dataset whose first dimension is the rows of the table.
struct Hdf5Dataset {
  Hdf5Id id;
  std::vector<hsize_t> row;  // sizes of a row: all dimensions but the first
  bool is_compound = false;  // elements are records
  uint64_t cache = 0;        // bytes of the chunks that a row of blocks lies in
};

struct Hdf5Column {
  size_t dataset = 0;
  int64_t element = 0;         // of the row, row-major: the column's (first)
  std::string member;          // of the record, in a compound dataset
  Hdf5Id memory;               // the type to ask for
  StoredField field;           // of what is then given; offset 0
  int64_t values = 1;          // in an element of the dataset: more than 1 where its type is an array
  bool variable_text = false;  // what is given are pointers to text
};

/// A table: one compound dataset, one plain dataset, or a group of datasets of one length. A dataset of several dimensions
/// is a column of vectors; one that is the table itself is so too, called c, and where it is a matrix each of its columns is
/// there as well, c0, c1, ….
struct Hdf5Table {
  TableSchema schema;
  std::vector<Hdf5Dataset> datasets;
  std::vector<Hdf5Column> columns;  // one per column of the schema
  int64_t rows = 0;
};

/// The table at `path` in an open file, or the only one there is where `path` is empty. The session is the caller's. Sizes
/// are checked against the file; links out of it are not followed.
absl::StatusOr<Hdf5Table> find_hdf5_table(const Hdf5Api& api, const Hdf5Session& session, hid_t file,
                                          const std::string& name, std::string_view path);

}  // namespace acie::io
