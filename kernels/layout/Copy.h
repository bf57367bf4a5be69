// Matrices written row by row from wherever their elements lie: repeated, transposed, with gaps.
#pragma once

#include <cstdint>

namespace acie::layout {

/// to[i * columns + j] = from[i * row_stride + j * column_stride] for i < rows, j < columns. Strides count elements and may be
/// 0 (one for all) or negative; `to` overlaps none of what is read.
void copy(const uint8_t* from, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride, uint8_t* to);
void copy(const uint32_t* from, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride, uint32_t* to);
void copy(const uint64_t* from, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride, uint64_t* to);

}  // namespace acie::layout
