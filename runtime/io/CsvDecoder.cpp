#include "runtime/io/CsvDecoder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "runtime/io/ByteMask.h"
#include "runtime/io/FastNumber.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// What of a bad cell is shown.
std::string excerpt(std::string_view cell) {
  constexpr size_t kShown = 40;
  size_t shown = std::min(cell.size(), kShown);
  while (shown < cell.size() && shown > 0 && (static_cast<unsigned char>(cell[shown]) & 0xC0) == 0x80)
    --shown;  // whole letters
  std::string text;
  for (char c : cell.substr(0, shown)) text += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return "'" + text + (cell.size() > shown ? "…'" : "'");
}

// The field that begins with the quote at `open`.
struct QuotedField {
  const char* begin;
  const char* end;   // of the text between the quotes
  const char* next;  // after the closing quote and blanks: a separator, a line end or the end
  bool has_escapes = false;
  bool closed = false;
};

QuotedField read_quoted(const char* open, const char* end) {
  QuotedField field{open + 1, end, end};
  const char* place = open + 1;
  while (place != end) {
    const char* quote = static_cast<const char*>(std::memchr(place, '"', static_cast<size_t>(end - place)));
    if (quote == nullptr) return field;
    if (quote + 1 != end && quote[1] == '"') {
      field.has_escapes = true;
      place = quote + 2;
      continue;
    }
    field.closed = true;
    field.end = quote;
    field.next = quote + 1;
    while (field.next != end && is_blank(*field.next)) ++field.next;
    return field;
  }
  return field;
}

std::string unescape(const char* begin, const char* end) {
  std::string text;
  for (const char* c = begin; c != end; ++c) {
    text += *c;
    if (*c == '"') ++c;  // the second of a pair: an escape never ends the text
  }
  return text;
}

}  // namespace

CsvDecoder::CsvDecoder(const TableSchema& schema, char separator, std::vector<ColumnRequest> requests)
    : schema_(schema),
      separator_(separator),
      requests_(std::move(requests)),
      first_request_(schema.columns.size(), -1),
      next_request_(requests_.size(), -1) {
  parsers_.reserve(requests_.size());
  for (size_t i = 0; i < requests_.size(); ++i) {
    parsers_.emplace_back(requests_[i]);
    int& first = first_request_[static_cast<size_t>(requests_[i].index)];
    next_request_[i] = first;
    first = static_cast<int>(i);
  }
}

// One run over a block. `field_` is where the field begins that is being read.
class CsvDecoder::Pass {
 public:
  Pass(const CsvDecoder& decoder, std::string_view text, const CsvPosition& start, int64_t rows, Batch& batch)
      : decoder_(decoder),
        begin_(text.data()),
        end_(text.data() + text.size()),
        start_(start),
        rows_(rows),
        batch_(batch) {
    lanes_.resize(decoder.first_request_.size());
    for (size_t column = 0; column < lanes_.size(); ++column) {
      const int request = decoder.first_request_[column];
      if (request < 0) continue;
      lanes_[column].wanted = true;
      if (decoder.next_request_[request] >= 0 || !decoder.parsers_[request].takes_plain_doubles()) continue;
      lanes_[column].values = batch.columns[request].mutable_f64();
      lanes_[column].factor = decoder.requests_[request].factor;
    }
  }

  absl::Status run() {
    const char separator = decoder_.separator_;
    const char* place = begin_;
    field_ = begin_;
    while (place < end_ && row_ < rows_) {
      uint64_t marks = Bytes64::load(place).any_of(separator, '\n', '"');
      const char* const chunk = place;
      place = chunk + 64;
      for (; marks != 0; marks &= marks - 1) {
        const char* const mark = chunk + std::countr_zero(marks);
        if (mark >= end_ || row_ == rows_) break;
        if (*mark == separator) {
          if (!cell(field_, mark)) return bad_cell(field_, mark);
          field_ = mark + 1;
        } else if (*mark == '\n') {
          const char* const stop = mark != field_ && mark[-1] == '\r' ? mark - 1 : mark;
          if (!cell(field_, stop)) return bad_cell(field_, stop);
          ACIE_RETURN_IF_ERROR(end_record());
          field_ = mark + 1;
        } else {
          ACIE_RETURN_IF_ERROR(quoted(mark));
          place = field_;
          break;
        }
      }
    }
    if (row_ < rows_) {  // the last record of a file may lack its newline
      const char* const stop = field_ < end_ && end_[-1] == '\r' ? end_ - 1 : end_;
      if (!ended_by_quote_ && !cell(field_, stop)) return bad_cell(field_, stop);
      ACIE_RETURN_IF_ERROR(end_record());
    }
    return absl::OkStatus();
  }

