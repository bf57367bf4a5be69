// CSV and JSON: cells as text, row by row.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "runtime/io/OutputCells.h"
#include "runtime/io/Writers.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

/// The longest number: -2.2250738585072014e-308 and the smallest int64 have fewer letters.
constexpr size_t kMaxNumber = 32;

std::string quote_csv(std::string_view text) {
  const bool plain = text.find_first_of(",\"\r\n") == std::string_view::npos &&
                     (text.empty() || (text.front() != ' ' && text.back() != ' '));
  if (plain) return std::string(text);
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string quote_json(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      (quoted += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kDigits[] = "0123456789abcdef";
      ((quoted += "\\u00") += kDigits[c >> 4]) += kDigits[c & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

// How the two formats write a row.
struct TextStyle {
  const char* row_start;
  const char* row_end;
  const char* absent;
  bool infinities;
  std::string (*quote)(std::string_view);
};

constexpr TextStyle kCsv = {"", "\n", "", true, quote_csv};
constexpr TextStyle kJson = {",\n[", "]", "null", false, quote_json};

class TextEncoder {
 public:
  TextEncoder(const std::vector<OutputColumn>& columns, const TextStyle& style) : style_(style) {
    for (const OutputColumn& column : columns) {
      Cells cells{column.dtype, {}, column.texts};
      size_t longest = kMaxNumber;
      for (const std::string& label : column.labels) {
        cells.labels.push_back(style.quote(label));
        longest = std::max(longest, cells.labels.back().size());
      }
      row_bound_ += longest + 1;
      columns_.push_back(std::move(cells));
    }
  }

  void encode(const OutputRows& rows, std::string& out) const {
    const size_t start = out.size();
    out.resize(start + static_cast<size_t>(count_kept(rows)) * row_bound_ + letters_of_texts(rows));
    char* place = out.data() + start;
    for (int64_t row = 0; row < rows.rows; ++row) {
      if (rows.keep != nullptr && rows.keep[row] == 0) continue;
      place = put(style_.row_start, place);
      for (size_t i = 0; i < columns_.size(); ++i) {
        if (i != 0) *place++ = ',';
        place = put_cell(columns_[i], rows.columns[i], row, place);
      }
      place = put(style_.row_end, place);
    }
    out.resize(static_cast<size_t>(place - out.data()));
  }

 private:
  struct Cells {
    acie_dtype dtype;
    std::vector<std::string> labels;  // quoted
    const Texts* texts;
  };

  /// Room for the texts that a run met.
  size_t letters_of_texts(const OutputRows& rows) const {
    size_t letters = 0;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].texts == nullptr) continue;
      for (int64_t row = 0; row < rows.rows; ++row)
        letters += style_.quote(columns_[i].texts->text(static_cast<const int64_t*>(rows.columns[i].data)[row * rows.columns[i].stride])).size();
    }
    return letters;
  }

  static char* put(std::string_view text, char* place) {
    std::memcpy(place, text.data(), text.size());
    return place + text.size();
  }

  char* put_cell(const Cells& column, const OutputView& view, int64_t row, char* place) const {
    if (view.present != nullptr && view.present[row] == 0) return put(style_.absent, place);
    const int64_t index = row * view.stride;
    switch (column.dtype) {
      case ACIE_F64:
        return put_float(static_cast<const double*>(view.data)[index], place);
      case ACIE_F32:
        return put_float(static_cast<const float*>(view.data)[index], place);
      case ACIE_I64:
        return put_integer(column, static_cast<const int64_t*>(view.data)[index], place);
      case ACIE_I32:
        return put_integer(column, static_cast<const int32_t*>(view.data)[index], place);
      case ACIE_BOOL:
        return put(static_cast<const uint8_t*>(view.data)[index] != 0 ? "true" : "false", place);
    }
    return place;
  }

  template <typename T>
  char* put_float(T value, char* place) const {
    if (std::isnan(value) || (std::isinf(value) && !style_.infinities)) return put(style_.absent, place);
    return std::to_chars(place, place + kMaxNumber, value).ptr;
  }

  char* put_integer(const Cells& column, int64_t value, char* place) const {
    if (column.texts != nullptr) {
      const std::string_view text = column.texts->text(value);
      return put(text.empty() ? std::string(style_.absent) : style_.quote(text), place);
    }
    if (column.labels.empty()) return std::to_chars(place, place + kMaxNumber, value).ptr;
    const bool known = value >= 0 && value < static_cast<int64_t>(column.labels.size());
    return put(known ? std::string_view(column.labels[static_cast<size_t>(value)]) : style_.absent, place);
  }

  TextStyle style_;
  std::vector<Cells> columns_;
  size_t row_bound_ = 8;  // letters in a row at most; 8 for what begins and ends it
};

class CsvWriter : public TableWriter {
 public:
  CsvWriter(std::unique_ptr<OutputFile> file, const std::vector<OutputColumn>& columns)
      : file_(std::move(file)), encoder_(columns, kCsv) {}

  absl::Status begin(const std::vector<OutputColumn>& columns) {
    std::string header;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i != 0) header += ',';
      header += quote_csv(columns[i].name);
    }
    header += '\n';
    return file_->write(header);
  }

  void encode(const OutputRows& rows, std::string& out) const override { encoder_.encode(rows, out); }
  absl::Status append(std::string_view encoded) override { return file_->write(encoded); }
  absl::Status finish() override { return file_->commit(); }

 private:
  std::unique_ptr<OutputFile> file_;
  TextEncoder encoder_;
};

