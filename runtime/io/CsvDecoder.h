// A block of CSV records to columns.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "runtime/io/CellParser.h"
#include "runtime/io/Table.h"

namespace acie::io {

/// Where a block of records begins, for messages.
struct CsvPosition {
  int64_t row = 0;   // global, from 0
  int64_t line = 1;  // of the file, from 1
};

class CsvDecoder {
 public:
  CsvDecoder(const TableSchema& schema, char separator, std::vector<ColumnRequest> requests);
  CsvDecoder(const CsvDecoder&) = delete;
  CsvDecoder& operator=(const CsvDecoder&) = delete;

  const std::vector<ColumnRequest>& requests() const { return requests_; }

  /// Decodes exactly `rows` records from `text`, 64 bytes beyond the end of which must be readable.
  /// Thread-safe.
  absl::Status decode(std::string_view text, const CsvPosition& start, int64_t rows, Batch& batch) const;

 private:
  class Pass;

  const TableSchema& schema_;
  char separator_;
  std::vector<ColumnRequest> requests_;
  std::vector<CellParser> parsers_;  // by request
  std::vector<int> first_request_;   // by column of the file: the first request for it, or -1
  std::vector<int> next_request_;    // by request: the next for the same column, or -1
};

/// Splits one record into its fields, undoing quotes. False if a quote is not closed or stands where it may
/// not.
bool split_record(std::string_view record, char separator, std::vector<std::string>& fields);

}  // namespace acie::io
