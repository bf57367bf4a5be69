// The loops around the tiles.
//
// Large products: blocks of B (kDepthTogether × kBlockColumns) are packed into the outer cache, blocks of A
// (kBlockRows × kDepthTogether) into the second level; one block of depth of a panel of B stays in the first
// level while those of A pass by. (The order of Goto and van de Geijn, Anatomy of High-Performance Matrix
// Multiplication, ACM TOMS 34, 2008.) Few rows or little work: tiles read A, and B if its rows are
// contiguous, where they lie; so do operands that the second-level cache holds, with nothing else in the way.
#ifndef ACIE_KERNELS_LINALG_LOOPS_H
#define ACIE_KERNELS_LINALG_LOOPS_H

#include "kernels/linalg/Finish.h"
#include "kernels/linalg/Pack.h"
#include "kernels/linalg/Row.h"

namespace acie::linalg::ACIE_LINALG_LEVEL {

inline constexpr int64_t kBlockRows = (kRegisters == 32 ? 6 : 12) * kTileRows;
inline constexpr int64_t kBlockColumns = 2048;
// What passes of the depth while a tile of C stays beside C: as much as lets a block of A stay in the second-level cache, so that C
// is read and written seldom. Its rows often lie 4,096 bytes apart, or a multiple, and then share few sets of the caches.
template <class T>
inline constexpr int64_t kDepthTogether = kDepthBlock * (kRegisters == 32 ? 16 : 8) / int64_t(sizeof(T));
// How many tiles pass by one block of depth of a panel of B before the next: where it is half of the
// first-level cache, all of a block of A, which keep their sums beside it; where it is most of that cache,
// one at a time, whose sums then stay in few lines.
inline constexpr int64_t kTilesTogether = kRegisters == 32 ? 1 : kBlockRows / kTileRows;
static_assert(kColumnAlignment % kPanel<float> == 0 && kBlockColumns % kColumnAlignment == 0);

// A product turned so that rows of C are contiguous where that is possible and C is wide rather than tall.
template <class T>
struct Job {
  Product<T> p;
  Range range;
  bool transposed;
};

template <class T>
Job<T> makeJob(const Product<T>& p, const Range& r) {
  const int64_t rows = r.rowEnd - r.rowBegin, columns = r.columnEnd - r.columnBegin;
  const bool standing = p.c.columnStride != 1 && p.c.rowStride == 1;
  const bool tall = columns < kLanes<T> && rows > columns;
  if (p.packedB || !(standing || tall)) return {p, r, false};
  Product<T> t = p;
  t.rows = p.columns, t.columns = p.rows;
  t.a = {p.b.data, p.b.columnStride, p.b.rowStride};
  t.b = {p.a.data, p.a.columnStride, p.a.rowStride};
  t.c = {p.c.data, p.c.columnStride, p.c.rowStride};
  t.epilogue.rowBias = p.epilogue.columnBias;
  t.epilogue.columnBias = p.epilogue.rowBias;
  t.epilogue.residual = {p.epilogue.residual.data, p.epilogue.residual.columnStride,
                         p.epilogue.residual.rowStride};
  return {t, {r.columnBegin, r.columnEnd, r.rowBegin, r.rowEnd}, true};
}

// Where a tile lies in C.
struct Place {
  int64_t row, column, rows, columns;
};

// What part of a tile's sums one block of depth is: the first and the last of those during which it lives in
// a buffer, the last of all.
struct Turn {
  bool first, last, complete;
};

// One block of depth of a tile, and, after the last of all, the epilogue. Between its blocks the tile lives
// in `buffer`, row after row: rows of C may share few sets of the cache, or not be contiguous. `t` says all
// but where sums come from and go to.
template <class T>
[[gnu::always_inline]] inline void runTile(const Job<T>& job, TileFunction<T> function, TileArguments<T>& t,
                                           const Place& place, const Turn& turn, T* buffer) {
  const auto [row, column, rows, columns] = place;
  const Strided<T>& c = job.p.c;
  const Epilogue<T>& e = job.p.epilogue;
  T* at = c.data + row * c.rowStride + column * c.columnStride;
  const bool contiguous = c.columnStride == 1, fromC = contiguous && turn.first,
             toC = contiguous && turn.last;
  if (!contiguous && turn.first && t.add) {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j)
        buffer[i * columns + j] = at[i * c.rowStride + j * c.columnStride];
    }
  }
  t.from = fromC ? at : buffer;
  t.fromRow = fromC ? c.rowStride : columns;
  t.c = toC ? at : buffer;
  t.cRow = toC ? c.rowStride : columns;
  function(t);
  if (turn.complete && hasArithmetic(e)) {
    finish(e, Sums<T>{t.c, t.cRow, row, column, rows, columns, job.transposed});
  }
  if (!contiguous && turn.last) {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j)
        at[i * c.rowStride + j * c.columnStride] = buffer[i * columns + j];
    }
  }
  if (turn.complete && e.panel) {
    if (job.transposed) {
      e.panel(e.context, {at, c.columnStride, c.rowStride, column, row, columns, rows});
    } else {
      e.panel(e.context, {at, c.rowStride, c.columnStride, row, column, rows, columns});
    }
  }
}

