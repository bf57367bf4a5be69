// Two products of one row each, the second of what the first makes and narrow: a few long chains of multiply-adds, which run
// beside the first's later tiles instead of alone after them.
#ifndef ACIE_KERNELS_LINALG_ROW_PAIR_H
#define ACIE_KERNELS_LINALG_ROW_PAIR_H

#include "kernels/linalg/Row.h"

namespace acie::linalg::ACIE_LINALG_LEVEL {

// Vectors of a tile of the first product: enough sums to read its weights at the speed of the second-level cache, few enough that
// the second's terms are there early.
inline constexpr int kPairVectors = kRegisters == 32 ? 4 : 6;
inline constexpr int kPairMost = kPairVectors + kPairVectors / 2;

// One more term of S vectors.
template <class T, int S>
[[gnu::always_inline]] inline void addTerm(const T* a, const T* b, Vec<T> (&sum)[S]) {
  const Vec<T> factor = every(*a);
#pragma GCC unroll 2
  for (int v = 0; v < S; ++v) sum[v] = fma(factor, load(b + v * kLanes<T>), sum[v]);
}

// V vectors of the first's row over all of its depth, stored whole at `c`. The first's factors lie together at `a`; its panels,
// `bPanel` apart, begin at `b`; what is not in whole panels is read from the slim one: the last vector if V - Tail is odd, and with
// Tail the columns after it. With each term of theirs one of the second's S vectors `besideSum`, from its factor `besideA` and
// row `besideB` on, rows `besideRow` apart, as long as there are factors `ready`: returns how many. (Not in a structure: the compiler
// would move pointers of one in pairs through vectors, for which the processor waits.)
template <class T, int V, int S, bool Tail>
int64_t pairTile(const T* a, int64_t depth, const T* b, int64_t bPanel, const T* slimVector, const T* slimTail, T* c, const T* besideA,
                 const T* besideB, int64_t besideRow, int64_t ready, Vec<T>* besideSum) {
  constexpr int lanes = kLanes<T>;
  constexpr int vectors = V - Tail, panels = vectors / kPanelVectors;
  Vec<T> sum[vectors] = {}, second[S];
  Part<T> tail = {};
#pragma GCC unroll 2
  for (int v = 0; v < S; ++v) second[v] = besideSum[v];
  const T* panel[panels];
#pragma GCC unroll 16
  for (int p = 0; p < panels; ++p) panel[p] = b + p * bPanel;
  const auto term = [&]() __attribute__((always_inline)) {
    const Vec<T> factor = every(*a++);
#pragma GCC unroll 16
    for (int v = 0; v < panels * kPanelVectors; ++v)
      sum[v] = fma(factor, load(panel[v / kPanelVectors] + v % kPanelVectors * lanes), sum[v]);
#pragma GCC unroll 16
    for (int p = 0; p < panels; ++p) panel[p] += kPanel<T>;
    if constexpr (vectors % kPanelVectors) {
      sum[vectors - 1] = fma(factor, load(slimVector), sum[vectors - 1]);
      slimVector += lanes;
    }
    if constexpr (Tail) {
      tail = fma(part(factor), loadPart(slimTail), tail);
      slimTail += kTail<T>;
    }
  };
  const int64_t both = smaller(depth, ready);
  for (int64_t k = both; k > 0; --k) {
    term();
    addTerm<T, S>(besideA++, besideB, second);
    besideB += besideRow;
  }
  for (int64_t k = depth - both; k > 0; --k) term();
#pragma GCC unroll 16
  for (int v = 0; v < vectors; ++v) store<T>(c + v * lanes, sum[v]);
  if constexpr (Tail) store<T>(c + vectors * lanes, whole(tail));
#pragma GCC unroll 2
  for (int v = 0; v < S; ++v) besideSum[v] = second[v];
  return both;
}

template <class T>
using PairTile = int64_t (*)(const T*, int64_t, const T*, int64_t, const T*, const T*, T*, const T*, const T*, int64_t, int64_t, Vec<T>*);

// `vectors` is from kPairVectors to kPairMost: what two or more tiles of whole panels share.
template <class T, int S, int V = kPairMost>
PairTile<T> pairTileOf(int64_t vectors, bool tail) {
  if constexpr (V > kPairVectors) {
    if (vectors < V) return pairTileOf<T, S, V - 1>(vectors, tail);
  }
  return tail ? pairTile<T, V, S, true> : pairTile<T, V, S, false>;
}

// Whether `second` can run beside `first`.
template <class T>
bool isPair(const Product<T>& first, const Product<T>& second) {
  const auto row = [](const Product<T>& p) {
    return p.packedB && isRow(p, {0, p.rows, 0, p.columns}) && p.depth > 0 && p.depth <= kDepthBlock;
  };
  return row(first) && row(second) && second.a.data == first.c.data && second.a.columnStride == 1 && second.depth == first.columns &&
         second.columns > 0 && second.columns <= kPanel<T> && first.a.columnStride == 1 && first.columns > (2 * kPairVectors - 1) * kLanes<T>;
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
  // Terms of the second that are there and those that are added up.
  int64_t ready = 0, added = 0;
  Vec<T> sum[S] = {};
  const WholeFinish<T> finishFirst = wholeFinish<T>(first.epilogue.activation);
  const T* const bias = first.epilogue.columnBias;
  // Tiles of whole panels, of nearly equal width, the wider ones last.
  const int64_t vectors = (first.columns + lanes - 1) / lanes, panels = (vectors + 1) / 2, tiles = vectors / kPairVectors;
  const SlimPanel slim = slimPanel<T>(first.depth, first.columns), slimSecond = slimPanel<T>(second.depth, second.columns);
  const T* const slimVector = first.packedB + paddedColumns<T>(first.columns) * first.depth;
  const bool isSlim = S == 1 && slimSecond.vector > 0;
  const T* const besideB = second.packedB + (isSlim ? paddedColumns<T>(second.columns) * second.depth : 0);
  const int64_t besideRow = isSlim ? lanes : kPanel<T>;
  const int64_t each = panels / tiles, wider = panels - each * tiles;
  for (int64_t tile = 0, begin = 0; tile < tiles; ++tile) {
    const int64_t end = smaller(vectors, begin + 2 * (each + (tile >= tiles - wider)));
    const int64_t column = begin * lanes, columns = smaller(first.columns, end * lanes) - column;
    added += pairTileOf<T, S>(end - begin, slim.tail > 0 && end == vectors)(
        first.a.data, first.depth, first.packedB + column * first.depth, kPanel<T> * first.depth, slimVector,
        slimVector + slim.vector * first.depth, made + column, made + added, besideB + added * besideRow, besideRow, ready - added, sum);
    finishFirst(bias ? bias + column : nullptr, made + column, columns);
    ready += columns;
    begin = end;
  }
  copyRow(made, first.columns, first.c.data);
  for (; added < ready; ++added) addTerm<T, S>(made + added, besideB + added * besideRow, sum);
  for (int v = 0; v < S; ++v) store<T>(made + v * lanes, sum[v]);
  wholeFinish<T>(second.epilogue.activation)(second.epilogue.columnBias, made, second.columns);
  copyRow(made, second.columns, second.c.data);
}

template <class T>
void multiplyPair(const Product<T>& first, const Product<T>& second) {
  if (second.columns > kLanes<T>) return multiplyPairOf<T, 2>(first, second);
  multiplyPairOf<T, 1>(first, second);
}

}  // namespace acie::linalg::ACIE_LINALG_LEVEL

#endif  // ACIE_KERNELS_LINALG_ROW_PAIR_H
