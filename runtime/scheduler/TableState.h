// What a run knows about the table as a whole: values of the Table space and sums over rows, pass by pass.
#pragma once

#include <vector>

#include "runtime/scheduler/Accumulator.h"
#include "runtime/scheduler/Program.h"
#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

/// One accumulator per reduction over rows that a pass feeds, in the order of Program::reduce_steps(), and element of its operand.
/// Where values over the table have errors by the jackknife, the same once more for each group of draws: without it.
using RowSums = std::vector<Accumulator>;

/// Fresh accumulators for what `pass` feeds, `times` over.
RowSums sums_over_rows(const Program& program, int pass, int64_t times);

class TableState {
 public:
  /// `shares_work`: as in CallScratch.
  TableState(const Program& program, const RunConstants& constants, bool shares_work);

  /// Fresh accumulators for what `pass` feeds; `groups` of the jackknife.
  RowSums sums_of(int pass, int64_t groups) const { return sums_over_rows(program_, pass, program_.has_table_jackknife() ? 1 + groups : 1); }

  /// Computes the Table-space nodes of `pass`, which need only sums of earlier passes.
  absl::Status run_kernels(int pass);

  /// Stores what the sums of `pass` came to.
  void store(int pass, const RowSums& sums);

  /// After all passes: the standard errors of what is answered over the table, where the jackknife finds them.
  absl::Status run_jackknife(int64_t groups);
  /// By the output that they belong to, one number each.
  const std::vector<std::vector<double>>& jackknife() const { return jackknife_; }

  /// Views of Table-space buffers; those of other spaces are empty.
  const std::vector<View>& views() const { return views_; }

 private:
  const Program& program_;
  const RunConstants& constants_;
  BorrowedArena arena_;
  CallScratch memory_;
  std::vector<View> views_;
  BorrowedArena again_;  // what the jackknife runs again makes
  std::vector<std::vector<double>> left_out_;   // by reduce step: groups x elements, sums without one group
  std::vector<std::vector<double>> jackknife_;  // by output; empty where there is none
};

}  // namespace acie::scheduler
