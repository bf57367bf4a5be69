#include "runtime/scheduler/ColumnStore.h"

#include <cmath>

namespace acie::scheduler {
namespace {

using package::ColumnInput;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool bit(const uint8_t* bits, int64_t i) { return (bits[i >> 3] >> (i & 7)) & 1; }

bool present(const RawColumn& raw, int64_t i) { return raw.validity == nullptr || bit(raw.validity, raw.validity_offset + i); }

/// A value as a double; 64-bit integers beyond 2^53 are handled apart.
double number(const RawColumn& raw, int64_t i) {
  const int64_t at = i * raw.stride;
  switch (raw.dtype) {
    case ACIE_F64: return static_cast<const double*>(raw.data)[at];
    case ACIE_F32: return static_cast<const float*>(raw.data)[at];
    case ACIE_I64: return static_cast<double>(static_cast<const int64_t*>(raw.data)[at]);
    case ACIE_I32: return static_cast<const int32_t*>(raw.data)[at];
    case ACIE_BOOL:
      return raw.boolean_bits ? bit(static_cast<const uint8_t*>(raw.data), raw.validity_offset + i)
                              : static_cast<const uint8_t*>(raw.data)[at] != 0;
  }
  return kNan;
}

/// Whether `value` is one that T holds: for integers a whole number in range, for booleans 0 or 1.
template <typename T>
bool holds(double value) {
  if constexpr (std::is_floating_point_v<T>) return true;
  if constexpr (std::is_same_v<T, uint8_t>) return value == 0 || value == 1;
  return value == std::trunc(value) && value >= static_cast<double>(std::numeric_limits<T>::min()) &&
         value < -static_cast<double>(std::numeric_limits<T>::min());
}

/// Converts `rows` elements to T; where one is missing or does not fit, puts `absent` and calls `missing(i)`.
template <typename T, typename Missing>
void convert(const RawColumn& raw, double factor, int64_t first, int64_t rows, T* to, int64_t step, T absent, Missing missing) {
  const bool whole = raw.dtype == ACIE_I64 && std::is_same_v<T, int64_t> && factor == 1;
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t at = first + i;
    if (whole && present(raw, at)) {
      to[i * step] = static_cast<T>(static_cast<const int64_t*>(raw.data)[at * raw.stride]);
      continue;
    }
    const double value = present(raw, at) ? number(raw, at) * factor : kNan;
    const bool good = !std::isnan(value) && holds<T>(value);
    to[i * step] = good ? static_cast<T>(value) : absent;
    if (!good) missing(i);
  }
}

template <typename Missing>
void convert_to(acie_dtype dtype, const RawColumn& raw, double factor, int64_t first, int64_t rows, void* to,
                int64_t step, Missing missing) {
  const auto run = [&]<typename T>(T absent) { convert(raw, factor, first, rows, static_cast<T*>(to), step, absent, missing); };
  switch (dtype) {
    case ACIE_F64: run(kNan); break;
    case ACIE_F32: run(std::numeric_limits<float>::quiet_NaN()); break;
    case ACIE_I64: run(int64_t{0}); break;
    case ACIE_I32: run(int32_t{0}); break;
    case ACIE_BOOL: run(uint8_t{0}); break;
  }
}

}  // namespace

void ColumnStore::begin(size_t num_buffers, int64_t row_base, int64_t rows, TileInput& tile) {
  used_ = 0;
  tile.rows = rows;
  tile.row_base = row_base;
  tile.columns.assign(num_buffers, View{});
  tile.initial_status = nullptr;
}

void* ColumnStore::take(size_t bytes) {
  if (used_ == blocks_.size()) blocks_.emplace_back();
  std::vector<uint64_t>& block = blocks_[used_++];
  if (block.size() < bytes / 8 + 1) block.resize(bytes / 8 + 1);
  return block.data();
}

void ColumnStore::mark_missing(int64_t row, TileInput& tile) {
  if (tile.initial_status == nullptr) {
    status_.assign(static_cast<size_t>(tile.rows), kRowOk);
    tile.initial_status = status_.data();
  }
  status_[static_cast<size_t>(row)] = kRowBadInput;
}

void ColumnStore::add(const package::Entry& entry, const ColumnInput& column, const RawColumn& raw, double factor,
                      int64_t first, TileInput& tile) {
  const acie_dtype dtype = entry.buffers[column.buffer].dtype;
  View& view = tile.columns[column.buffer];
  if (const int64_t elements = entry.buffers[column.buffer].elements(); !entry.buffers[column.buffer].shape.empty()) {
    // An element of each row's tensor; the first to come makes room for all.
    if (view.data == nullptr) view = {take(static_cast<size_t>(tile.rows * elements) * size_of(dtype)), elements};
    void* to = View{view.data, 1}.from(column.vector->element, dtype).data;
    convert_to(dtype, raw, factor, first, tile.rows, to, elements, [&](int64_t i) { mark_missing(i, tile); });
    return;
  }
  const bool asked = column.presence >= 0;
  if (!asked && raw.dtype == dtype && factor == 1 && raw.validity == nullptr && !raw.boolean_bits) {
    // NaN in place is found when ranges are checked.
    view = View{const_cast<void*>(raw.data), raw.stride}.from(first, dtype);
    return;
  }
  view = {take(static_cast<size_t>(tile.rows) * size_of(dtype)), 1};
  if (!asked) {
    convert_to(dtype, raw, factor, first, tile.rows, view.data, 1, [&](int64_t i) { mark_missing(i, tile); });
    return;
  }
  auto* presence = static_cast<uint8_t*>(take(static_cast<size_t>(tile.rows)));
  std::fill_n(presence, tile.rows, uint8_t{1});
  convert_to(dtype, raw, factor, first, tile.rows, view.data, 1, [&](int64_t i) { presence[i] = 0; });
  tile.columns[column.presence] = {presence, 1};
}

void ColumnStore::add_constant(const package::Entry& entry, const ColumnInput& column, double value, TileInput& tile) {
  RawColumn raw;
  raw.data = &value;
  raw.stride = 0;
  add(entry, column, raw, 1, 0, tile);
}

}  // namespace acie::scheduler
