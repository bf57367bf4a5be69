// What tables are made of: schemas of files, and decoded batches of columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/include/acie/kernel_abi.h"
#include "runtime/io/AlignedBuffer.h"
#include "runtime/io/Texts.h"

namespace acie::io {

/// Bytes of one element; booleans are one byte.
constexpr size_t element_size(acie_dtype dtype) {
  switch (dtype) {
    case ACIE_F64:
    case ACIE_I64:
      return 8;
    case ACIE_F32:
    case ACIE_I32:
      return 4;
    case ACIE_BOOL:
      return 1;
  }
  return 0;
}

/// "f64", "f32", "i64", "i32", "bool".
const char* dtype_name(acie_dtype dtype);

/// A column as the file has it.
struct ColumnSchema {
  std::string name;
  acie_dtype dtype = ACIE_F64;  // natural type; a CSV column is f64 until its cells say otherwise
  bool is_text = false;         // known to hold text (never known of CSV)
  std::string unit_text;        // as the file spells it, empty if it gives none
  std::string refusal;  // why the column cannot be read ("holds complex numbers …"); empty: it can
  std::vector<int64_t> shape;  // of a column of vectors, outermost axis first; empty: one value a row

  /// Values of one row.
  int64_t elements() const;
};

/// "[3]", "[2, 3]".
std::string shape_text(const std::vector<int64_t>& shape);

struct TableSchema {
  std::string source;  // "galaxies.fits[1]": how messages name the table
  std::vector<ColumnSchema> columns;
  std::optional<int64_t> rows;  // where the file says so without being read
  bool ignores_case = false;    // column names compare without case, as FITS has it
  bool is_array = false;        // a plain array: columns have no names of their own, the last is its whole rows
  uint64_t row_bytes = 0;       // that a row takes of a block before it is decoded; 0: what its cells take
};

/// The column called `name`. A usage error names the table, what was likely meant, and duplicates.
absl::StatusOr<int> find_column(const TableSchema& schema, std::string_view name);

/// One value of each row.
struct ColumnPlace {
  int column = 0;
  int64_t element = 0;  // row-major, of a vector
};

/// The column called `name`, or the element `flux[2]`, `image[1, 2]` of a column of vectors. A column of vectors without an
/// index, and an index outside, are data errors.
absl::StatusOr<ColumnPlace> find_place(const TableSchema& schema, std::string_view name);

/// A column to read, and the form to read it in.
struct ColumnRequest {
  int index = 0;  // into TableSchema::columns
  acie_dtype dtype = ACIE_F64;
  double factor = 1;  // values are multiplied by it: unit conversion
  /// Not empty: cells are text, one of these; the value (I64 or I32) is the position. For finite types.
  std::vector<std::string> categories;
  int64_t element = 0;   // of a column of vectors, row-major
  int64_t elements = 1;  // this many from there on: those of a row lie together in the column that is decoded
  Texts* texts = nullptr;  // not null: cells are text, any one; the value (I64) is its code. An empty cell is missing

  bool wants_text() const { return texts != nullptr || !categories.empty(); }
};

/// One decoded column of a batch: `elements` values of each row, of which there is mostly one. A missing value is NaN in
/// floating types, 0 in others, and 0 in `present`.
struct ColumnData {
  acie_dtype dtype = ACIE_F64;
  AlignedBuffer values;   // rows × elements
  AlignedBuffer present;  // as many bytes, 1 or 0
  int64_t missing = 0;    // how many are

  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(values.data());
  }
  double* mutable_f64() { return reinterpret_cast<double*>(values.data()); }
  bool is_present(int64_t row) const { return present.data()[row] != std::byte{0}; }
};

/// Decoded rows [first_row, first_row + rows) of a table, one column per request. Reused from block to block.
struct Batch {
  int64_t first_row = 0;
  int64_t rows = 0;
  std::vector<ColumnData> columns;
};

/// Makes `batch` ready to be filled: sizes for `rows` rows of each request, every cell present.
void prepare_batch(const std::vector<ColumnRequest>& requests, int64_t first_row, int64_t rows, Batch& batch);

}  // namespace acie::io