// A block of B in panels, packed here or in advance.
template <class T>
const T* panelsOfB(const Product<T>& p, int64_t depthBegin, int64_t depth, int64_t column, int64_t columns,
                   T* room) {
  if (p.packedB) return p.packedB + depthBegin * paddedColumns<T>(p.columns) + column * depth;
  packB<T>(
      {p.b.data + depthBegin * p.b.rowStride + column * p.b.columnStride, p.b.rowStride, p.b.columnStride},
      depth, columns, room);
  return room;
}

// `total` in `count` pieces that differ by one at most: where piece `index` begins.
inline int64_t pieceBegin(int64_t total, int64_t count, int64_t index) {
  const int64_t base = total / count, extra = total % count;
  return index * base + smaller(index, extra);
}
inline int64_t piecesOf(int64_t total, int64_t most) { return (total + most - 1) / most; }

// Rows in pieces, blocks or tiles. Tiles of 14 rows or nearly so are as good as each other, and the last is not left with few; of those of 6 only
// whole ones keep the multiply-adders busy, so that pieces are whole tiles there.
inline int64_t tilesBegin(int64_t rows, int64_t count, int64_t index) {
  if (kRegisters == 32) return pieceBegin(rows, count, index);
  return smaller(rows, kTileRows * pieceBegin(piecesOf(rows, kTileRows), count, index));
}

// A block of A in panels, one for each tile.
template <class T>
void packPanelsOfA(const T* a, int64_t rowStride, int64_t columnStride, int64_t rows, int64_t depth, T* out) {
  const int64_t panels = piecesOf(rows, kTileRows);
  for (int64_t i = 0; i < panels; ++i) {
    const int64_t begin = tilesBegin(rows, panels, i);
    packA(a + begin * rowStride, rowStride, columnStride, tilesBegin(rows, panels, i + 1) - begin, depth,
          out + begin * depth);
  }
}

// A packed block of A times a packed block of B: the part `place` of C, over `depth` terms that are the first
// or the last there are, or neither. Block d of the depth of A begins at a + d * kDepthBlock * kBlockRows,
// that of B at b[d].
template <class T>
void multiplyBlocks(const Job<T>& job, const T* a, const T* const* b, int64_t depth, const Place& place,
                    bool first, bool last) {
  const int64_t panels = piecesOf(place.rows, kTileRows), depthBlocks = piecesOf(depth, kDepthBlock);
  // The tiles of one panel of B fetch the next one together.
  const int64_t step = piecesOf(kPanel<T>, panels);
  int64_t starts[kBlockRows / kTileRows + 1];
  TileFunction<T> whole[kBlockRows / kTileRows];
  for (int64_t i = 0; i <= panels; ++i) starts[i] = tilesBegin(place.rows, panels, i);
  for (int64_t i = 0; i < panels; ++i)
    whole[i] = packedTile<T>(starts[i + 1] - starts[i], kPanelVectors, false);
  alignas(64) T buffers[kTilesTogether * kTileRows * kPanel<T>];
  TileArguments<T> t{};
  t.nextStep = step;
  for (int64_t j = 0; j < place.columns; j += kPanel<T>) {
    const int64_t width = smaller(kPanel<T>, place.columns - j);
    const int vectors = width > kLanes<T> ? 2 : 1;
    t.lastLanes = width - (vectors - 1) * kLanes<T>;
    for (int64_t group = 0; group < panels; group += kTilesTogether) {
      for (int64_t d = 0; d < depthBlocks; ++d) {
        t.depth = smaller(kDepthBlock, depth - d * kDepthBlock);
        t.b = b[d] + j * t.depth;
        t.add = job.p.accumulate || !first || d > 0;
        const bool end = d + 1 == depthBlocks;
        for (int64_t i = group; i < smaller(panels, group + kTilesTogether); ++i) {
          const int64_t height = starts[i + 1] - starts[i];
          t.a = a + d * kDepthBlock * kBlockRows + starts[i] * t.depth;
          t.next = t.b + (kPanel<T> + i * step) * t.depth;
          runTile(job,
                  width == kPanel<T> ? whole[i] : packedTile<T>(height, vectors, t.lastLanes < kLanes<T>), t,
                  Place{place.row + starts[i], place.column + j, height, width},
                  Turn{d == 0, end, end && last}, buffers + (i - group) * kTileRows * kPanel<T>);
        }
      }
    }
  }
}

