// Answers as fixed-width binary records, for FITS, HDF5 and .npy.
#pragma once

#include <cstddef>
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

class RecordEncoder {
 public:
  RecordEncoder(const std::vector<OutputColumn>& columns, RecordStyle style);

  /// Bytes of column `index` in a record, of all columns, and letters of a column of labels.
  size_t width(size_t index) const { return widths_[index]; }
  size_t record_size() const { return record_size_; }

  void encode(const OutputRows& rows, std::string& out) const;

 private:
  void encode_column(size_t index, size_t offset, const OutputRows& rows, char* out) const;

  std::vector<OutputColumn> columns_;
  RecordStyle style_;
  std::vector<size_t> widths_;
  std::vector<std::vector<std::string>> label_bytes_;  // per column, each label padded to the column's width
  size_t record_size_ = 0;
};

/// The smallest value of the type: what marks an absent integer.
int64_t absent_integer(acie_dtype dtype);

}  // namespace acie::io
