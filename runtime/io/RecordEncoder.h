// Answers as fixed-width binary records, for FITS, HDF5 and .npy.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/io/TableWriter.h"

namespace acie::io {

/// What the formats do differently.
struct RecordStyle {
  bool big_endian = false;
  bool ucs4_labels = false;      // text as 4-byte letters, padded with zeros; else bytes
  bool zero_padding = false;     // bytes padded with zeros; else with blanks
  bool logical_letters = false;  // booleans as 'T', 'F' and 0; else 1 and 0
};

/// A column of the file: one of the answer, or the elements of a vector side by side.
struct RecordField {
  std::string name;
  size_t column = 0;           // of the answer, the first; its type and unit are those of all
  std::vector<int64_t> shape;  // of a vector; empty: one value
  size_t count = 1;            // values
  size_t width = 0;            // bytes of one
};

class RecordEncoder {
 public:
  /// A vector of which an element is missing, or whose elements differ in type or unit, stays columns of numbers.
  RecordEncoder(const std::vector<OutputColumn>& columns, RecordStyle style);

  /// In the order of the record.
  const std::vector<RecordField>& fields() const { return fields_; }
  size_t record_size() const { return record_size_; }

  void encode(const OutputRows& rows, std::string& out) const;

  /// A usage error once a text was met that a column has no room for.
  absl::Status status() const;

 private:
  void place_fields(const std::vector<size_t>& widths);
  void encode_column(size_t index, const OutputRows& rows, char* out) const;
  void encode_texts(size_t index, const OutputRows& rows, char* place) const;

  std::vector<OutputColumn> columns_;
  RecordStyle style_;
  std::vector<RecordField> fields_;
  std::vector<size_t> offsets_;  // by column
  std::vector<std::vector<std::string>> label_bytes_;  // per column, each label padded to the column's width
  size_t record_size_ = 0;
  mutable std::atomic<size_t> overlong_{SIZE_MAX};  // the first column with a text that is too long
};

/// The smallest value of the type: what marks an absent integer.
int64_t absent_integer(acie_dtype dtype);

}  // namespace acie::io
