#include "kernels/layout/Copy.h"

#include <cstring>
#include <utility>

#include "kernels/layout/Vectors.h"

namespace acie::layout {
namespace {

// Longer rows are the C library's to copy.
constexpr int64_t kShortRow = 256;

template <typename T>
void copy_row(const T* from, int64_t columns, T* to) {
  const int64_t bytes = columns * static_cast<int64_t>(sizeof(T));
  if (bytes >= kShortRow) {
    std::memcpy(to, from, static_cast<size_t>(bytes));
    return;
  }
  int64_t j = 0;
  for (; j + kLanes<T> <= columns; j += kLanes<T>) store(to + j, load(from + j));
  for (; j < columns; ++j) to[j] = from[j];
}

template <typename T>
void repeat_element(T element, int64_t columns, T* to) {
  int64_t j = 0;
  for (; j + kLanes<T> <= columns; j += kLanes<T>) store(to + j, Vector<T>{} + element);
  for (; j < columns; ++j) to[j] = element;
}

/// Of two vectors, blocks of S lanes: the even blocks of both, or the odd ones, each at the place of the pair.
template <typename T, int S, int... L>
Vector<T> even_blocks(Vector<T> x, Vector<T> y, std::integer_sequence<int, L...>) {
  return __builtin_shufflevector(x, y, ((L & S) != 0 ? kLanes<T> + L - S : L)...);
}
template <typename T, int S, int... L>
Vector<T> odd_blocks(Vector<T> x, Vector<T> y, std::integer_sequence<int, L...>) {
  return __builtin_shufflevector(x, y, ((L & S) != 0 ? kLanes<T> + L : L + S)...);
}

/// Transposes a square of vectors: exchanges blocks of S lanes for S = half, quarter, …, 1.
template <typename T, int S = kLanes<T> / 2>
[[gnu::always_inline]] inline void transpose(Vector<T> (&x)[kLanes<T>]) {
  constexpr std::make_integer_sequence<int, kLanes<T>> lanes;
#pragma GCC unroll 8
  for (int i = 0; i < kLanes<T>; ++i) {
    if ((i & S) != 0) continue;
    const Vector<T> first = x[i], second = x[i + S];
    x[i] = even_blocks<T, S>(first, second, lanes);
    x[i + S] = odd_blocks<T, S>(first, second, lanes);
  }
  if constexpr (S > 1) transpose<T, S / 2>(x);
}

template <typename T>
void copy_elements(const T* from, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride, int64_t row_length, T* to) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) to[i * row_length + j] = from[i * row_stride + j * column_stride];
}

template <typename T>
void copy_square(const T* from, int64_t column_stride, int64_t row_length, T* to) {
  constexpr int64_t kSide = kLanes<T>;
  Vector<T> square[kSide];
#pragma GCC unroll 8
  for (int64_t r = 0; r < kSide; ++r) square[r] = load(from + r * column_stride);
  transpose<T>(square);
#pragma GCC unroll 8
  for (int64_t r = 0; r < kSide; ++r) store(to + r * row_length, square[r]);
}

/// row_stride 1: squares, which are read and written a vector at a time; four of them are whole lines of the cache both ways.
template <typename T>
void copy_transposed(const T* from, int64_t rows, int64_t columns, int64_t column_stride, T* to) {
  constexpr int64_t kSide = kLanes<T>, kLine = 2 * kSide;
  const auto square = [&](int64_t i, int64_t j) { copy_square(from + i + j * column_stride, column_stride, columns, to + i * columns + j); };
  int64_t i = 0;
  for (; i + kSide <= rows; i += kSide) {
    const bool line = i + kLine <= rows;
    int64_t j = 0;
    for (; j + kLine <= columns; j += kLine) {
      if (j + 2 * kLine <= columns)
        for (int64_t r = 0; r < kLine; ++r) __builtin_prefetch(from + i + (j + kLine + r) * column_stride);
      square(i, j), square(i, j + kSide);
      if (line) square(i + kSide, j), square(i + kSide, j + kSide);
    }
    const int64_t height = line ? kLine : kSide;
    copy_elements(from + i + j * column_stride, height, columns - j, 1, column_stride, columns, to + i * columns + j);
    if (line) i += kSide;
  }
  copy_elements(from + i, rows - i, columns, 1, column_stride, columns, to + i * columns);
}

template <typename T>
void copy_any(const T* from, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride, T* to) {
  if (column_stride == 1 && (row_stride == columns || rows == 1)) return copy_row(from, rows * columns, to);
  if (column_stride == 1) {
    for (int64_t i = 0; i < rows; ++i) copy_row(from + i * row_stride, columns, to + i * columns);
  } else if (column_stride == 0) {
    for (int64_t i = 0; i < rows; ++i) repeat_element(from[i * row_stride], columns, to + i * columns);
  } else if (sizeof(T) > 1 && row_stride == 1) {
    if constexpr (sizeof(T) > 1) copy_transposed(from, rows, columns, column_stride, to);
  } else {
    copy_elements(from, rows, columns, row_stride, column_stride, columns, to);
  }
}

}  // namespace

void copy(const uint8_t* from, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride, uint8_t* to) {
  copy_any(from, rows, columns, row_stride, column_stride, to);
}
void copy(const uint32_t* from, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride, uint32_t* to) {
  copy_any(from, rows, columns, row_stride, column_stride, to);
}
void copy(const uint64_t* from, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride, uint64_t* to) {
  copy_any(from, rows, columns, row_stride, column_stride, to);
}

}  // namespace acie::layout