class JsonWriter : public TableWriter {
 public:
  JsonWriter(std::unique_ptr<OutputFile> file, const std::vector<OutputColumn>& columns, uint64_t seed)
      : file_(std::move(file)), encoder_(columns, kJson), seed_(seed) {}

  absl::Status begin(const std::vector<OutputColumn>& columns, const std::string& entry) {
    std::string head = "{\"entry\":" + quote_json(entry) + ",\n\"columns\":[";
    const char* separator = "";
    for (const OutputColumn& column : columns) {
      const bool has_unit = !column.unit.factors().empty();
      head += separator;
      head += "{\"name\":" + quote_json(column.name) +
              ",\"unit\":" + quote_json(has_unit ? column.unit.to_string() : "") + "}";
      separator = ",";
    }
    return file_->write(head + "],\n\"rows\":[");
  }

  void encode(const OutputRows& rows, std::string& out) const override { encoder_.encode(rows, out); }

  absl::Status append(std::string_view encoded) override {
    if (encoded.empty()) return absl::OkStatus();
    if (std::exchange(first_, false)) encoded.remove_prefix(1);  // the comma before the first row
    return file_->write(encoded);
  }

  absl::Status finish() override {
    ACIE_RETURN_IF_ERROR(file_->write("],\n\"seed\":" + std::to_string(seed_) + "}\n"));
    return file_->commit();
  }

 private:
  std::unique_ptr<OutputFile> file_;
  TextEncoder encoder_;
  uint64_t seed_;
  bool first_ = true;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TableWriter>> create_csv(std::unique_ptr<OutputFile> file,
                                                        std::vector<OutputColumn> columns) {
  auto writer = std::make_unique<CsvWriter>(std::move(file), columns);
  ACIE_RETURN_IF_ERROR(writer->begin(columns));
  return std::unique_ptr<TableWriter>(std::move(writer));
}

absl::StatusOr<std::unique_ptr<TableWriter>> create_json(std::unique_ptr<OutputFile> file,
                                                         std::vector<OutputColumn> columns,
                                                         const OutputMetadata& metadata) {
  auto writer = std::make_unique<JsonWriter>(std::move(file), columns, metadata.seed);
  ACIE_RETURN_IF_ERROR(writer->begin(columns, metadata.entry));
  return std::unique_ptr<TableWriter>(std::move(writer));
}

}  // namespace acie::io