template <class T>
void multiplyPacked(const Job<T>& job, T* scratch) {
  const Product<T>& p = job.p;
  const Range& r = job.range;
  T* const roomA = scratch;
  T* const roomB = scratch + kBlockRows * kDepthTogether<T> + kLanes<T>;
  const int64_t blocks = piecesOf(r.rowEnd - r.rowBegin, kBlockRows);
  for (int64_t jc = r.columnBegin; jc < r.columnEnd; jc += kBlockColumns) {
    const int64_t columns = smaller(kBlockColumns, r.columnEnd - jc);
    for (int64_t outer = 0; outer < p.depth; outer += kDepthTogether<T>) {
      const int64_t outerEnd = smaller(p.depth, outer + kDepthTogether<T>);
      const T* b[kDepthTogether<T> / kDepthBlock];
      for (int64_t k = outer; k < outerEnd; k += kDepthBlock) {
        b[(k - outer) / kDepthBlock] = panelsOfB(p, k, smaller(kDepthBlock, outerEnd - k), jc, columns,
                                                 roomB + (k - outer) * paddedColumns<T>(columns));
      }
      for (int64_t block = 0; block < blocks; ++block) {
        const int64_t begin = r.rowBegin + tilesBegin(r.rowEnd - r.rowBegin, blocks, block);
        const int64_t rows = r.rowBegin + tilesBegin(r.rowEnd - r.rowBegin, blocks, block + 1) - begin;
        for (int64_t k = outer; k < outerEnd; k += kDepthBlock) {
          packPanelsOfA(p.a.data + begin * p.a.rowStride + k * p.a.columnStride, p.a.rowStride,
                        p.a.columnStride, rows, smaller(kDepthBlock, outerEnd - k),
                        roomA + (k - outer) * kBlockRows);
        }
        multiplyBlocks(job, roomA, b, outerEnd - outer, Place{begin, jc, rows, columns}, outer == 0,
                       outerEnd == p.depth);
      }
    }
  }
}

