// Tables of fixed-width binary records: the data part of FITS binary tables and of .npy files.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "runtime/io/ByteSource.h"
#include "runtime/io/Table.h"
#include "runtime/io/TableReader.h"

namespace acie::io {

/// How one column is stored in a record.
struct StoredField {
  enum class Kind : uint8_t {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F16,
    F32,
    F64,
    Logical,  // FITS: 'T', 'F', or 0 for missing
    Boolean,  // a byte, 0 or 1
    Bytes,    // text, ended by its width, a zero byte or blanks
    Ucs4,     // text, 4 bytes a letter
    Unsupported
  };
  Kind kind = Kind::Unsupported;
  uint64_t offset = 0;  // in the record
  uint64_t width = 0;   // bytes of one element
  uint64_t count = 1;   // elements, side by side
  bool big_endian = false;
  double scale = 1;  // value = zero + scale × stored, where not 1 and 0
  double zero = 0;
  bool flip_sign = false;       // the top bit is stored inverted: how FITS offsets unsigned integers
  std::optional<int64_t> null;  // this integer, as stored, is a missing value
};

bool is_text(StoredField::Kind kind);

/// The smallest type that holds every value of the field; text is I32 (categories).
acie_dtype natural_dtype(const StoredField& field);

/// A table whose records begin at byte `data_offset` and have `record_size` bytes each.
struct RecordLayout {
  uint64_t data_offset = 0;
  uint64_t record_size = 0;
  int64_t rows = 0;
  std::vector<StoredField> fields;  // one per column of the schema
};

/// Reads the records of `source`. The caller has checked that fields lie inside the record.
std::unique_ptr<TableReader> make_record_reader(std::unique_ptr<ByteSource> source, TableSchema schema,
                                                RecordLayout layout);

/// Refuses requests that can never work: columns that cannot be read, numbers asked of text and text of numbers.
absl::Status check_requests(const TableSchema& schema, const std::vector<ColumnRequest>& requests);

/// Decodes one field of a block's records into one column; the error names the row, the column and what it holds.
absl::Status decode_column(const TableSchema& schema, const char* records, uint64_t record_size, const StoredField& field,
                           const ColumnRequest& request, const RawBlock& block, ColumnData& column);

/// Decodes one field of `rows` records into one column. False at the first value that does not fit:
/// `failed` says which of the column's and `text` what it holds.
bool decode_field(const char* records, uint64_t record_size, const StoredField& field,
                  const ColumnRequest& request, int64_t rows, ColumnData& column, int64_t& failed,
                  std::string& text);

}  // namespace acie::io
