// A caller's own arrays as a table, and an answer kept in memory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/scheduler/ColumnStore.h"
#include "runtime/scheduler/Stream.h"

namespace acie::scheduler {

/// A column bound to an input of an entry.
struct BoundArray {
  RawColumn raw;
  double factor = 1;  // from the caller's unit to the entry's
};

/// Reads `rows` rows of `arrays`, one per ColumnInput of `entry` in its order. do? columns without data (null) take their
/// value from `asked`, by name, or are absent in every row.
std::unique_ptr<TileSource> array_source(const package::Entry& entry, std::vector<BoundArray> arrays, int64_t rows,
                                         int64_t tile, const std::map<std::string, double, std::less<>>& asked);

/// Keeps a whole answer.
class ArraySink : public AnswerSink {
 public:
  explicit ArraySink(std::vector<AnswerField> fields);

  /// Room for an answer of so many rows.
  void reserve(int64_t rows);

  absl::StatusOr<std::unique_ptr<EncodedTile>> encode(const AnswerTile& tile) const override;
  absl::Status write(const EncodedTile& tile) override;

  const std::vector<AnswerField>& fields() const { return fields_; }
  int64_t rows() const { return rows_; }
  /// Elements of a field, of its type; those of rows without an answer are NaN, 0 or false.
  const std::vector<uint8_t>& bytes(size_t field) const { return columns_[field]; }
  /// One per row.
  const std::vector<int32_t>& status() const { return status_; }

 private:
  std::vector<AnswerField> fields_;
  std::vector<std::vector<uint8_t>> columns_;
  std::vector<int32_t> status_;
  int64_t rows_ = 0;
};

}  // namespace acie::scheduler