template <class T>
void multiplyDirect(const Job<T>& job, T* scratch) {
  const Product<T>& p = job.p;
  const Range& r = job.range;
  const bool panelled = p.packedB || p.b.columnStride != 1;
  const int64_t rows = r.rowEnd - r.rowBegin, groups = piecesOf(rows, kDirectRows);
  const int64_t most = directVectors(int(smaller(kDirectRows, piecesOf(rows, groups))));
  alignas(64) T buffer[kRegisters * kLanes<T>];
  for (int64_t j = r.columnBegin; j < r.columnEnd;) {
    // The widest tile that is full but for its last vector.
    const int64_t vectorsLeft = piecesOf(r.columnEnd - j, kLanes<T>);
    int vectors = int(most);
    while (vectors > vectorsLeft) vectors /= 2;
    const int64_t columns = smaller(vectors * kLanes<T>, r.columnEnd - j);
    const int64_t lastLanes = columns - (vectors - 1) * kLanes<T>;
    for (int64_t k = 0; k < p.depth; k += kDepthBlock) {
      const int64_t depth = smaller(kDepthBlock, p.depth - k);
      // Half a panel on: a tile that begins in the middle of one.
      const int64_t inPanel = p.packedB ? j % kPanel<T> : 0;
      const T* b = panelled ? panelsOfB(p, k, depth, j - inPanel, columns, scratch) + inPanel
                            : p.b.data + k * p.b.rowStride + j;
      const int64_t bRow = panelled ? kPanel<T> : p.b.rowStride;
      const int64_t bPanel = panelled ? kPanel<T> * depth : kPanel<T>;
      for (int64_t g = 0; g < groups; ++g) {
        const int64_t at = r.rowBegin + pieceBegin(rows, groups, g);
        const int64_t height = r.rowBegin + pieceBegin(rows, groups, g + 1) - at;
        TileArguments<T> t{depth,
                           p.a.data + at * p.a.rowStride + k * p.a.columnStride,
                           p.a.rowStride,
                           p.a.columnStride,
                           b,
                           bRow,
                           bPanel,
                           nullptr,
                           0,
                           lastLanes,
                           p.accumulate || k > 0,
                           nullptr,
                           0,
                           nullptr,
                           0};
        runTile(job, directTile<T>(height, vectors, lastLanes < kLanes<T>), t, Place{at, j, height, columns},
                Turn{true, true, k + depth == p.depth}, buffer);
      }
    }
    j += columns;
  }
}

// Elements of an operand, and of what lies between them, that stay in the second-level cache beside another.
template <class T>
inline constexpr int64_t kCached = (int64_t{256} << 10) / int64_t(sizeof(T));

// Whether a product is one block of depth of operands that lie close together, as tiles read and write them: then packing costs
// more than it saves, and where there are few tiles choosing them does too.
template <class T>
bool isCached(const Product<T>& p, int64_t rows, int64_t columns) {
  return rows > 4 && columns >= kLanes<T> / 2 && p.depth > 0 && p.depth <= kDepthBlock && !p.packedB && p.b.columnStride == 1 &&
         p.c.columnStride == 1 && !p.epilogue.panel && columns * p.depth <= kCached<T> && rows * p.depth <= kCached<T> &&
         p.b.rowStride * p.depth <= 2 * kCached<T> && rows * p.a.rowStride + p.depth * p.a.columnStride <= 2 * kCached<T>;
}

// By rows - 1 and vectors - 1.
static_assert(kDirectRows <= 8);
template <class T, bool Partial>
inline constexpr TileFunction<T> kDirectTiles[8][2] = {
    {tile<T, 1, 1, false, Partial>, tile<T, 1, 2, false, Partial>}, {tile<T, 2, 1, false, Partial>, tile<T, 2, 2, false, Partial>},
    {tile<T, 3, 1, false, Partial>, tile<T, 3, 2, false, Partial>}, {tile<T, 4, 1, false, Partial>, tile<T, 4, 2, false, Partial>},
    {tile<T, 5, 1, false, Partial>, tile<T, 5, 2, false, Partial>}, {tile<T, 6, 1, false, Partial>, tile<T, 6, 2, false, Partial>},
    {tile<T, 7, 1, false, Partial>, tile<T, 7, 2, false, Partial>}, {tile<T, 8, 1, false, Partial>, tile<T, 8, 2, false, Partial>}};

template <class T>
void multiplyCached(const Product<T>& p, const Range& r) {
  TileArguments<T> t{};
  t.depth = p.depth;
  t.aRow = p.a.rowStride;
  t.aColumn = p.a.columnStride;
  t.bRow = p.b.rowStride;
  t.bPanel = kPanel<T>;
  t.cRow = t.fromRow = p.c.rowStride;
  t.add = p.accumulate;
  for (int64_t column = r.columnBegin; column < r.columnEnd; column += kPanel<T>) {
    const int64_t width = smaller(kPanel<T>, r.columnEnd - column), vectors = width > kLanes<T> ? 2 : 1;
    t.b = p.b.data + column;
    t.lastLanes = width - (vectors - 1) * kLanes<T>;
    const bool partial = t.lastLanes < kLanes<T>;
    for (int64_t row = r.rowBegin; row < r.rowEnd; row += kDirectRows) {
      const int64_t height = smaller(kDirectRows, r.rowEnd - row);
      t.a = p.a.data + row * p.a.rowStride;
      t.c = p.c.data + row * p.c.rowStride + column;
      t.from = t.c;
      (partial ? kDirectTiles<T, true> : kDirectTiles<T, false>)[height - 1][vectors - 1](t);
    }
  }
  if (!hasArithmetic(p.epilogue)) return;
  finish(p.epilogue, Sums<T>{p.c.data + r.rowBegin * p.c.rowStride + r.columnBegin, p.c.rowStride, r.rowBegin, r.columnBegin,
                             r.rowEnd - r.rowBegin, r.columnEnd - r.columnBegin, false});
}

