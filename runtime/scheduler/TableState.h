// What a run knows about the table as a whole: values of the Table space and sums over rows, pass by pass.
#pragma once

#include <vector>

#include "runtime/scheduler/Accumulator.h"
#include "runtime/scheduler/Program.h"
#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

/// One accumulator per reduction over rows that a pass feeds, in the order of Program::reduce_steps().
using RowSums = std::vector<Accumulator>;

class TableState {
 public:
  /// `shares_work`: as in CallScratch.
  TableState(const Program& program, const RunConstants& constants, bool shares_work);

  /// Fresh accumulators for what `pass` feeds.
  RowSums sums_of(int pass) const;

  /// Computes the Table-space nodes of `pass`, which need only sums of earlier passes.
  absl::Status run_kernels(int pass);

  /// Stores what the sums of `pass` came to.
  void store(int pass, const RowSums& sums);

  /// Views of Table-space buffers; those of other spaces are empty.
  const std::vector<View>& views() const { return views_; }

 private:
  const Program& program_;
  const RunConstants& constants_;
  BorrowedArena arena_;
  CallScratch memory_;
  std::vector<View> views_;
};

}  // namespace acie::scheduler
