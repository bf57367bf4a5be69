// The innermost loops: a tile of C, R rows by V vectors, held in registers over one block of depth.
#ifndef ACIE_KERNELS_LINALG_TILE_H
#define ACIE_KERNELS_LINALG_TILE_H

#include "kernels/linalg/Vector.h"

namespace acie::linalg::ACIE_LINALG_LEVEL {

// A panel of packed B is this wide: two vectors for each row's broadcast.
inline constexpr int kPanelVectors = 2;
template <class T>
inline constexpr int kPanel = kPanelVectors* kLanes<T>;

// Rows of a tile on packed A: its accumulators and one row of B fill the registers (28 + 2 of 32, 12 + 2 of
// 16 with one more for the broadcast).
inline constexpr int kTileRows = kRegisters == 32 ? 14 : 6;

// Rows of a tile that reads A where it lies: each needs a pointer in a register.
inline constexpr int kDirectRows = kRegisters == 32 ? 8 : 6;

// The widest direct tile of R rows, in vectors: wide where there are few rows, so that enough sums are under
// way to hide the latency of the multiply-adder and memory is read in long runs.
constexpr int directVectors(int rows) {
  const int wide = kRegisters / 2 / rows;
  return wide >= 16 ? 16 : wide >= 8 ? 8 : wide >= 4 ? 4 : 2;
}

// Steps of depth in one turn of the loop: of twelve multiply-adds a turn is a sixth counting and jumping, which a processor that shares its
// front end with another thread feels.
inline constexpr int kTurn = kRegisters == 32 ? 1 : 4;

// How many steps of depth ahead packed A is fetched from the second-level cache; 0: processors with AVX2
// follow it by themselves, and every instruction beside the multiply-adds is felt.
inline constexpr int kPrefetch = kRegisters == 32 ? 16 : 0;

// Where a tile reads and writes. Row k of B's panel p begins at b + p * bPanel + k * bRow. A is packed
// (element (i, k) at a[k * R + i], and B too, bRow being kPanel) or direct (at a[i * aRow + k * aColumn]).
template <class T>
struct TileArguments {
  int64_t depth;
  const T* a;
  int64_t aRow, aColumn;
  const T* b;
  int64_t bRow, bPanel;
  T* c;
  int64_t cRow;
  int64_t lastLanes;  // how many lanes of the last vector belong to C
  bool add;           // to what is at `from`, which may be c
  const T* from;
  int64_t fromRow;
  const T* next;      // packed A only: what to fetch into the second-level cache meanwhile,
  int64_t nextStep;   // this many elements for each step of depth
};

// Partial: the last vector has lanes beyond C, whose memory is not touched.
template <class T, int R, int V, bool PackedA, bool Partial>
void tile(const TileArguments<T>& t) {
  constexpr int lanes = kLanes<T>;
  constexpr int panels = (V + kPanelVectors - 1) / kPanelVectors;
  Vec<T> sum[R][V] = {};
  const T* a[PackedA ? 1 : R];
  a[0] = t.a;
  if constexpr (!PackedA) {
#pragma GCC unroll 16
    for (int i = 1; i < R; ++i) a[i] = a[i - 1] + t.aRow;
  }
  const T* b[panels];
#pragma GCC unroll 16
  for (int p = 0; p < panels; ++p) b[p] = t.b + p * t.bPanel;
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) {
    __builtin_prefetch(t.c + i * t.cRow, 1);
    if (V > 1) __builtin_prefetch(t.c + i * t.cRow + V * lanes - 1, 1);
    if (PackedA) __builtin_prefetch(t.from + i * t.fromRow, 1);
    if (PackedA && V > 1) __builtin_prefetch(t.from + i * t.fromRow + V * lanes - 1, 1);
  }
  const int64_t aColumn = t.aColumn, bRow = PackedA ? kPanel<T> : t.bRow, lastLanes = t.lastLanes;
  const auto step = [&] [[gnu::always_inline]] () {
    Vec<T> row[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
      const T* from = b[v / kPanelVectors] + v % kPanelVectors * lanes;
      if (Partial && v == V - 1) {
        row[v] = loadFirst(from, lastLanes);
      } else {
        row[v] = load(from);
      }
    }
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
      const Vec<T> factor = every(PackedA ? a[0][i] : *a[PackedA ? 0 : i]);
#pragma GCC unroll 16
      for (int v = 0; v < V; ++v) sum[i][v] = fma(factor, row[v], sum[i][v]);
    }
    if constexpr (PackedA) {
      a[0] += R;
    } else {
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) a[i] += aColumn;
    }
#pragma GCC unroll 16
    for (int p = 0; p < panels; ++p) b[p] += bRow;
  };
  int64_t left = t.depth;
  if constexpr (PackedA) {
    const T* next = t.next;
    for (; left >= kTurn; left -= kTurn) {
      if constexpr (kPrefetch > 0) __builtin_prefetch(a[0] + kPrefetch * R);
      __builtin_prefetch(next, 0, 2);
      next += t.nextStep * kTurn;
#pragma GCC unroll kTurn
      for (int i = 0; i < kTurn; ++i) step();
    }
  }
#pragma GCC unroll kTurn
  for (; left > 0; --left) step();
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) {
    T* c = t.c + i * t.cRow;
    const T* before = t.from + i * t.fromRow;
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
      T* to = c + v * lanes;
      const T* from = before + v * lanes;
      if (Partial && v == V - 1) {
        storeFirst(to, t.add ? loadFirst(from, lastLanes) + sum[i][v] : Vec<T>(sum[i][v]), lastLanes);
      } else {
        store<T>(to, t.add ? load(from) + sum[i][v] : Vec<T>(sum[i][v]));
      }
    }
  }
}

template <class T>
using TileFunction = void (*)(const TileArguments<T>&);

template <class T, int R, int V, bool PackedA>
constexpr TileFunction<T> tileOf(bool partial) {
  return partial ? tile<T, R, V, PackedA, true> : tile<T, R, V, PackedA, false>;
}

template <class T, int R = kTileRows>
TileFunction<T> packedTile(int64_t rows, int vectors, bool partial) {
  if (rows == R) return vectors == 1 ? tileOf<T, R, 1, true>(partial) : tileOf<T, R, 2, true>(partial);
  if constexpr (R > 1) {
    return packedTile<T, R - 1>(rows, vectors, partial);
  } else {
    __builtin_unreachable();
  }
}

template <class T, int R, int V>
TileFunction<T> directTileOf(int vectors, bool partial) {
  if (vectors == V) return tileOf<T, R, V, false>(partial);
  if constexpr (V > 1) {
    return directTileOf<T, R, V / 2>(vectors, partial);
  } else {
    __builtin_unreachable();
  }
}

// `vectors` is a power of two up to directVectors(rows).
template <class T, int R = kDirectRows>
TileFunction<T> directTile(int64_t rows, int vectors, bool partial) {
  if (rows == R) return directTileOf<T, R, directVectors(R)>(vectors, partial);
  if constexpr (R > 1) {
    return directTile<T, R - 1>(rows, vectors, partial);
  } else {
    __builtin_unreachable();
  }
}

}  // namespace acie::linalg::ACIE_LINALG_LEVEL

#endif  // ACIE_KERNELS_LINALG_TILE_H
