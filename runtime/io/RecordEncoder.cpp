#include "runtime/io/RecordEncoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <utility>

#include "runtime/io/OutputCells.h"
#include "runtime/io/Table.h"
#include "runtime/io/Utf8.h"
#include "runtime/io/Writers.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

template <typename T>
void store(T value, bool big_endian, char* place) {
  if constexpr (sizeof(T) > 1)
    if (big_endian == (std::endian::native == std::endian::little)) {
      if constexpr (sizeof(T) == 8)
        value = std::bit_cast<T>(__builtin_bswap64(std::bit_cast<uint64_t>(value)));
      if constexpr (sizeof(T) == 4)
        value = std::bit_cast<T>(__builtin_bswap32(std::bit_cast<uint32_t>(value)));
    }
  std::memcpy(place, &value, sizeof value);
}

// Element by element of the rows that are kept; `put(row, value, place)`.
template <typename T, typename Put>
void each_row(const OutputRows& rows, const OutputView& view, size_t record_size, char* place,
              const Put& put) {
  const T* const data = static_cast<const T*>(view.data);
  for (int64_t row = 0; row < rows.rows; ++row) {
    if (rows.keep != nullptr && rows.keep[row] == 0) continue;
    put(view.present == nullptr || view.present[row] != 0, data[row * view.stride], place);
    place += record_size;
  }
}

}  // namespace

int64_t absent_integer(acie_dtype dtype) {
  return dtype == ACIE_I64 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int32_t>::min();
}

RecordEncoder::RecordEncoder(const std::vector<OutputColumn>& columns, RecordStyle style)
    : columns_(columns), style_(style) {
  std::vector<size_t> widths;
  for (const OutputColumn& column : columns_) {
    std::vector<std::string> labels;
    size_t width = column.texts != nullptr ? (style.ucs4_labels ? 4 * kTextWidth : kTextWidth) : column.labels.empty() ? element_size(column.dtype) : 1;
    for (const std::string& label : column.labels) {
      labels.push_back(style.ucs4_labels ? utf8_to_ucs4(label) : label);
      width = std::max(width, labels.back().size());
    }
    if (!labels.empty() && style.ucs4_labels) width = std::max<size_t>(width, 4);
    labels.emplace_back();  // what an absent cell holds
    for (std::string& label : labels) label.resize(width, style.ucs4_labels || style.zero_padding ? '\0' : ' ');
    label_bytes_.push_back(std::move(labels));
    widths.push_back(width);
  }
  place_fields(widths);
}

void RecordEncoder::place_fields(const std::vector<size_t>& widths) {
  struct Vector {
    std::vector<size_t> columns;  // in the order of elements
    size_t first = 0;             // of them in the answer
    bool whole = true;
  };
  std::map<std::pair<std::string, std::vector<int64_t>>, Vector> vectors;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i].vector) continue;
    const OutputVector& of = *columns_[i].vector;
    const auto [found, is_new] = vectors.try_emplace({of.name, of.shape});
    Vector& vector = found->second;
    if (is_new) vector.first = i;
    const OutputColumn& first = columns_[vector.first];
    vector.whole &= of.element == static_cast<int64_t>(vector.columns.size()) && !columns_[i].is_text() &&
                    columns_[i].dtype == first.dtype && fits_unit(columns_[i].unit) == fits_unit(first.unit);
    vector.columns.push_back(i);
  }
  offsets_.resize(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    RecordField field{columns_[i].name, i, {}, 1, widths[i]};
    if (columns_[i].vector) {
      const OutputVector& of = *columns_[i].vector;
      const Vector& vector = vectors[{of.name, of.shape}];
      uint64_t count = 1;
      for (int64_t size : of.shape) count *= static_cast<uint64_t>(size);
      if (vector.whole && vector.columns.size() == count) {
        if (i != vector.first) continue;  // placed with the first
        for (size_t element = 0; element < count; ++element)
          offsets_[vector.columns[element]] = record_size_ + element * widths[i];
        field = {of.name, i, of.shape, vector.columns.size(), widths[i]};
      }
    }
    if (field.shape.empty()) offsets_[i] = record_size_;
    record_size_ += field.count * field.width;
    fields_.push_back(std::move(field));
  }
}

