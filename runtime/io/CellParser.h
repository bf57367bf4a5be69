// Text cells to values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/io/FastNumber.h"
#include "runtime/io/Table.h"

namespace acie::io {

/// Parses the cells of one requested column.
class CellParser {
 public:
  explicit CellParser(const ColumnRequest& request);

  /// Writes the value of the cell [begin, end) to element `row` of the column. False if it is not what was asked for.
  /// Blanks round a value are ignored; an empty cell, NA, NaN and null (in any case) are missing. kPadding bytes beyond
  /// `end` must be readable.
  bool parse(const char* begin, const char* end, int64_t row, ColumnData& column) const {
    if (kind_ == Kind::F64 && parse_plain_double(begin, end, column.mutable_f64()[row])) {
      column.mutable_f64()[row] *= factor_;
      return true;
    }
    return parse_any(begin, end, row, column);
  }

  static constexpr size_t kPadding = 48;

  /// What a cell should hold, for messages: "a number", "one of 'spiral', 'elliptical'".
  std::string expectation() const;

 private:
  enum class Kind : uint8_t { F64, F32, Scaled32, Integer, Bool, Category };

  bool parse_any(const char* begin, const char* end, int64_t row, ColumnData& column) const;
  bool parse_integer(std::string_view cell, int64_t row, ColumnData& column) const;
  bool store_integer(int64_t value, int64_t row, ColumnData& column) const;

  Kind kind_;
  double factor_;
  const ColumnRequest& request_;
};

/// Marks element `row` as missing.
void set_missing(ColumnData& column, int64_t row);

/// The position of `text` in `categories`, -1 if it is none of them.
int category_of(std::string_view text, const std::vector<std::string>& categories);

/// "'spiral', 'elliptical'", shortened where there are many.
std::string list_categories(const std::vector<std::string>& categories);

}  // namespace acie::io
