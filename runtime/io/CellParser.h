// Text cells to values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/io/Table.h"

namespace acie::io {

/// Parses the cells of one requested column.
class CellParser {
 public:
  explicit CellParser(const ColumnRequest& request);

  /// Writes the value of the cell [begin, end) to element `row` of the column. False if it is not what was
  /// asked for. Blanks round a value are ignored; an empty cell, and but for any text NA, NaN and null (in any case), are missing.
  bool parse(const char* begin, const char* end, int64_t row, ColumnData& column) const;

  /// Whether parse_plain_double() followed by the factor is all there is to most cells.
  bool takes_plain_doubles() const { return kind_ == Kind::F64; }

  /// What a cell should hold, for messages: "a number", "one of 'spiral', 'elliptical'".
  std::string expectation() const;

 private:
  enum class Kind : uint8_t { F64, F32, Scaled32, Integer, Bool, Category, Text };

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
