#include <algorithm>
#include <string>
#include <utility>

#include "runtime/io/AlignedBuffer.h"
#include "runtime/io/CellParser.h"
#include "runtime/io/Records.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

/// Blocks are bounded, whatever a header says of the size of a row.
constexpr uint64_t kMaxBlock = uint64_t{2} << 30;

struct RecordBlock : RawBlock {
  AlignedBuffer bytes;
};

class RecordReader : public TableReader {
 public:
  RecordReader(std::unique_ptr<ByteSource> source, TableSchema schema, RecordLayout layout)
      : source_(std::move(source)), schema_(std::move(schema)), layout_(std::move(layout)) {}

  const TableSchema& schema() const override { return schema_; }

  absl::Status select(std::vector<ColumnRequest> requests) override {
    ACIE_RETURN_IF_ERROR(check_requests(schema_, requests));
    requests_ = std::move(requests);
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<RawBlock>> read(int64_t max_rows) override {
    const int64_t count = std::min(max_rows, layout_.rows - row_);
    if (count <= 0) return std::unique_ptr<RawBlock>();
    if (layout_.record_size > kMaxBlock / static_cast<uint64_t>(count))
      return bad_data_error(schema_.source + ": rows of " + std::to_string(layout_.record_size) +
                            " bytes are too long");
    if (!placed_) {
      ACIE_RETURN_IF_ERROR(
          source_->seek(layout_.data_offset + static_cast<uint64_t>(row_) * layout_.record_size));
      placed_ = true;
    }
    auto block = std::make_unique<RecordBlock>();
    const size_t size = static_cast<size_t>(count) * layout_.record_size;
    block->bytes.resize(size);
    ACIE_ASSIGN_OR_RETURN(const size_t got, read_fully(*source_, block->bytes.chars(), size));
    if (got != size)
      return bad_data_error(schema_.source + " is cut short: it ends in row " +
                            std::to_string(row_ + static_cast<int64_t>(got / layout_.record_size) + 1) +
                            " of " + std::to_string(layout_.rows));
    block->first_row = row_;
    block->rows = count;
    row_ += count;
    return std::unique_ptr<RawBlock>(std::move(block));
  }

  absl::Status decode(const RawBlock& block, Batch& batch) const override {
    prepare_batch(requests_, block.first_row, block.rows, batch);
    const char* const records = static_cast<const RecordBlock&>(block).bytes.chars();
    for (size_t i = 0; i < requests_.size(); ++i) {
      const StoredField& field = layout_.fields[static_cast<size_t>(requests_[i].index)];
      ACIE_RETURN_IF_ERROR(
          decode_column(schema_, records, layout_.record_size, field, requests_[i], block, batch.columns[i]));
    }
    return absl::OkStatus();
  }

  absl::Status skip_to(int64_t row) override {
    row_ = std::max(row_, std::min(row, layout_.rows));
    placed_ = false;
    return absl::OkStatus();
  }

  absl::Status rewind() override {
    row_ = 0;
    placed_ = false;
    return absl::OkStatus();
  }

  std::optional<double> fraction_read() const override {
    if (layout_.rows == 0) return 1.0;
    return static_cast<double>(row_) / static_cast<double>(layout_.rows);
  }

 private:
  std::unique_ptr<ByteSource> source_;
  TableSchema schema_;
  RecordLayout layout_;
  std::vector<ColumnRequest> requests_;
  int64_t row_ = 0;
  bool placed_ = false;  // whether the source stands at row_
};

}  // namespace

absl::Status check_requests(const TableSchema& schema, const std::vector<ColumnRequest>& requests) {
  for (const ColumnRequest& request : requests) {
    const ColumnSchema& column = schema.columns[static_cast<size_t>(request.index)];
    const std::string where = schema.source + ", column '" + column.name + "' ";
    if (!column.refusal.empty()) return bad_data_error(where + column.refusal);
    if (request.element < 0 || request.elements < 1 || request.elements > column.elements() ||
        request.element > column.elements() - request.elements)
      return bad_data_error(where + "has no such elements");
    if (column.is_text && !request.wants_text())
      return bad_data_error(where + "holds text; a number is needed here");
    if (!column.is_text && request.wants_text())
      return bad_data_error(where + "holds numbers; text is needed here" +
                            (request.texts != nullptr ? "" : ", one of " + list_categories(request.categories)));
  }
  return absl::OkStatus();
}

namespace {

// "flux[2]", "image[1, 2]"; the column's name where it is one of numbers.
std::string cell_name(const ColumnSchema& column, int64_t element) {
  std::vector<int64_t> indices(column.shape.size());
  for (size_t axis = indices.size(); axis-- > 0; element /= column.shape[axis]) indices[axis] = element % column.shape[axis];
  return column.name + (indices.empty() ? "" : shape_text(indices));
}

}  // namespace

absl::Status decode_column(const TableSchema& schema, const char* records, uint64_t record_size, const StoredField& field,
                           const ColumnRequest& request, const RawBlock& block, ColumnData& column) {
  int64_t failed = 0;
  std::string text;
  if (decode_field(records, record_size, field, request, block.rows, column, failed, text)) return absl::OkStatus();
  const int64_t row = failed / request.elements, element = request.element + failed % request.elements;
  return bad_data_error(schema.source + ", row " + std::to_string(block.first_row + row + 1) + ", column '" +
                        cell_name(schema.columns[static_cast<size_t>(request.index)], element) + "': '" + text + "' is not " +
                        CellParser(request).expectation());
}

std::unique_ptr<TableReader> make_record_reader(std::unique_ptr<ByteSource> source, TableSchema schema,
                                                RecordLayout layout) {
  schema.rows = layout.rows;
  schema.row_bytes = layout.record_size;
  return std::make_unique<RecordReader>(std::move(source), std::move(schema), std::move(layout));
}

}  // namespace acie::io
