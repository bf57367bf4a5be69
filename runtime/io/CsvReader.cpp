#include "runtime/io/CsvReader.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "runtime/io/AlignedBuffer.h"
#include "runtime/io/CsvDecoder.h"
#include "runtime/io/RecordScanner.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

constexpr size_t kMinRead = size_t{64} << 10;
constexpr size_t kMaxRead = size_t{1} << 20;
/// Longer records are taken for a quote that is never closed: without a bound such a file would be read into
/// memory whole.
constexpr size_t kMaxRecord = size_t{32} << 20;
constexpr size_t kMaxColumns = 100000;

struct CsvBlock : RawBlock {
  AlignedBuffer bytes;
  size_t size = 0;
  CsvPosition start;
};

// Whether the text is nothing but line ends. Where more may follow, a CR at its end counts as half of one.
bool is_blank(std::string_view text, bool complete) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') continue;
    if (text[i] != '\r') return false;
    if (i + 1 == text.size() ? complete : text[i + 1] != '\n') return false;
  }
  return true;
}

// How many bytes of text are left once blank records at its end are dropped; each takes one from `rows`. A
// line end that belongs to a record with something in it stays.
size_t drop_blank_records(std::string_view text, int64_t& rows) {
  size_t size = text.size();
  while (size > 0) {
    size_t begin = size - 1;  // of the last record's line end
    if (text[begin] != '\n') break;
    if (begin > 0 && text[begin - 1] == '\r') --begin;
    if (begin > 0 && text[begin - 1] != '\n') break;
    size = begin;
    --rows;
  }
  return size;
}

class CsvReader : public TableReader {
 public:
  CsvReader(std::unique_ptr<ByteSource> source, std::string name, char separator)
      : source_(std::move(source)), separator_(separator) {
    schema_.source = std::move(name);
  }

  absl::Status open() {
    ACIE_RETURN_IF_ERROR(begin());
    return absl::OkStatus();
  }

  const TableSchema& schema() const override { return schema_; }