 private:
  // What a column's cells are for, at hand for the one case that has to be quick: plain numbers, wanted once,
  // as f64.
  struct Lane {
    double* values = nullptr;
    double factor = 1;
    bool wanted = false;
  };

  bool cell(const char* begin, const char* end) {
    const size_t column = column_++;
    if (column >= lanes_.size()) return true;  // end_record() complains
    const Lane& lane = lanes_[column];
    if (!lane.wanted) return true;
    if (double value; lane.values != nullptr && parse_plain_double(begin, end, value)) {
      lane.values[row_] = value * lane.factor;
      return true;
    }
    return parse_cell(column, begin, end);
  }

  bool parse_cell(size_t column, const char* begin, const char* end) {
    for (int request = decoder_.first_request_[column]; request >= 0;
         request = decoder_.next_request_[request])
      if (!decoder_.parsers_[request].parse(begin, end, row_, batch_.columns[request])) {
        failed_ = request;
        return false;
      }
    return true;
  }

  // Leaves field_ after the separator or newline that follows the field.
  absl::Status quoted(const char* quote) {
    if (!std::all_of(field_, quote, is_blank))
      return at(
          quote,
          "a quote stands inside a field that does not begin with one; write \"\" inside a quoted field");
    const QuotedField field = read_quoted(quote, end_);
    if (!field.closed) return at(quote, "this quoted field is never closed");
    bool good;
    if (field.has_escapes) {
      std::string text = unescape(field.begin, field.end);
      const size_t size = text.size();
      text.append(kPlainDoublePadding, ' ');
      good = cell(text.data(), text.data() + size);
    } else {
      good = cell(field.begin, field.end);
    }
    if (!good) return bad_cell(field.begin, field.end);
    const char* next = field.next;
    if (next != end_ && *next == '\r' && (next + 1 == end_ || next[1] == '\n')) ++next;
    if (next == end_) {
      ended_by_quote_ = true;
      field_ = next;
      return absl::OkStatus();
    }
    field_ = next + 1;
    if (*next == '\n') return end_record();
    if (*next == decoder_.separator_) return absl::OkStatus();
    return at(next, "text follows the closing quote of a field");
  }

  absl::Status end_record() {
    const size_t wanted = decoder_.first_request_.size();
    if (column_ != wanted) {
      const std::string found = column_ == 1 ? "1 field" : std::to_string(column_) + " fields";
      return at(field_, "has " + found + ", the header has " + std::to_string(wanted));
    }
    column_ = 0;
    ++row_;
    return absl::OkStatus();
  }

  absl::Status bad_cell(const char* begin, const char* end) const {
    const size_t column = column_ - 1;
    std::string_view text(begin, static_cast<size_t>(end - begin));
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return at(begin, excerpt(text) + " is not " + decoder_.parsers_[failed_].expectation(),
              ", column '" + decoder_.schema_.columns[column].name + "'");
  }

  // "galaxies.csv, row 12 (line 13): …": rows count data records, lines count newlines.
  absl::Status at(const char* place, std::string_view problem, const std::string& column = "") const {
    const int64_t line = start_.line + std::count(begin_, place, '\n');
    return bad_data_error(decoder_.schema_.source + ", row " + std::to_string(start_.row + row_ + 1) +
                          " (line " + std::to_string(line) + ")" + column + ": " + std::string(problem));
  }

  const CsvDecoder& decoder_;
  const char* const begin_;
  const char* const end_;
  const CsvPosition& start_;
  const int64_t rows_;
  Batch& batch_;
  std::vector<Lane> lanes_;  // by column of the file
  const char* field_ = nullptr;
  size_t column_ = 0;
  int64_t row_ = 0;
  int failed_ = 0;
  bool ended_by_quote_ = false;
};

absl::Status CsvDecoder::decode(std::string_view text, const CsvPosition& start, int64_t rows,
                                Batch& batch) const {
  prepare_batch(requests_, start.row, rows, batch);
  return Pass(*this, text, start, rows, batch).run();
}

bool split_record(std::string_view record, char separator, std::vector<std::string>& fields) {
  const char* place = record.data();
  const char* const end = place + record.size();
  for (;;) {
    const char* start = place;
    while (start != end && is_blank(*start)) ++start;
    if (start != end && *start == '"') {
      const QuotedField field = read_quoted(start, end);
      if (!field.closed) return false;
      fields.push_back(unescape(field.begin, field.end));
      place = field.next;
      if (place != end && *place != separator) return false;
    } else {
      place = std::find(start, end, separator);
      const char* stop = place;
      while (stop != start && is_blank(stop[-1])) --stop;
      if (std::find(start, stop, '"') != stop) return false;
      fields.emplace_back(start, stop);
    }
    if (place == end) return true;
    ++place;
  }
}

}  // namespace acie::io
