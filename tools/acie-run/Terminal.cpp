#include "tools/acie-run/Terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace acie::cli {
namespace {

using scheduler::AnswerField;
using scheduler::View;

class EncodedRows : public scheduler::EncodedTile {
 public:
  std::vector<std::vector<std::string>> rows;
  int64_t total = 0;
};

std::string cell(const AnswerField& field, const View& view, int64_t row, int32_t status) {
  const bool value = field.kind == AnswerField::Kind::Value || field.kind == AnswerField::Kind::Violation;
  if (value && status != scheduler::kRowOk) return "";
  if (field.kind == AnswerField::Kind::Status) return scheduler::status_text(status);
  const int64_t at = row * view.stride;
  switch (field.dtype) {
    case ACIE_F64: return absl::StrFormat("%.6g", static_cast<const double*>(view.data)[at]);
    case ACIE_F32: return absl::StrFormat("%.6g", static_cast<const float*>(view.data)[at]);
    case ACIE_I64:
      if (field.texts != nullptr) return std::string(field.texts->text(static_cast<const int64_t*>(view.data)[at]));
      if (const auto value = static_cast<const int64_t*>(view.data)[at]; value >= 0 && static_cast<size_t>(value) < field.labels.size())
        return field.labels[static_cast<size_t>(value)];
      return absl::StrCat(static_cast<const int64_t*>(view.data)[at]);
    case ACIE_I32: return absl::StrCat(static_cast<const int32_t*>(view.data)[at]);
    case ACIE_BOOL: return static_cast<const uint8_t*>(view.data)[at] != 0 ? "true" : "false";
  }
  return "";
}

/// Columns a terminal shows, where each code point takes one.
size_t width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void append_line(std::string& text, const std::vector<std::string>& cells, const std::vector<size_t>& widths, bool left_last) {
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - width(cells[i]), ' ');
    const bool left = left_last && i + 1 == cells.size();
    absl::StrAppend(&text, i == 0 ? "" : "  ", left ? "" : padding, cells[i]);
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  text += '\n';
}

}  // namespace

absl::StatusOr<std::unique_ptr<scheduler::EncodedTile>> TableSink::encode(const scheduler::AnswerTile& tile) const {
  auto encoded = std::make_unique<EncodedRows>();
  encoded->total = tile.rows;
  for (int64_t row = 0; row < std::min<int64_t>(tile.rows, kShownRows); ++row) {
    std::vector<std::string>& cells = encoded->rows.emplace_back();
    for (size_t i = 0; i < fields_.size(); ++i) cells.push_back(cell(fields_[i], tile.fields[i], row, tile.status[row]));
  }
  return encoded;
}

absl::Status TableSink::write(const scheduler::EncodedTile& tile) {
  const auto& encoded = static_cast<const EncodedRows&>(tile);
  total_ += encoded.total;
  for (const auto& row : encoded.rows)
    if (rows_.size() < kShownRows) rows_.push_back(row);
  return absl::OkStatus();
}

std::string TableSink::text() const {
  std::vector<std::string> names, units;
  std::vector<size_t> widths;
  bool any_unit = false;
  for (const AnswerField& field : fields_) {
    names.push_back(field.name);
    units.push_back(field.unit.is_one() ? "" : field.unit.to_string());
    any_unit |= !units.back().empty();
    widths.push_back(std::max(width(names.back()), width(units.back())));
  }
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  const bool left_last = !fields_.empty() && fields_.back().kind == AnswerField::Kind::Status;
  std::string text;
  append_line(text, names, widths, left_last);
  if (any_unit) append_line(text, units, widths, left_last);
  std::vector<std::string> rule;
  for (size_t each : widths) rule.push_back(std::string(each, '-'));
  append_line(text, rule, widths, left_last);
  for (const auto& row : rows_) append_line(text, row, widths, left_last);
  if (total_ > static_cast<int64_t>(rows_.size()))
    absl::StrAppend(&text, "… ", grouped(total_ - static_cast<int64_t>(rows_.size())), " more rows; --out FILE writes them all\n");
  return text;
}

ProgressBar::ProgressBar(ProgressMode mode)
    : enabled_(mode == ProgressMode::Always || (mode == ProgressMode::Auto && isatty(STDERR_FILENO) == 1)) {}

ProgressBar::~ProgressBar() {
  if (drawn_) std::fputs("\r\033[K", stderr);
}

void ProgressBar::update(const scheduler::Progress& progress) {
  const Clock::time_point now = Clock::now();
  if (!enabled_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::string line = "\r";
  if (progress.fraction) {
    constexpr int kWidth = 30;
    const int filled = static_cast<int>(std::clamp(*progress.fraction, 0.0, 1.0) * kWidth);
    absl::StrAppend(&line, "[", std::string(static_cast<size_t>(filled), '='), std::string(static_cast<size_t>(kWidth - filled), ' '),
                    absl::StrFormat("] %3.0f%%  ", *progress.fraction * 100));
  }
  absl::StrAppend(&line, grouped(progress.rows), " rows, ", grouped(static_cast<int64_t>(static_cast<double>(progress.rows) / seconds)),
                  " rows/s");
  if (progress.fraction && *progress.fraction > 0.01)
    absl::StrAppend(&line, absl::StrFormat(", %.0f s left", seconds * (1 - *progress.fraction) / *progress.fraction));
  absl::StrAppend(&line, "\033[K");
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
}

std::string grouped(int64_t number) {
  const std::string digits = std::to_string(number);
  const size_t first = number < 0 ? 1 : 0;
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > first && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string summary_line(const package::Entry& entry, const scheduler::RunSummary& summary, double seconds) {
  std::string text;
  if (entry.reads_table)
    text = absl::StrCat(grouped(summary.rows), " rows in ", absl::StrFormat("%.3g s (", seconds),
                        grouped(std::llround(static_cast<double>(summary.rows) / std::max(seconds, 1e-9))), " rows/s)");
  else
    text = absl::StrCat(grouped(summary.answers), summary.answers == 1 ? " answer in " : " answers in ",
                        absl::StrFormat("%.3g s", seconds));
  if (const int64_t undefined = summary.undefined_rows(); undefined > 0) {
    absl::StrAppend(&text, "; ", grouped(undefined), " undefined");
    const char* separator = " (";
    for (size_t i = 0; i < summary.undefined.size(); ++i) {
      if (summary.undefined[i] == 0) continue;
      absl::StrAppend(&text, separator, grouped(summary.undefined[i]), ": ", entry.reasons[i]);
      separator = "; ";
    }
    text += ")";
  }
  if (summary.bad_input > 0)
    absl::StrAppend(&text, "; ", grouped(summary.bad_input), " bad input (a needed cell is missing or out of range)");
  if (entry.violation >= 0) absl::StrAppend(&text, "; ", grouped(summary.violations), " violate a constraint");
  return text;
}

}  // namespace acie::cli
