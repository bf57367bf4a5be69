// Computes the answer for a tile of rows: the Row space of an entry, and the draws inside each row.
#pragma once

#include <oneapi/tbb/enumerable_thread_specific.h>

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "runtime/scheduler/DrawSweep.h"
#include "runtime/scheduler/TableState.h"
#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

/// Status of a row. Positive numbers are Entry::reasons, counted from 1.
inline constexpr int32_t kRowOk = 0;
inline constexpr int32_t kRowBadInput = -1;

/// The rows of one tile as the table gives them.
struct TileInput {
  int64_t rows = 0;
  int64_t row_base = 0;                     // global number of the first
  std::vector<View> columns;                // by buffer; only those of columns and presences are set
  const int32_t* initial_status = nullptr;  // what reading already found out; null: all ok
};

/// Reusable memory for one tile. One thread uses it at a time; draws inside may run on several.
class RowTile {
 public:
  RowTile(const Program& program, const RunConstants& constants, const DrawOptions& draws);

  /// Computes every Row-space value that `pass` allows. Rows whose status is already bad are computed as well (their
  /// lanes cost nothing) but count in no sum; see status(). `cancel`, where not null and true, ends the run early.
  absl::Status run(const TileInput& input, const TableState& table, int pass, const std::atomic<bool>* cancel);

  /// Adds the rows that are ok to what `pass` sums.
  void add_to(RowSums& sums, int pass);

  /// Views of Row- and Table-space buffers, valid until the next run.
  const std::vector<View>& views() const { return views_; }
  /// One per row: ok, bad input (a missing cell, a value outside its declared range) or a reason.
  const std::vector<int32_t>& status() const { return status_; }
  int64_t rows() const { return rows_; }
  int64_t row_base() const { return row_base_; }

  /// Standard errors found by the grouped jackknife, one per row, by the output that they belong to.
  const std::vector<std::vector<double>>& jackknife() const { return jackknife_; }

 private:
  absl::Status run_row_kernels(int pass, int sweep);
  absl::Status run_draws(int pass, int sweep, const std::atomic<bool>* cancel);
  absl::Status run_jackknife(int pass);
  absl::Status jackknife_row(int64_t row, int pass, int64_t groups, std::vector<View>& views);
  void add_groups(int pass, int64_t groups, const std::vector<View>& views);
  void check_columns(const TileInput& input);
  void take_row_status();

  const Program& program_;
  const RunConstants& constants_;
  DrawOptions draws_;
  int64_t rows_ = 0;
  int64_t row_base_ = 0;
  std::vector<View> views_;
  std::vector<int32_t> status_;
  std::vector<uint8_t> keep_;
  BorrowedArena arena_;
  std::vector<void*> slots_;  // of the program, in the arena
  BorrowedArena again_;       // what the jackknife runs again makes
  CallScratch memory_;
  tbb::enumerable_thread_specific<DrawSweep> sweeps_;
  std::vector<std::vector<double>> jackknife_;  // by output; empty where there is none
  RowSums group_sums_;                          // as sums_over_rows() has them: without each group
  std::vector<std::vector<double>> left_out_;   // by reduce step: rows x groups x elements, estimates without one group
};

}  // namespace acie::scheduler
