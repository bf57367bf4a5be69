// Puts the columns of an answer together from what was computed.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "runtime/scheduler/Answer.h"
#include "runtime/scheduler/RowTile.h"

namespace acie::scheduler {

/// Builds one AnswerTile. What it points to lives as long as the builder and the row tile it was built from.
class AnswerBuilder {
 public:
  AnswerBuilder(const Program& program, const RunConstants& constants, const DrawOptions& draws);

  /// One answer per row of `rows`.
  void rows(const RowTile& rows);

  /// One answer per draw: draws [begin, end) of the rows of `rows`, counted row by row. Computes the draws.
  absl::Status draws(const RowTile& rows, int64_t begin, int64_t end);

  /// The one answer of a whole table, from Table-space views.
  void once(const TableState& table);

  /// Leaves out the rows whose status is not ok.
  void drop_bad_rows();

  const AnswerTile& tile() const { return tile_; }

  /// Answers that are ok and violate a constraint, and the index of the first (-1: none).
  int64_t violations() const { return violations_; }
  int64_t first_violation() const { return first_violation_; }
  double violation_at(int64_t index) const;

 private:
  void place_fields(const std::vector<View>& views, const std::vector<std::vector<double>>* jackknife);
  void count_violations(const std::vector<View>& views);

  const Program& program_;
  const RunConstants& constants_;
  DrawOptions draws_;
  std::vector<AnswerField> fields_;
  AnswerTile tile_;
  int64_t violations_ = 0;
  int64_t first_violation_ = -1;
  View violation_;
  std::vector<int32_t> status_;
  std::unique_ptr<DrawSweep> sweep_;
  std::vector<int64_t> row_numbers_, draw_numbers_;
  std::vector<std::vector<uint64_t>> owned_;  // columns gathered here; 8 bytes hold an element of any type
};

}  // namespace acie::scheduler
