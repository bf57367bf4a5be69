#include "runtime/io/CellParser.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "fast_float/fast_float.h"

namespace acie::io {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if ((text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]) != lower[i]) return false;
  return true;
}

bool is_missing_word(std::string_view cell) {
  return equals_ignoring_case(cell, "na") || equals_ignoring_case(cell, "nan") ||
         equals_ignoring_case(cell, "null") || equals_ignoring_case(cell, "-nan");
}

bool is_infinity_word(std::string_view cell) {
  if (!cell.empty() && (cell[0] == '-' || cell[0] == '+')) cell.remove_prefix(1);
  return equals_ignoring_case(cell, "inf") || equals_ignoring_case(cell, "infinity");
}

// The whole of [begin, end) as a number. Overflow gives an infinity, as strtod does.
template <typename T>
bool parse_number(const char* begin, const char* end, T& value) {
  if (begin != end && *begin == '+' && end - begin > 1 && begin[1] != '-') ++begin;
  const auto [stop, problem] = fast_float::from_chars(begin, end, value);
  return problem == std::errc() && stop == end;
}

template <typename T>
void store(ColumnData& column, int64_t row, T value) {
  std::memcpy(column.values.data() + row * static_cast<int64_t>(sizeof value), &value, sizeof value);
}

}  // namespace

void set_missing(ColumnData& column, int64_t row) {
  column.present.data()[row] = std::byte{0};
  ++column.missing;
  switch (column.dtype) {
    case ACIE_F64:
      return store(column, row, std::numeric_limits<double>::quiet_NaN());
    case ACIE_F32:
      return store(column, row, std::numeric_limits<float>::quiet_NaN());
    case ACIE_I64:
      return store(column, row, int64_t{0});
    case ACIE_I32:
      return store(column, row, int32_t{0});
    case ACIE_BOOL:
      return store(column, row, uint8_t{0});
  }
}

int category_of(std::string_view text, const std::vector<std::string>& categories) {
  for (size_t i = 0; i < categories.size(); ++i)
    if (categories[i] == text) return static_cast<int>(i);
  return -1;
}

std::string list_categories(const std::vector<std::string>& categories) {
  constexpr size_t kShown = 8;
  std::string text;
  for (size_t i = 0; i < categories.size() && i < kShown; ++i)
    text += (i == 0 ? "'" : ", '") + categories[i] + "'";
  return categories.size() > kShown ? text + ", …" : text;
}

CellParser::CellParser(const ColumnRequest& request) : factor_(request.factor), request_(request) {
  if (request.wants_text()) {
    kind_ = request.texts != nullptr ? Kind::Text : Kind::Category;
    return;
  }
  switch (request.dtype) {
    case ACIE_F64:
      kind_ = Kind::F64;
      break;
    // A float is parsed as one: a double rounded again can be off by one. Not so with a factor, which rounds
    // anyway.
    case ACIE_F32:
      kind_ = request.factor == 1 ? Kind::F32 : Kind::Scaled32;
      break;
    case ACIE_BOOL:
      kind_ = Kind::Bool;
      break;
    default:
      kind_ = Kind::Integer;
      break;
  }
}

bool CellParser::parse(const char* begin, const char* end, int64_t row, ColumnData& column) const {
  while (begin != end && is_blank(*begin)) ++begin;
  while (begin != end && is_blank(end[-1])) --end;
  const std::string_view cell(begin, static_cast<size_t>(end - begin));
  if (cell.empty()) {
    set_missing(column, row);
    return true;
  }
  if (kind_ == Kind::Text) return is_plain_text(cell) && store_integer(request_.texts->code(cell), row, column);
  if (kind_ == Kind::Category) {
    const int category = category_of(cell, request_.categories);
    if (category >= 0) return store_integer(category, row, column);
  }
  if (is_missing_word(cell)) {
    set_missing(column, row);
    return true;
  }
  switch (kind_) {
    case Kind::Category:
    case Kind::Text:
      return false;
    case Kind::F32: {
      float value;
      if (!parse_number(begin, end, value) || (std::isinf(value) && !is_infinity_word(cell))) return false;
      store(column, row, value);
      return true;
    }
    case Kind::F64:
    case Kind::Scaled32: {
      double value;
      if (!parse_number(begin, end, value) || (std::isinf(value) && !is_infinity_word(cell))) return false;
      value *= factor_;
      if (kind_ == Kind::F64)
        store(column, row, value);
      else
        store(column, row, static_cast<float>(value));
      return true;
    }
    case Kind::Integer:
      return parse_integer(cell, row, column);
    case Kind::Bool: {
      double number = -1;
      uint8_t value = 2;
      if (equals_ignoring_case(cell, "true") || equals_ignoring_case(cell, "t"))
        value = 1;
      else if (equals_ignoring_case(cell, "false") || equals_ignoring_case(cell, "f"))
        value = 0;
      else if (parse_number(begin, end, number) && (number == 0 || number == 1))
        value = number == 1;
      if (value > 1) return false;
      store(column, row, value);
      return true;
    }
  }
  return false;
}

// Integers may be written as numbers that happen to be whole (1.24E+18, 3.0), as spreadsheets do.
bool CellParser::parse_integer(std::string_view cell, int64_t row, ColumnData& column) const {
  std::string_view digits = cell;
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  int64_t value = 0;
  const auto [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (problem == std::errc() && stop == digits.data() + digits.size() && factor_ == 1)
    return store_integer(value, row, column);
  double number;
  if (!parse_number(cell.data(), cell.data() + cell.size(), number)) return false;
  number *= factor_;
  if (std::nearbyint(number) != number || std::abs(number) >= 0x1p63) return false;
  // Beyond 2^53 a decimal integer need not be the double it was read as: only what from_chars took is exact.
  if (problem != std::errc() && stop == digits.data() + digits.size()) return false;
  return store_integer(static_cast<int64_t>(number), row, column);
}

bool CellParser::store_integer(int64_t value, int64_t row, ColumnData& column) const {
  if (column.dtype == ACIE_I64) {
    store(column, row, value);
    return true;
  }
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max())
    return false;
  store(column, row, static_cast<int32_t>(value));
  return true;
}

std::string CellParser::expectation() const {
  switch (kind_) {
    case Kind::Category:
      return "one of " + list_categories(request_.categories);
    case Kind::Text:
      return "text: UTF-8 without control characters";
    case Kind::Bool:
      return "true, false, 1 or 0";
    case Kind::Integer:
      return std::string("a whole number") + (factor_ != 1 ? " after conversion to the program's unit" : "") +
             (request_.dtype == ACIE_I32 ? " that fits in 32 bits" : " that fits in 64 bits");
    case Kind::F32:
    case Kind::Scaled32:
      return "a number in the range of f32";
    case Kind::F64:
      return "a number";
  }
  return "";
}

}  // namespace acie::io
