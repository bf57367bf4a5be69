// Two products of one row each, the second of what the first makes and narrow: a few long chains of multiply-adds, which run
// beside the first's later tiles instead of alone after them.
#ifndef ACIE_KERNELS_LINALG_ROW_PAIR_H
#define ACIE_KERNELS_LINALG_ROW_PAIR_H

#include "kernels/linalg/Row.h"

namespace acie::linalg::ACIE_LINALG_LEVEL {

// Vectors of a tile of the first product: enough sums to read its weights at the speed of the second-level cache, few enough that
// the second's terms are there early.
inline constexpr int kPairVectors = kRegisters == 32 ? 4 : 6;
inline constexpr int kPairMost = 2 * kPairVectors - 1;

// One more term of S vectors.
template <class T, int S>
[[gnu::always_inline]] inline void addTerm(const T* a, const T* b, Vec<T> (&sum)[S]) {
  const Vec<T> factor = every(*a);
#pragma GCC unroll 2
  for (int v = 0; v < S; ++v) sum[v] = fma(factor, load(b + v * kLanes<T>), sum[v]);
}

// The second product's sums of one panel as far as they have come.
template <class T>
struct Beside {
  const T* a;     // its next factor
  const T* b;     // the row of its panel for that
  int64_t ready;  // how many factors are there
  Vec<T> sum[kPanelVectors];
};

// V vectors of the first's row over all of its depth, packed, stored whole; with each term of theirs one of the second's S vectors.
template <class T, int V, int S>
void pairTile(const RowArguments<T>& t, Beside<T>& beside) {
  constexpr int lanes = kLanes<T>;
  constexpr int panels = (V + kPanelVectors - 1) / kPanelVectors;
  Vec<T> sum[V] = {}, second[S];
#pragma GCC unroll 2
  for (int v = 0; v < S; ++v) second[v] = beside.sum[v];
  const T* b[panels];
#pragma GCC unroll 16
  for (int p = 0; p < panels; ++p) b[p] = t.b + p * t.bPanel;
  const T* a = t.a;
  const int64_t aColumn = t.aColumn;
  const auto term = [&]() __attribute__((always_inline)) {
    const Vec<T> factor = every(*a);
    a += aColumn;
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v)
      sum[v] = fma(factor, load(b[v / kPanelVectors] + v % kPanelVectors * lanes), sum[v]);
#pragma GCC unroll 16
    for (int p = 0; p < panels; ++p) b[p] += kPanel<T>;
  };
  const int64_t both = smaller(t.depth, beside.ready);
  const T *besideA = beside.a, *besideB = beside.b;
  for (int64_t k = 0; k < both; ++k) {
    term();
    addTerm<T, S>(besideA + k, besideB + k * kPanel<T>, second);
  }
  for (int64_t k = t.depth - both; k > 0; --k) term();
#pragma GCC unroll 16
  for (int v = 0; v < V; ++v) store<T>(t.c + v * lanes, sum[v]);
#pragma GCC unroll 2
  for (int v = 0; v < S; ++v) beside.sum[v] = second[v];
  beside.a += both;
  beside.b += both * kPanel<T>;
  beside.ready -= both;
}

template <class T, int S, int V = kPairMost>
void runPairTile(int64_t vectors, const RowArguments<T>& t, Beside<T>& beside) {
  if (vectors == V) return pairTile<T, V, S>(t, beside);
  if constexpr (V > 1) {
    runPairTile<T, S, V - 1>(vectors, t, beside);
  } else {
    __builtin_unreachable();
  }
}

// Whether `second` can run beside `first`.
template <class T>
bool isPair(const Product<T>& first, const Product<T>& second) {
  const auto row = [](const Product<T>& p) {
    return p.packedB && isRow(p, {0, p.rows, 0, p.columns}) && p.depth > 0 && p.depth <= kDepthBlock;
  };
  return row(first) && row(second) && second.a.data == first.c.data && second.a.columnStride == 1 && second.depth == first.columns &&
         second.columns > 0 && second.columns <= kPanel<T> && first.columns > (2 * kPairVectors - 1) * kLanes<T>;
}

// `count` elements and no more.
template <class T>
void copyRow(const T* from, int64_t count, T* to) {
  int64_t j = 0;
  for (; j + kLanes<T> <= count; j += kLanes<T>) store<T>(to + j, load(from + j));
  if (j < count) storeFirst(to + j, load(from + j), count - j);
}

template <class T, int S>
void multiplyPairOf(const Product<T>& first, const Product<T>& second) {
  constexpr int lanes = kLanes<T>;
  // The first's row, in whole vectors: what is stored in part is slow to read again.
  alignas(64) T made[kDepthBlock];
  Beside<T> beside{made, second.packedB, 0, {}};
  const int64_t vectors = (first.columns + lanes - 1) / lanes, pairs = (vectors + 1) / 2, tiles = vectors / kPairVectors;
  for (int64_t tile = 0; tile < tiles; ++tile) {
    const int64_t begin = pairs * tile / tiles * 2, end = smaller(vectors, pairs * (tile + 1) / tiles * 2);
    const int64_t column = begin * lanes, columns = smaller(first.columns, end * lanes) - column;
    RowArguments<T> t{};
    t.a = first.a.data;
    t.aColumn = first.a.columnStride;
    t.depth = first.depth;
    t.b = first.packedB + column * first.depth;
    t.bPanel = kPanel<T> * first.depth;
    t.c = made + column;
    runPairTile<T, S>(end - begin, t, beside);
    finishWhole(first.epilogue, column, t.c, columns);
    beside.ready += columns;
    copyRow(t.c, columns, first.c.data + column);
  }
  Vec<T> sum[S];
  for (int v = 0; v < S; ++v) sum[v] = beside.sum[v];
  for (int64_t k = 0; k < beside.ready; ++k) addTerm<T, S>(beside.a + k, beside.b + k * kPanel<T>, sum);
  for (int v = 0; v < S; ++v) store<T>(made + v * lanes, sum[v]);
  finishWhole(second.epilogue, 0, made, second.columns);
  copyRow(made, second.columns, second.c.data);
}

template <class T>
void multiplyPair(const Product<T>& first, const Product<T>& second) {
  if (second.columns > kLanes<T>) return multiplyPairOf<T, 2>(first, second);
  multiplyPairOf<T, 1>(first, second);
}

}  // namespace acie::linalg::ACIE_LINALG_LEVEL

#endif  // ACIE_KERNELS_LINALG_ROW_PAIR_H
