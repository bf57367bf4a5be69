#include "runtime/scheduler/FileStream.h"

#include <oneapi/tbb/concurrent_queue.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "runtime/scheduler/ColumnStore.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::ColumnInput;

/// What a tile may take of memory: rows of long vectors come in smaller tiles, with the same answers.
constexpr uint64_t kTileBytes = uint64_t{48} << 20;
constexpr int64_t kMinTile = 16;

using BatchPool = tbb::concurrent_queue<std::unique_ptr<io::Batch>>;

class FileTile : public SourceTile {
 public:
  explicit FileTile(BatchPool& pool) : pool_(pool) {
    if (!pool_.try_pop(batch)) batch = std::make_unique<io::Batch>();
  }
  ~FileTile() override { pool_.push(std::move(batch)); }

  std::unique_ptr<io::RawBlock> raw;
  std::unique_ptr<io::Batch> batch;
  ColumnStore store;  // of tensors and of rows with missing cells

 private:
  BatchPool& pool_;
};

class FileSource : public TileSource {
 public:
  FileSource(const package::Entry& entry, std::unique_ptr<io::TableReader> reader, const FileSourceOptions& options)
      : entry_(entry), reader_(std::move(reader)), rows_(options.rows), tile_(options.tile) {}

  absl::Status prepare(const TableBinding& binding, const FileSourceOptions& options) {
    std::vector<io::ColumnRequest> requests;
    constants_.reserve(entry_.columns.size());
    for (size_t i = 0; i < entry_.columns.size(); ++i) {
      const ColumnInput& column = entry_.columns[i];
      const auto asked = options.asked.find(column.name);
      if (asked != options.asked.end() || binding.columns[i].column < 0) {
        request_of_.push_back(-1);
        part_.push_back(0);
        constants_.push_back(constant(column, asked == options.asked.end() ? nullptr : &asked->second));
        continue;
      }
      constants_.emplace_back();
      const ColumnBinding& bound = binding.columns[i];
      if (goes_on(i, binding)) {
        request_of_.push_back(request_of_.back());
        part_.push_back(requests.back().elements++);
        continue;
      }
      request_of_.push_back(static_cast<int>(requests.size()));
      part_.push_back(0);
      requests.push_back({bound.column, entry_.buffers[column.buffer].dtype, bound.factor, column.labels, bound.element, 1, column.is_text ? options.texts : nullptr});
    }
    for (const io::ColumnRequest& request : requests) elements_.push_back(request.elements);
    uint64_t row_bytes = reader_->schema().row_bytes;
    for (const io::ColumnRequest& request : requests)
      row_bytes += (io::element_size(request.dtype) + 1) * static_cast<uint64_t>(request.elements);
    for (const package::Buffer& buffer : entry_.buffers) row_bytes += size_of(buffer.dtype) * static_cast<uint64_t>(buffer.elements());
    tile_ = std::min(tile_, std::max<int64_t>(kMinTile, static_cast<int64_t>(kTileBytes / std::max<uint64_t>(row_bytes, 1))));
    ACIE_RETURN_IF_ERROR(reader_->select(std::move(requests)));
    return rows_.begin > 0 ? reader_->skip_to(rows_.begin) : absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<SourceTile>> read() override {
    const int64_t at = rows_.begin + read_;
    if (at >= rows_.end) return std::unique_ptr<SourceTile>();
    ACIE_ASSIGN_OR_RETURN(std::unique_ptr<io::RawBlock> raw, reader_->read(std::min(tile_, rows_.end - at)));
    if (raw == nullptr) return std::unique_ptr<SourceTile>();
    auto tile = std::make_unique<FileTile>(pool_);
    tile->input.rows = raw->rows;
    tile->input.row_base = raw->first_row;
    read_ += raw->rows;
    tile->raw = std::move(raw);
    return tile;
  }

  absl::Status decode(SourceTile& base) const override {
    auto& tile = static_cast<FileTile&>(base);
    ACIE_RETURN_IF_ERROR(reader_->decode(*tile.raw, *tile.batch));
    tile.raw.reset();
    TileInput& input = tile.input;
    tile.store.begin(entry_.buffers.size(), input.row_base, input.rows, input);
    for (size_t i = 0; i < entry_.columns.size(); ++i) {
      const ColumnInput& column = entry_.columns[i];
      if (request_of_[i] < 0) {
        input.columns[column.buffer] = {const_cast<uint64_t*>(&constants_[i].value), 0};
        if (column.presence >= 0) input.columns[column.presence] = {const_cast<uint8_t*>(&constants_[i].present), 0};
        continue;
      }
      io::ColumnData& data = tile.batch->columns[request_of_[i]];
      const int64_t elements = elements_[static_cast<size_t>(request_of_[i])];
      if (!entry_.buffers[column.buffer].shape.empty()) {
        if (part_[i] == 0 && data.missing > 0) mark_missing(data, elements, tile);
        if (elements == entry_.buffers[column.buffer].elements()) {
          input.columns[column.buffer] = {data.values.data(), elements};  // the tensors of all rows, as they are decoded
          continue;
        }
        const std::byte* const first = data.values.data() + static_cast<size_t>(part_[i]) * size_of(data.dtype);
        tile.store.add(entry_, column, {.data = first, .dtype = data.dtype, .stride = elements}, 1, 0, input);
        continue;
      }
      input.columns[column.buffer] = {data.values.data(), 1};
      if (column.presence >= 0)
        input.columns[column.presence] = {data.present.data(), 1};
      else if (data.missing > 0)
        mark_missing(data, 1, tile);
    }
    return absl::OkStatus();
  }

  absl::Status rewind() override {
    ACIE_RETURN_IF_ERROR(reader_->rewind());
    read_ = 0;
    return rows_.begin > 0 ? reader_->skip_to(rows_.begin) : absl::OkStatus();
  }

  std::optional<double> fraction_read() const override {
    if (rows_.end != INT64_MAX && rows_.end > rows_.begin)
      return std::min(1.0, static_cast<double>(read_) / static_cast<double>(rows_.end - rows_.begin));
    return reader_->fraction_read();
  }

 private:
  struct Constant {
    uint64_t value = 0;  // the bits of an element of the column's type
    uint8_t present = 0;
  };

  Constant constant(const ColumnInput& column, const double* value) const {
    Constant result;
    TileInput one;
    ColumnStore store;
    store.begin(entry_.buffers.size(), 0, 1, one);
    store.add_constant(entry_, column, value != nullptr ? *value : std::numeric_limits<double>::quiet_NaN(), one);
    std::memcpy(&result.value, one.columns[column.buffer].data, size_of(entry_.buffers[column.buffer].dtype));
    result.present = value != nullptr;
    return result;
  }

  /// Whether column `i` is the element after column `i - 1` of one tensor, in the file as in memory.
  bool goes_on(size_t i, const TableBinding& binding) const {
    if (i == 0 || request_of_.back() < 0 || entry_.buffers[entry_.columns[i].buffer].shape.empty()) return false;
    const ColumnBinding &before = binding.columns[i - 1], &here = binding.columns[i];
    return entry_.columns[i].buffer == entry_.columns[i - 1].buffer && here.column == before.column &&
           here.element == before.element + 1 && here.factor == before.factor;
  }

  static void mark_missing(const io::ColumnData& data, int64_t elements, FileTile& tile) {
    for (int64_t i = 0; i < tile.input.rows * elements; ++i)
      if (!data.is_present(i)) tile.store.mark_missing(i / elements, tile.input);
  }

  const package::Entry& entry_;
  std::unique_ptr<io::TableReader> reader_;
  RowRange rows_;
  int64_t tile_;
  int64_t read_ = 0;
  std::vector<int> request_of_;       // by column of the entry; -1: a constant
  std::vector<int64_t> part_;         // by column of the entry: which of its request's elements it is
  std::vector<int64_t> elements_;     // by request
  std::vector<Constant> constants_;
  mutable BatchPool pool_;
};

class EncodedText : public EncodedTile {
 public:
  std::string text;
};

class FileSink : public AnswerSink {
 public:
  FileSink(const std::vector<AnswerField>& fields, io::TableWriter& writer) : fields_(fields), writer_(writer) {}

