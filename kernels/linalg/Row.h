// One row of C: a vector times a matrix, as fast as the matrix can be read.
#ifndef ACIE_KERNELS_LINALG_ROW_H
#define ACIE_KERNELS_LINALG_ROW_H

#include "kernels/linalg/Finish.h"
#include "kernels/linalg/Pack.h"

namespace acie::linalg::ACIE_LINALG_LEVEL {

// Sums under way at once: enough to hide the latency of the multiply-adder, few enough streams of B to be read ahead.
inline constexpr int kRowVectors = 12;

// V vectors of a row of C over one block of depth. Row k of B's panel p begins at b + p * bPanel + k * bRow; of the last vector
// `lastLanes` belong to C, and, where B is not packed, to B.
template <class T>
struct RowArguments {
  const T* a;
  int64_t aColumn, depth;
  const T* b;
  int64_t bRow, bPanel;
  T* c;
  int64_t lastLanes;
  bool add;  // to what C holds
};

template <class T, int V, bool Packed>
void rowTile(const RowArguments<T>& t) {
  constexpr int lanes = kLanes<T>;
  constexpr int panels = (V + kPanelVectors - 1) / kPanelVectors;
  Vec<T> sum[V] = {};
  const T* b[panels];
#pragma GCC unroll 16
  for (int p = 0; p < panels; ++p) b[p] = t.b + p * t.bPanel;
  const T* a = t.a;
  const int64_t aColumn = t.aColumn, bRow = Packed ? kPanel<T> : t.bRow, lastLanes = t.lastLanes;
  for (int64_t k = t.depth; k > 0; --k) {
    const Vec<T> factor = every(*a);
    a += aColumn;
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
      const T* from = b[v / kPanelVectors] + v % kPanelVectors * lanes;
      // Packed panels are filled up with zeros.
      sum[v] = fma(factor, Packed || v < V - 1 ? load(from) : Vec<T>(loadFirst(from, lastLanes)), sum[v]);
    }
#pragma GCC unroll 16
    for (int p = 0; p < panels; ++p) b[p] += bRow;
  }
#pragma GCC unroll 16
  for (int v = 0; v < V; ++v) {
    T* to = t.c + v * lanes;
    if (v < V - 1 || lastLanes == lanes) {
      store<T>(to, t.add ? load(to) + sum[v] : Vec<T>(sum[v]));
    } else {
      storeFirst(to, t.add ? loadFirst(to, lastLanes) + sum[v] : Vec<T>(sum[v]), lastLanes);
    }
  }
}

template <class T, bool Packed, int V = kRowVectors>
void runRowTile(int64_t vectors, const RowArguments<T>& t) {
  if (vectors == V) return rowTile<T, V, Packed>(t);
  if constexpr (V > 1) {
    runRowTile<T, Packed, V - 1>(vectors, t);
  } else {
    __builtin_unreachable();
  }
}

// Whether C's one row has its elements together, B's rows have theirs, and the epilogue is of the kind that networks have.
template <class T>
bool isRow(const Product<T>& p, const Range& r) {
  const Epilogue<T>& e = p.epilogue;
  return r.rowEnd - r.rowBegin == 1 && p.c.columnStride == 1 && (p.packedB || p.b.columnStride == 1) && !p.accumulate &&
         e.scale == 1 && !e.rowBias && !e.residual.data && !e.panel;
}

template <class T>
void multiplyRow(const Product<T>& p, const Range& r) {
  const T* a = p.a.data + r.rowBegin * p.a.rowStride;
  T* c = p.c.data + r.rowBegin * p.c.rowStride;
  // Pairs of vectors, which are panels, in tiles of nearly equal width.
  const int64_t vectors = (r.columnEnd - r.columnBegin + kLanes<T> - 1) / kLanes<T>;
  const int64_t pairs = (vectors + 1) / 2, tiles = (vectors + kRowVectors - 1) / kRowVectors;
  for (int64_t tile = 0; tile < tiles; ++tile) {
    const int64_t begin = pairs * tile / tiles * 2, end = smaller(vectors, pairs * (tile + 1) / tiles * 2);
    const int64_t column = r.columnBegin + begin * kLanes<T>;
    const int64_t columns = smaller(r.columnEnd - column, (end - begin) * kLanes<T>);
    RowArguments<T> t{};
    t.aColumn = p.a.columnStride;
    t.c = c + column;
    t.lastLanes = columns - (end - begin - 1) * kLanes<T>;
    for (int64_t k = 0; k < p.depth; k += kDepthBlock) {
      t.depth = smaller(kDepthBlock, p.depth - k);
      t.a = a + k * p.a.columnStride;
      t.add = k > 0;
      if (p.packedB) {
        t.b = p.packedB + k * paddedColumns<T>(p.columns) + column * t.depth;
        t.bPanel = kPanel<T> * t.depth;
        runRowTile<T, true>(end - begin, t);
      } else {
        t.b = p.b.data + k * p.b.rowStride + column;
        t.bRow = p.b.rowStride;
        t.bPanel = kPanel<T>;
        runRowTile<T, false>(end - begin, t);
      }
    }
  }
  if (!hasArithmetic(p.epilogue)) return;
  finish(p.epilogue, Sums<T>{c + r.columnBegin, 0, r.rowBegin, r.columnBegin, 1, r.columnEnd - r.columnBegin, false});
}

}  // namespace acie::linalg::ACIE_LINALG_LEVEL

#endif  // ACIE_KERNELS_LINALG_ROW_H
