// The loops around the tiles.
//
// Large products: blocks of B (kDepthTogether × kBlockColumns) are packed into the outer cache, blocks of A
// (kBlockRows × kDepthTogether) into the second level; a panel of B stays in the first level while those of A
// pass by. (The order of Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication, ACM TOMS
// 34, 2008.) Few rows or little work: tiles read A, and B if its rows are contiguous, where they lie.
#ifndef ACIE_KERNELS_LINALG_LOOPS_H
#define ACIE_KERNELS_LINALG_LOOPS_H

#include "kernels/linalg/Finish.h"
#include "kernels/linalg/Pack.h"
#include "kernels/linalg/Row.h"

namespace acie::linalg::ACIE_LINALG_LEVEL {

inline constexpr int64_t kBlockRows = 12 * kTileRows;
inline constexpr int64_t kBlockColumns = 2048;
// Blocks of depth that pass while a part of C stays in the second-level cache, so that C is read and written
// less often.
inline constexpr int64_t kDepthTogether = 2 * kDepthBlock;
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

// The tile of C at (row, column): runs one block of depth and, after the last, the epilogue.
template <class T>
void runTile(const Job<T>& job, TileFunction<T> function, TileArguments<T> t, int64_t row, int64_t column,
             int64_t rows, int64_t columns, bool last) {
  const Strided<T>& c = job.p.c;
  const Epilogue<T>& e = job.p.epilogue;
  T* at = c.data + row * c.rowStride + column * c.columnStride;
  const bool contiguous = c.columnStride == 1;
  // Where rows of C are not contiguous the tile lives here between its blocks of depth.
  alignas(64) T buffer[kRegisters * kLanes<T>];
  t.c = contiguous ? at : buffer;
  t.cRow = contiguous ? c.rowStride : columns;
  if (!contiguous && t.add) {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j)
        buffer[i * columns + j] = at[i * c.rowStride + j * c.columnStride];
    }
  }
  function(t);
  if (last && hasArithmetic(e)) {
    finish(e, Sums<T>{t.c, t.cRow, row, column, rows, columns, job.transposed});
  }
  if (!contiguous) {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j)
        at[i * c.rowStride + j * c.columnStride] = buffer[i * columns + j];
    }
  }
  if (last && e.panel) {
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

template <class T>
void multiplyPacked(const Job<T>& job, T* scratch) {
  const Product<T>& p = job.p;
  const Range& r = job.range;
  T* const roomA = scratch;
  T* const roomB = scratch + kBlockRows * kDepthTogether + kLanes<T>;
  const int64_t blocks = piecesOf(r.rowEnd - r.rowBegin, kBlockRows);
  for (int64_t jc = r.columnBegin; jc < r.columnEnd; jc += kBlockColumns) {
    const int64_t columns = smaller(kBlockColumns, r.columnEnd - jc);
    for (int64_t outer = 0; outer < p.depth; outer += kDepthTogether) {
      const int64_t outerEnd = smaller(p.depth, outer + kDepthTogether);
      const T* b[kDepthTogether / kDepthBlock];
      for (int64_t k = outer; k < outerEnd; k += kDepthBlock) {
        b[(k - outer) / kDepthBlock] = panelsOfB(p, k, smaller(kDepthBlock, outerEnd - k), jc, columns,
                                                 roomB + (k - outer) * paddedColumns<T>(columns));
      }
      for (int64_t block = 0; block < blocks; ++block) {
        const int64_t begin = r.rowBegin + pieceBegin(r.rowEnd - r.rowBegin, blocks, block);
        const int64_t rows = r.rowBegin + pieceBegin(r.rowEnd - r.rowBegin, blocks, block + 1) - begin;
        const int64_t panels = piecesOf(rows, kTileRows);
        int64_t starts[kBlockRows / kTileRows + 1];
        TileFunction<T> whole[kBlockRows / kTileRows];
        for (int64_t i = 0; i <= panels; ++i) starts[i] = pieceBegin(rows, panels, i);
        for (int64_t i = 0; i < panels; ++i) {
          whole[i] = packedTile<T>(starts[i + 1] - starts[i], kPanelVectors, false);
        }
        for (int64_t k = outer; k < outerEnd; k += kDepthBlock) {
          const int64_t depth = smaller(kDepthBlock, outerEnd - k);
          for (int64_t i = 0; i < panels; ++i) {
            packA(p.a.data + (begin + starts[i]) * p.a.rowStride + k * p.a.columnStride, p.a.rowStride,
                  p.a.columnStride, starts[i + 1] - starts[i], depth,
                  roomA + (k - outer) * kBlockRows + starts[i] * depth);
          }
        }
        // The tiles of one panel of B fetch the next one together.
        const int64_t step = (kPanel<T> + panels - 1) / panels;
        for (int64_t j = 0; j < columns; j += kPanel<T>) {
          const int64_t width = smaller(kPanel<T>, columns - j);
          const int vectors = width > kLanes<T> ? 2 : 1;
          const int64_t lastLanes = width - (vectors - 1) * kLanes<T>;
          for (int64_t i = 0; i < panels; ++i) {
            const int64_t at = starts[i], height = starts[i + 1] - at;
            const TileFunction<T> function =
                width == kPanel<T> ? whole[i] : packedTile<T>(height, vectors, lastLanes < kLanes<T>);
            for (int64_t k = outer; k < outerEnd; k += kDepthBlock) {
              const int64_t depth = smaller(kDepthBlock, outerEnd - k);
              const T* panel = b[(k - outer) / kDepthBlock] + j * depth;
              TileArguments<T> t{};
              t.depth = depth;
              t.a = roomA + (k - outer) * kBlockRows + at * depth;
              t.b = panel;
              t.bRow = kPanel<T>;
              t.lastLanes = lastLanes;
              t.add = p.accumulate || k > 0;
              t.next = panel + kPanel<T> * depth + i * step * depth;
              t.nextStep = step;
              runTile(job, function, t, begin + at, jc + j, height, width, k + depth == p.depth);
            }
          }
        }
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
        const TileArguments<T> t{depth,
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
                                 0};
        runTile(job, directTile<T>(height, vectors, lastLanes < kLanes<T>), t, at, j, height, columns,
                k + depth == p.depth);
      }
    }
    j += columns;
  }
}

// Without depth every sum is empty.
template <class T>
void multiplyNothing(const Job<T>& job) {
  const Range& r = job.range;
  const TileFunction<T> empty = [](const TileArguments<T>& t) {
    if (t.add) return;
    for (int64_t l = 0; l < t.lastLanes; ++l) t.c[l] = 0;
  };
  for (int64_t i = r.rowBegin; i < r.rowEnd; ++i) {
    for (int64_t j = r.columnBegin; j < r.columnEnd; j += kLanes<T>) {
      const int64_t columns = smaller(kLanes<T>, r.columnEnd - j);
      const TileArguments<T> t{0,       nullptr,          0,       0, nullptr, 0, 0, nullptr, 0,
                               columns, job.p.accumulate, nullptr, 0};
      runTile(job, empty, t, i, j, 1, columns, true);
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
  const int64_t a = kBlockRows * kDepthTogether + kLanes<T>;
  const int64_t b = p.packedB ? 0 : smaller(kDepthTogether, depth) * smaller(kBlockColumns, wider);
  return (a + b + kLanes<T>)*int64_t(sizeof(T));
}

template <class T>
void packAll(int64_t depth, int64_t columns, Strided<const T> b, T* out) {
  for (int64_t k = 0; k < depth; k += kDepthBlock) {
    packB<T>({b.data + k * b.rowStride, b.rowStride, b.columnStride}, smaller(kDepthBlock, depth - k),
             columns, out + k * paddedColumns<T>(columns));
  }
}

}  // namespace acie::linalg::ACIE_LINALG_LEVEL

#endif  // ACIE_KERNELS_LINALG_LOOPS_H
