// Packing: operands in the order in which tiles read them.
#ifndef ACIE_KERNELS_LINALG_PACK_H
#define ACIE_KERNELS_LINALG_PACK_H

#include <utility>

#include "kernels/linalg/Gemm.h"
#include "kernels/linalg/Tile.h"

namespace acie::linalg::ACIE_LINALG_LEVEL {

// Of two vectors, blocks of S lanes: the even blocks of both, or the odd ones, each at the place of the pair.
template <class T, int S, int... L>
[[gnu::always_inline]] inline Vec<T> evenBlocks(Vec<T> x, Vec<T> y, std::integer_sequence<int, L...>) {
  return __builtin_shufflevector(x, y, ((L & S) ? kLanes<T> + L - S : L)...);
}
template <class T, int S, int... L>
[[gnu::always_inline]] inline Vec<T> oddBlocks(Vec<T> x, Vec<T> y, std::integer_sequence<int, L...>) {
  return __builtin_shufflevector(x, y, ((L & S) ? kLanes<T> + L : L + S)...);
}

// Transposes a square of vectors: exchanges blocks of S lanes for S = half, quarter, …, 1.
template <class T, int S = kLanes<T> / 2>
[[gnu::always_inline]] inline void transpose(Vec<T> (&x)[kLanes<T>]) {
  constexpr std::make_integer_sequence<int, kLanes<T>> lanes;
#pragma GCC unroll 16
  for (int i = 0; i < kLanes<T>; ++i) {
    if (i & S) continue;
    const Vec<T> first = x[i], second = x[i + S];
    x[i] = evenBlocks<T, S>(first, second, lanes);
    x[i + S] = oddBlocks<T, S>(first, second, lanes);
  }
  if constexpr (S > 1) transpose<T, S / 2>(x);
}

// Rows to transpose are read side by side, in more streams than processors follow by themselves.
inline constexpr int64_t kColumnsAhead = 64;

// out[k * width + i] = in[i * stride + k] for i < rows, 0 for rows <= i < width; k < depth. Stores are whole
// vectors: what they write beyond a row of `out` is overwritten by the next, and up to a vector beyond its
// end is spoilt.
template <class T>
void packTransposed(const T* in, int64_t stride, int64_t rows, int64_t width, int64_t depth, T* out) {
  constexpr int lanes = kLanes<T>;
  for (int64_t k = 0; k < depth; k += lanes) {
    const int64_t count = smaller(lanes, depth - k);
    // The last group of rows first: only its stores reach into the next row, whose beginning is stored later.
    for (int64_t i = (width - 1) / lanes * lanes; i >= 0; i -= lanes) {
      Vec<T> square[lanes];
      const int64_t present = rows - i;
      const T* from = in + i * stride + k;
      T* to = out + k * width + i;
      if (count == lanes) {
#pragma GCC unroll 16
        for (int r = 0; r < lanes; ++r) {
          if (r < present) {
            square[r] = load(from + r * stride);
            __builtin_prefetch(from + r * stride + kColumnsAhead);
          } else {
            square[r] = Vec<T>{};
          }
        }
      } else {
        for (int r = 0; r < lanes; ++r) {
          square[r] = r < present ? Vec<T>(loadFirst(from + r * stride, count)) : Vec<T>{};
        }
      }
      transpose<T>(square);
      if (count == lanes) {
#pragma GCC unroll 16
        for (int r = 0; r < lanes; ++r) store<T>(to + r * width, square[r]);
      } else {
        for (int r = 0; r < count; ++r) store<T>(to + r * width, square[r]);
      }
    }
  }
}

// The same from rows of k: out[k * width + i] = in[k * stride + i * step].
template <class T>
void packRows(const T* in, int64_t stride, int64_t step, int64_t rows, int64_t width, int64_t depth, T* out) {
  constexpr int lanes = kLanes<T>;
  for (int64_t k = 0; k < depth; ++k) {
    const T* from = in + k * stride;
    T* to = out + k * width;
    if (step == 1) {
      for (int64_t i = 0; i < width; i += lanes) {
        const int64_t present = rows > i ? rows - i : 0;
        store<T>(to + i, present >= lanes ? load(from + i) : Vec<T>(loadFirst(from + i, present)));
      }
    } else {
      for (int64_t i = 0; i < width; ++i) to[i] = i < rows ? from[i * step] : T(0);
    }
  }
}

// `rows` rows of A as one panel of that width; spoils up to a vector beyond its end.
template <class T>
void packA(const T* a, int64_t rowStride, int64_t columnStride, int64_t rows, int64_t depth, T* out) {
  if (columnStride == 1) {
    packTransposed(a, rowStride, rows, rows, depth, out);
  } else {
    packRows(a, columnStride, rowStride, rows, rows, depth, out);
  }
}

// `columns` columns of B as panels of kPanel columns, the last filled with zeros. Contiguous rows are taken a
// few at a time across all panels: neighbouring rows may be pages apart, and each has to be found in the
// address cache.
template <class T>
void packB(Strided<const T> b, int64_t depth, int64_t columns, T* out) {
  const bool transposed = b.rowStride == 1 && b.columnStride != 1;
  const int64_t few = transposed ? depth : 16;
  for (int64_t k = 0; k < depth; k += few) {
    for (int64_t j = 0; j < columns; j += kPanel<T>) {
      const T* from = b.data + k * b.rowStride + j * b.columnStride;
      T* to = out + j * depth + k * kPanel<T>;
      const int64_t count = smaller(kPanel<T>, columns - j), rows = smaller(few, depth - k);
      if (transposed) {
        packTransposed(from, b.columnStride, count, kPanel<T>, rows, to);
      } else {
        packRows(from, b.rowStride, b.columnStride, count, kPanel<T>, rows, to);
      }
    }
  }
}

template <class T>
int64_t paddedColumns(int64_t columns) {
  return (columns + kPanel<T> - 1) / kPanel<T> * kPanel<T>;
}

// Packed weights of one block of depth end with a slim copy of their last panel, without most of its zeros, if it is at most a vector
// and kTail columns wide: row after row of its first vector, then row after row of the kTail columns after it. Reading weights is what
// a product of one row takes its time for.
template <class T>
inline constexpr int64_t kTail = 16 / int64_t(sizeof(T));

// How many columns each of the two has: none or a vector, none or kTail. A panel of at most kTail columns has no vector.
struct SlimPanel {
  int64_t vector, tail;
};
template <class T>
SlimPanel slimPanel(int64_t depth, int64_t columns) {
  const int64_t last = columns % kPanel<T>;
  if (depth > kDepthBlock || last == 0 || last > kLanes<T> + kTail<T>) return {0, 0};
  return {last > kTail<T> ? kLanes<T> : 0, last <= kTail<T> || last > kLanes<T> ? kTail<T> : 0};
}

template <class T>
int64_t slimElements(int64_t depth, int64_t columns) {
  const SlimPanel slim = slimPanel<T>(depth, columns);
  return (slim.vector + slim.tail) * depth;
}

// From the whole packed panel that begins at `panel`.
template <class T>
void packSlim(const SlimPanel& slim, int64_t depth, const T* panel, T* out) {
  for (int64_t k = 0; k < depth; ++k) {
    const T* from = panel + k * kPanel<T>;
    for (int64_t i = 0; i < slim.vector; ++i) out[k * slim.vector + i] = from[i];
    for (int64_t i = 0; i < slim.tail; ++i) out[slim.vector * depth + k * slim.tail + i] = from[slim.vector + i];
  }
}

}  // namespace acie::linalg::ACIE_LINALG_LEVEL

#endif  // ACIE_KERNELS_LINALG_PACK_H
