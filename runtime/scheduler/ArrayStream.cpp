#include "runtime/scheduler/ArrayStream.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace acie::scheduler {
namespace {

class ArrayTile : public SourceTile {
 public:
  ColumnStore store;
};

class ArraySource : public TileSource {
 public:
  ArraySource(const package::Entry& entry, std::vector<BoundArray> arrays, int64_t rows, int64_t tile,
              const std::map<std::string, double, std::less<>>& asked)
      : entry_(entry), arrays_(std::move(arrays)), rows_(rows), tile_(tile) {
    for (const package::ColumnInput& column : entry.columns) {
      const auto found = asked.find(column.name);
      asked_.push_back(found == asked.end() ? std::numeric_limits<double>::quiet_NaN() : found->second);
    }
  }

  absl::StatusOr<std::unique_ptr<SourceTile>> read() override {
    if (next_ >= rows_) return std::unique_ptr<SourceTile>();
    auto tile = std::make_unique<ArrayTile>();
    tile->input.row_base = next_;
    tile->input.rows = std::min(tile_, rows_ - next_);
    next_ += tile->input.rows;
    return tile;
  }

  absl::Status decode(SourceTile& tile) const override {
    ColumnStore& store = static_cast<ArrayTile&>(tile).store;
    store.begin(entry_.buffers.size(), tile.input.row_base, tile.input.rows, tile.input);
    for (size_t i = 0; i < entry_.columns.size(); ++i) {
      if (arrays_[i].raw.data == nullptr)
        store.add_constant(entry_, entry_.columns[i], asked_[i], tile.input);
      else
        store.add(entry_, entry_.columns[i], arrays_[i].raw, arrays_[i].factor, tile.input.row_base, tile.input);
    }
    return absl::OkStatus();
  }

  absl::Status rewind() override {
    next_ = 0;
    return absl::OkStatus();
  }
  std::optional<double> fraction_read() const override {
    return rows_ == 0 ? 1 : static_cast<double>(next_) / static_cast<double>(rows_);
  }

 private:
  const package::Entry& entry_;
  std::vector<BoundArray> arrays_;
  std::vector<double> asked_;
  int64_t rows_;
  int64_t tile_;
  int64_t next_ = 0;
};

class EncodedArrays : public EncodedTile {
 public:
  int64_t rows = 0;
  std::vector<std::vector<uint8_t>> columns;
  std::vector<int32_t> status;
};

template <typename T>
void copy(const View& view, const AnswerTile& tile, bool always, T absent, std::vector<uint8_t>& to) {
  const T* from = static_cast<const T*>(view.data);
  if (always && view.stride == 1) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(from);
    to.assign(bytes, bytes + static_cast<size_t>(tile.rows) * sizeof(T));
    return;
  }
  to.resize(static_cast<size_t>(tile.rows) * sizeof(T));
  for (int64_t i = 0; i < tile.rows; ++i) {
    const T value = always || tile.status[i] == kRowOk ? from[i * view.stride] : absent;
    std::memcpy(to.data() + static_cast<size_t>(i) * sizeof(T), &value, sizeof(T));
  }
}

}  // namespace

std::unique_ptr<TileSource> array_source(const package::Entry& entry, std::vector<BoundArray> arrays, int64_t rows,
                                         int64_t tile, const std::map<std::string, double, std::less<>>& asked) {
  return std::make_unique<ArraySource>(entry, std::move(arrays), rows, tile, asked);
}

ArraySink::ArraySink(std::vector<AnswerField> fields) : fields_(std::move(fields)), columns_(fields_.size()) {}

void ArraySink::reserve(int64_t rows) {
  for (size_t i = 0; i < columns_.size(); ++i) columns_[i].reserve(static_cast<size_t>(rows) * size_of(fields_[i].dtype));
  status_.reserve(static_cast<size_t>(rows));
}

absl::StatusOr<std::unique_ptr<EncodedTile>> ArraySink::encode(const AnswerTile& tile) const {
  auto encoded = std::make_unique<EncodedArrays>();
  encoded->rows = tile.rows;
  encoded->status.assign(tile.status, tile.status + tile.rows);
  encoded->columns.resize(fields_.size());
  const bool all_ok = std::all_of(encoded->status.begin(), encoded->status.end(), [](int32_t each) { return each == kRowOk; });
  for (size_t i = 0; i < fields_.size(); ++i) {
    const bool always =
        all_ok || (fields_[i].kind != AnswerField::Kind::Value && fields_[i].kind != AnswerField::Kind::Violation);
    const View& view = tile.fields[i];
    std::vector<uint8_t>& to = encoded->columns[i];
    switch (fields_[i].dtype) {
      case ACIE_F64: copy(view, tile, always, std::numeric_limits<double>::quiet_NaN(), to); break;
      case ACIE_F32: copy(view, tile, always, std::numeric_limits<float>::quiet_NaN(), to); break;
      case ACIE_I64: copy(view, tile, always, int64_t{0}, to); break;
      case ACIE_I32: copy(view, tile, always, int32_t{0}, to); break;
      case ACIE_BOOL: copy(view, tile, always, uint8_t{0}, to); break;
    }
  }
  return encoded;
}

absl::Status ArraySink::write(const EncodedTile& tile) {
  const auto& encoded = static_cast<const EncodedArrays&>(tile);
  for (size_t i = 0; i < columns_.size(); ++i)
    columns_[i].insert(columns_[i].end(), encoded.columns[i].begin(), encoded.columns[i].end());
  status_.insert(status_.end(), encoded.status.begin(), encoded.status.end());
  rows_ += encoded.rows;
  return absl::OkStatus();
}

}  // namespace acie::scheduler