// Without depth every sum is empty.
template <class T>
void multiplyNothing(const Job<T>& job) {
  const Range& r = job.range;
  const TileFunction<T> empty = [](const TileArguments<T>& t) {
    for (int64_t l = 0; l < t.lastLanes; ++l) t.c[l] = t.add ? t.from[l] : T(0);
  };
  T buffer[kLanes<T>];
  for (int64_t i = r.rowBegin; i < r.rowEnd; ++i) {
    for (int64_t j = r.columnBegin; j < r.columnEnd; j += kLanes<T>) {
      const int64_t columns = smaller(kLanes<T>, r.columnEnd - j);
      TileArguments<T> t{};
      t.lastLanes = columns;
      t.add = job.p.accumulate;
      runTile(job, empty, t, Place{i, j, 1, columns}, Turn{true, true, true}, buffer);
    }
  }
}

// Whether packing A (and B) costs more than it saves.
template <class T>
bool isSmall(int64_t rows, int64_t columns, int64_t depth) {
  return rows <= 2 * kDirectRows || columns <= 2 * kPanel<T> || rows * columns * depth <= 64 * 64 * 64;
}

template <class T>
void multiplyRange(const Product<T>& product, const Range& range, void* scratch) {
  if (range.rowBegin >= range.rowEnd || range.columnBegin >= range.columnEnd) return;
  if (isCached(product, range.rowEnd - range.rowBegin, range.columnEnd - range.columnBegin)) return multiplyCached(product, range);
  if (product.depth > 0 && isRow(product, range)) return multiplyRow(product, range);
  const Job<T> job = makeJob(product, range);
  const Range& r = job.range;
  if (job.p.depth <= 0) return multiplyNothing(job);
  T* room = static_cast<T*>(scratch);
  if (isSmall<T>(r.rowEnd - r.rowBegin, r.columnEnd - r.columnBegin, job.p.depth)) {
    multiplyDirect(job, room);
  } else {
    multiplyPacked(job, room);
  }
}

// Enough for either turn, and for both ways unless the whole, and so every part, is small.
template <class T>
int64_t scratchFor(const Product<T>& p) {
  const int64_t depth = p.depth > 0 ? p.depth : 0;
  const int64_t wider = paddedColumns<T>(p.rows > p.columns ? p.rows : p.columns);
  if (isSmall<T>(p.rows, p.columns, depth)) {
    // The panels under one direct tile, which may begin in the middle of one.
    const int64_t columns = smaller(wider, directVectors(1) * kLanes<T>) + kPanel<T>;
    return p.packedB ? 0 : (smaller(depth, kDepthBlock) * columns + kLanes<T>)*int64_t(sizeof(T));
  }
  const int64_t a = kBlockRows * kDepthTogether<T> + kLanes<T>;
  const int64_t b = p.packedB ? 0 : smaller(kDepthTogether<T>, depth) * smaller(kBlockColumns, wider);
  return (a + b + kLanes<T>)*int64_t(sizeof(T));
}

template <class T>
void packAll(int64_t depth, int64_t columns, Strided<const T> b, T* out) {
  for (int64_t k = 0; k < depth; k += kDepthBlock) {
    packB<T>({b.data + k * b.rowStride, b.rowStride, b.columnStride}, smaller(kDepthBlock, depth - k),
             columns, out + k * paddedColumns<T>(columns));
  }
  const SlimPanel slim = slimPanel<T>(depth, columns);
  if (slim.vector + slim.tail > 0)
    packSlim(slim, depth, out + columns / kPanel<T> * kPanel<T> * depth, out + paddedColumns<T>(columns) * depth);
}

}  // namespace acie::linalg::ACIE_LINALG_LEVEL

#endif  // ACIE_KERNELS_LINALG_LOOPS_H