  absl::Status select(std::vector<ColumnRequest> requests) override {
    decoder_ = std::make_unique<CsvDecoder>(schema_, separator_, std::move(requests));
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<RawBlock>> read(int64_t max_rows) override {
    auto block = std::make_unique<CsvBlock>();
    block->first_row = row_;
    block->start = {row_, 1 + line_};
    ACIE_ASSIGN_OR_RETURN(block->rows, take_records(max_rows, block->bytes, block->size));
    row_ += block->rows;
    if (block->rows == 0) return std::unique_ptr<RawBlock>();
    return std::unique_ptr<RawBlock>(std::move(block));
  }

  absl::Status decode(const RawBlock& block, Batch& batch) const override {
    const CsvBlock& csv = static_cast<const CsvBlock&>(block);
    return decoder_->decode({csv.bytes.chars(), csv.size}, csv.start, csv.rows, batch);
  }

  absl::Status skip_to(int64_t row) override {
    constexpr int64_t kStep = 1 << 14;
    AlignedBuffer bytes;
    size_t size;
    while (row_ < row) {
      ACIE_ASSIGN_OR_RETURN(const int64_t count, take_records(std::min(kStep, row - row_), bytes, size));
      if (count == 0) break;
      row_ += count;
    }
    return absl::OkStatus();
  }

  absl::Status rewind() override {
    ACIE_RETURN_IF_ERROR(source_->seek(0));
    pending_.resize(0);
    at_end_ = false;
    consumed_ = 0;
    row_ = 0;
    line_ = 0;
    return begin();
  }

  std::optional<double> fraction_read() const override {
    const std::optional<uint64_t> size = source_->size();
    if (!size || *size == 0) return std::nullopt;
    return std::min(1.0, static_cast<double>(consumed_ - pending_.size()) / static_cast<double>(*size));
  }

 private:
  // Skips the byte order mark and takes the header, of which the schema is made the first time.
  absl::Status begin() {
    AlignedBuffer bytes;
    size_t size;
    ACIE_RETURN_IF_ERROR(fill(pending_, 4096));
    if (pending_.size() >= 3 && std::memcmp(pending_.chars(), "\xEF\xBB\xBF", 3) == 0) drop_front(3);
    ACIE_ASSIGN_OR_RETURN(const int64_t records, take_records(1, bytes, size));
    if (records == 0 || size == 0)
      return bad_data_error(schema_.source + " is empty; a CSV file begins with a row of column names");
    std::string_view header(bytes.chars(), size);
    if (header.back() == '\n') header.remove_suffix(1);
    if (!header.empty() && header.back() == '\r') header.remove_suffix(1);
    if (std::find(header.begin(), header.end(), '\0') != header.end())
      return bad_data_error(schema_.source + " is not text: its first line holds zero bytes");
    if (header.find('\r') != std::string_view::npos && header.find('"') == std::string_view::npos)
      return bad_data_error(schema_.source +
                            ": lines end with CR alone; save the file with LF or CRLF line ends");
    if (!schema_.columns.empty()) return absl::OkStatus();
    std::vector<std::string> names;
    if (!split_record(header, separator_, names))
      return bad_data_error(schema_.source + " (line 1): a quote in the header is not closed or misplaced");
    if (names.size() > kMaxColumns)
      return bad_data_error(schema_.source + " has more than " + std::to_string(kMaxColumns) + " columns");
    if (names.size() == 1 && names[0].empty())
      return bad_data_error(schema_.source +
                            ": the first line is blank; a CSV file begins with a row of column names");
    for (std::string& name : names) schema_.columns.emplace_back().name = std::move(name);
    return absl::OkStatus();
  }

  // Moves up to `wanted` records into out[0, size); fewer only at the end. Says how many.
  absl::StatusOr<int64_t> take_records(int64_t wanted, AlignedBuffer& out, size_t& size) {
    std::swap(out, pending_);
    pending_.resize(0);
    RecordScanner scanner;
    int64_t left = wanted;
    size_t scanned = 0;
    size_t last_end = 0;  // no record longer than kMaxRecord may build up
    for (;;) {
      const int64_t before = left;
      if (left > 0) scanned += scanner.scan(out.chars() + scanned, out.size() - scanned, left);
      if (left == 0) break;
      if (left != before) last_end = scanned;
      if (scanned - last_end > kMaxRecord)
        return bad_data_error(schema_.source + ", near line " + std::to_string(line_ + 1) +
                              ": a record longer than " + std::to_string(kMaxRecord >> 20) +
                              " MiB; is a quoted field never closed?");
      const size_t had = out.size();
      ACIE_RETURN_IF_ERROR(fill(out, likely_size(left)));
      if (out.size() == had) break;
    }
    size = scanned;
    int64_t records = wanted - left;
    if (records > 0) record_size_ = size / static_cast<size_t>(records) + 1;
    if (left == 0) {
      pending_.resize(out.size() - scanned);
      if (pending_.size() != 0) std::memcpy(pending_.data(), out.data() + scanned, pending_.size());
    } else if (scanned > 0 && (out.chars()[scanned - 1] != '\n' || scanner.in_quotes())) {
      ++records;  // the last record has no newline
    }
    line_ += scanner.lines();
    // In a table of one column a blank line is a missing cell; in others, blank lines that end the file are
    // none.
    const std::string_view text(out.chars(), size);
    int64_t filled = records;
    const bool may_trim = schema_.columns.size() > 1 && !scanner.in_quotes();
    const size_t trimmed = may_trim ? drop_blank_records(text, filled) : size;
    if (trimmed == size) return records;
    ACIE_ASSIGN_OR_RETURN(const bool nothing_follows, rest_is_blank());
    if (!nothing_follows) return records;
    size = trimmed;
    return filled;
  }

  // What to read for that many records more: little beyond them, for what is left over is copied to the next
  // block.
  size_t likely_size(int64_t records) const {
    const size_t most = kMaxRead / record_size_;
    return static_cast<uint64_t>(records) >= most
               ? kMaxRead
               : std::max(kMinRead, static_cast<size_t>(records) * record_size_);
  }

  // Whether nothing but line ends is left of the file; drops them if so.
  absl::StatusOr<bool> rest_is_blank() {
    for (;;) {
      if (!is_blank({pending_.chars(), pending_.size()}, at_end_)) return false;
      if (at_end_) break;
      if (pending_.size() > kMaxRecord) return false;
      ACIE_RETURN_IF_ERROR(fill(pending_, kMinRead));
    }
    pending_.resize(0);
    return true;
  }

  // Appends up to `size` bytes of the source; nothing only at its end.
  absl::Status fill(AlignedBuffer& buffer, size_t size) {
    if (at_end_) return absl::OkStatus();
    const size_t had = buffer.size();
    buffer.extend(had + size);
    ACIE_ASSIGN_OR_RETURN(const size_t count, read_fully(*source_, buffer.chars() + had, size));
    buffer.extend(had + count);
    at_end_ = count < size;
    consumed_ += count;
    return absl::OkStatus();
  }

  void drop_front(size_t count) {
    std::memmove(pending_.data(), pending_.data() + count, pending_.size() - count);
    pending_.extend(pending_.size() - count);
  }

  std::unique_ptr<ByteSource> source_;
  char separator_;
  TableSchema schema_;
  std::unique_ptr<CsvDecoder> decoder_;
  AlignedBuffer pending_;  // read from the source, not yet given out
  bool at_end_ = false;
  uint64_t consumed_ = 0;
  size_t record_size_ = 1024;  // bytes, of late
  int64_t row_ = 0;
  int64_t line_ = 0;  // newlines given out
};

}  // namespace

absl::StatusOr<std::unique_ptr<TableReader>> open_csv(std::unique_ptr<ByteSource> source, std::string name,
                                                      char separator) {
  auto reader = std::make_unique<CsvReader>(std::move(source), std::move(name), separator);
  ACIE_RETURN_IF_ERROR(reader->open());
  return std::unique_ptr<TableReader>(std::move(reader));
}

}  // namespace acie::io
