// Goes through draws of one row: the Inner space of an entry, a chunk at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "runtime/scheduler/Accumulator.h"
#include "runtime/scheduler/Program.h"
#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

struct DrawOptions {
  int64_t draws = 1;
  int64_t chunk = 4096;  // draws computed at once; changes no result
};

/// What a range of draws came to.
struct DrawSums {
  std::vector<Accumulator> sums;  // by reduction over draws of the sweep, in plan order, and element
  int32_t status = 0;             // reason of the first draw that has one
};

/// Memory for a chunk of draws. One thread uses it at a time.
class DrawSweep {
 public:
  DrawSweep(const Program& program, const RunConstants& constants, int64_t chunk);

  /// Empty sums for what `sweep` feeds.
  static DrawSums empty(const Program& program, int pass, int sweep);

  /// Computes draws [begin, end) of the row at index `row` of a tile with `row_views`, whose global number is `number`, and
  /// adds them to `sums`.
  absl::Status run(const std::vector<View>& row_views, int64_t row, int64_t number, int pass, int sweep, int64_t begin,
                   int64_t end, DrawSums& sums);

  /// Computes draws [begin, end), at most a chunk, into elements [offset, offset + end - begin) of the Inner buffers.
  absl::Status fill(const std::vector<View>& row_views, int64_t row, int64_t number, int pass, int sweep, int64_t begin,
                    int64_t end, int64_t offset);

  /// After fill: views of Inner buffers from element 0; after run: of the last chunk.
  const std::vector<View>& views() const { return inner_; }

 private:
  const Program& program_;
  const RunConstants& constants_;
  int64_t chunk_;
  BorrowedArena arena_;
  std::vector<View> inner_;  // Inner-space buffers; others are empty
  std::vector<View> views_;  // of the call under way
  CallScratch memory_;
};

}  // namespace acie::scheduler
