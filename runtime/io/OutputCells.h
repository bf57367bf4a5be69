// What the writers have in common.
#pragma once

#include <cstdint>

#include "runtime/io/TableWriter.h"

namespace acie::io {

/// How many rows are to be written.
inline int64_t count_kept(const OutputRows& rows) {
  if (rows.keep == nullptr) return rows.rows;
  int64_t count = 0;
  for (int64_t row = 0; row < rows.rows; ++row) count += rows.keep[row] != 0;
  return count;
}

}  // namespace acie::io
