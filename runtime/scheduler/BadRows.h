// Rows without an answer: how many, and why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/scheduler/AnswerBuilder.h"
#include "runtime/scheduler/Run.h"

namespace acie::scheduler {

struct BadRows {
  int64_t bad_input = 0;
  std::vector<int64_t> undefined;   // by Entry::reasons
  std::vector<RejectedRow> rows;    // in row order; only where reasons are wanted
  std::string first_violation;      // of a constraint, in words; only where reasons are wanted

  /// Of answers per row or per draw. A row of which some draws are undefined counts once per such draw.
  static BadRows of(const Program& program, const AnswerBuilder& answer, const TileInput& input, const RowTile& rows,
                    bool reasons);
  /// Of the rows behind an answer about the whole table.
  static BadRows of(const Program& program, const TileInput& input, const RowTile& rows, bool reasons);
};

/// What is wrong with a row that is bad input: "log_mass is missing", "z = -3 is outside its declared range 0..10".
std::string describe_bad_input(const package::Entry& entry, const TileInput& input, int64_t row);

}  // namespace acie::scheduler