void RecordEncoder::encode(const OutputRows& rows, std::string& out) const {
  const size_t start = out.size();
  out.resize(start + static_cast<size_t>(count_kept(rows)) * record_size_);
  for (size_t i = 0; i < columns_.size(); ++i) encode_column(i, rows, out.data() + start);
}

void RecordEncoder::encode_texts(size_t index, const OutputRows& rows, char* place) const {
  const std::string& absent = label_bytes_[index].back();
  each_row<int64_t>(rows, rows.columns[index], record_size_, place, [&](bool present, int64_t value, char* to) {
    std::memcpy(to, absent.data(), absent.size());
    if (!present) return;
    const std::string_view text = columns_[index].texts->text(value);
    const std::string stored = style_.ucs4_labels ? utf8_to_ucs4(text) : std::string(text);
    if (stored.size() <= absent.size()) {
      std::memcpy(to, stored.data(), stored.size());
      return;
    }
    for (size_t first = overlong_.load(std::memory_order_relaxed); index < first;)
      if (overlong_.compare_exchange_weak(first, index, std::memory_order_relaxed)) break;
  });
}

absl::Status RecordEncoder::status() const {
  const size_t column = overlong_.load(std::memory_order_relaxed);
  if (column >= columns_.size()) return absl::OkStatus();
  return usage_error("column '" + columns_[column].name + "' holds a text of more than " + std::to_string(kTextWidth) +
                     " letters, which has no room in a file of this format; write .csv or .json");
}

void RecordEncoder::encode_column(size_t index, const OutputRows& rows, char* out) const {
  const OutputColumn& column = columns_[index];
  const OutputView& view = rows.columns[index];
  const bool big = style_.big_endian;
  char* const place = out + offsets_[index];
  if (column.texts != nullptr) return encode_texts(index, rows, place);
  if (!column.labels.empty()) {
    const std::vector<std::string>& labels = label_bytes_[index];
    const auto put = [&](bool present, int64_t value, char* to) {
      const bool known = present && value >= 0 && value < static_cast<int64_t>(labels.size()) - 1;
      const std::string& label = known ? labels[static_cast<size_t>(value)] : labels.back();
      std::memcpy(to, label.data(), label.size());
    };
    if (column.dtype == ACIE_I64)
      each_row<int64_t>(rows, view, record_size_, place, put);
    else
      each_row<int32_t>(rows, view, record_size_, place, put);
    return;
  }
  switch (column.dtype) {
    case ACIE_F64:
      return each_row<double>(rows, view, record_size_, place, [&](bool present, double value, char* to) {
        store(present ? value : std::numeric_limits<double>::quiet_NaN(), big, to);
      });
    case ACIE_F32:
      return each_row<float>(rows, view, record_size_, place, [&](bool present, float value, char* to) {
        store(present ? value : std::numeric_limits<float>::quiet_NaN(), big, to);
      });
    case ACIE_I64:
      return each_row<int64_t>(rows, view, record_size_, place, [&](bool present, int64_t value, char* to) {
        store(present ? value : absent_integer(ACIE_I64), big, to);
      });
    case ACIE_I32:
      return each_row<int32_t>(rows, view, record_size_, place, [&](bool present, int32_t value, char* to) {
        store(present ? value : static_cast<int32_t>(absent_integer(ACIE_I32)), big, to);
      });
    case ACIE_BOOL:
      return each_row<uint8_t>(rows, view, record_size_, place, [&](bool present, uint8_t value, char* to) {
        if (style_.logical_letters)
          *to = !present ? '\0' : value != 0 ? 'T' : 'F';
        else
          *to = static_cast<char>(present && value != 0);
      });
  }
}

}  // namespace acie::io