  absl::StatusOr<std::unique_ptr<EncodedTile>> encode(const AnswerTile& tile) const override {
    auto encoded = std::make_unique<EncodedText>();
    RowsForOutput output;
    rows_for_output(fields_, tile, output);
    writer_.encode(output.rows, encoded->text);
    return encoded;
  }

  absl::Status write(const EncodedTile& tile) override {
    return writer_.append(static_cast<const EncodedText&>(tile).text);
  }

 private:
  std::vector<AnswerField> fields_;
  io::TableWriter& writer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TileSource>> file_source(const package::Entry& entry, const TableBinding& binding,
                                                        std::unique_ptr<io::TableReader> reader,
                                                        const FileSourceOptions& options) {
  auto source = std::make_unique<FileSource>(entry, std::move(reader), options);
  ACIE_RETURN_IF_ERROR(source->prepare(binding, options));
  return source;
}

std::vector<io::OutputColumn> output_columns(const std::vector<AnswerField>& fields) {
  std::vector<io::OutputColumn> columns;
  for (const AnswerField& field : fields) {
    io::OutputColumn column{field.name, field.dtype, field.unit, {}};
    if (field.vector) column.vector = {field.vector->name, field.vector->shape, field.vector->element};
    // Codes as rows_for_output gives them.
    column.labels = field.labels;
    column.texts = field.texts;
    if (field.kind == AnswerField::Kind::Status) column.labels = {status_text(kRowOk), status_text(1), status_text(kRowBadInput)};
    columns.push_back(std::move(column));
  }
  return columns;
}

void rows_for_output(const std::vector<AnswerField>& fields, const AnswerTile& tile, RowsForOutput& result) {
  const size_t rows = static_cast<size_t>(tile.rows);
  result.rows = {};
  result.rows.rows = tile.rows;
  const bool all_ok = std::all_of(tile.status, tile.status + rows, [](int32_t status) { return status == kRowOk; });
  if (!all_ok) {
    result.present.resize(rows);
    for (size_t i = 0; i < rows; ++i) result.present[i] = tile.status[i] == kRowOk;
  }
  result.status.resize(rows);
  for (size_t i = 0; i < rows; ++i) result.status[i] = tile.status[i] == kRowOk ? 0 : tile.status[i] > 0 ? 1 : 2;
  for (size_t i = 0; i < fields.size(); ++i) {
    io::OutputView view{tile.fields[i].data, tile.fields[i].stride, nullptr};
    const AnswerField::Kind kind = fields[i].kind;
    if (kind == AnswerField::Kind::Status) view = {result.status.data(), 1, nullptr};
    if (!all_ok && (kind == AnswerField::Kind::Value || kind == AnswerField::Kind::Violation))
      view.present = result.present.data();
    result.rows.columns.push_back(view);
  }
}

std::unique_ptr<AnswerSink> file_sink(const std::vector<AnswerField>& fields, io::TableWriter& writer) {
  return std::make_unique<FileSink>(fields, writer);
}

}  // namespace acie::scheduler
