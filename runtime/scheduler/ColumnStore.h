// Columns of a tile in the types the kernels read, from whatever the table holds.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "runtime/package/Plan.h"
#include "runtime/scheduler/RowTile.h"

namespace acie::scheduler {

/// A column as a table holds it. Element i is at data + i * stride elements of `dtype`. It is missing where bit
/// `validity_offset + i` of `validity` is 0 (least significant bit first, as in Arrow), or where it is NaN.
struct RawColumn {
  const void* data = nullptr;
  acie_dtype dtype = ACIE_F64;
  int64_t stride = 1;
  const uint8_t* validity = nullptr;  // null: all present
  int64_t validity_offset = 0;
  bool boolean_bits = false;  // ACIE_BOOL packed eight to a byte (Arrow); stride is 1 then
};

/// Fills the inputs of tiles. Converts only where type, unit or missing cells ask for it; else columns are used in place.
class ColumnStore {
 public:
  /// Puts rows [first, first + rows) of `raw` into `tile` as `column` of `entry`; `factor` converts its unit. A missing
  /// cell that the entry needs marks its row as bad input.
  void add(const package::Entry& entry, const package::ColumnInput& column, const RawColumn& raw, double factor,
           int64_t first, TileInput& tile);

  /// Gives a do? column the same value in every row, or none (NaN).
  void add_constant(const package::Entry& entry, const package::ColumnInput& column, double value, TileInput& tile);

  /// To be called before the first column of a tile.
  void begin(size_t num_buffers, int64_t row_base, int64_t rows, TileInput& tile);

  /// Marks a row of the tile as bad input.
  void mark_missing(int64_t row, TileInput& tile);

 private:
  void* take(size_t bytes);

  std::vector<std::vector<uint64_t>> blocks_;
  size_t used_ = 0;
  std::vector<int32_t> status_;
};

}  // namespace acie::scheduler
