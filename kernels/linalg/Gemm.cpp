// Choice of level, partition of C, batches.
#include "kernels/linalg/Gemm.h"

#include <algorithm>

#include "kernels/linalg/Levels.h"

namespace acie::linalg {
namespace {

const Entries<float>& entries(Level level, float) { return level == Level::kV4 ? kFloatV4 : kFloatV3; }
const Entries<double>& entries(Level level, double) { return level == Level::kV4 ? kDoubleV4 : kDoubleV3; }

// What a panel function of a batch needs to know to count rows on.
template <class T>
struct BatchPanel {
  const Epilogue<T>* epilogue;
  int64_t firstRow;
  static void run(void* context, const Panel<T>& piece) {
    const auto& self = *static_cast<const BatchPanel*>(context);
    Panel<T> moved = piece;
    moved.row += self.firstRow;
    self.epilogue->panel(self.epilogue->context, moved);
  }
};

// Whether the products of a batch are one tall product, and that.
template <class T>
bool isTall(const Product<T>& first, const Batch& batch) {
  const Epilogue<T>& e = first.epilogue;
  const bool sharesB = first.packedB || batch.bStride == 0;
  const bool stacked = batch.aStride == first.rows * first.a.rowStride &&
                       batch.cStride == first.rows * first.c.rowStride &&
                       (!e.residual.data || batch.residualStride == first.rows * e.residual.rowStride);
  return sharesB && stacked && !e.rowBias;
}
template <class T>
Product<T> tall(const Product<T>& first, const Batch& batch) {
  Product<T> all = first;
  all.rows = first.rows * batch.count;
  return all;
}

template <class T>
int64_t scratchForEach(Level level, const Product<T>& first, const Batch& batch) {
  return entries(level, T()).scratchBytes(isTall(first, batch) ? tall(first, batch) : first);
}

template <class T>
void multiplyEach(Level level, const Product<T>& first, const Batch& batch, int64_t begin, int64_t end,
                  void* scratch) {
  if (begin >= end) return;
  const Epilogue<T>& e = first.epilogue;
  if (isTall(first, batch)) {
    return entries(level, T())
        .multiply(tall(first, batch), {begin * first.rows, end * first.rows, 0, first.columns}, scratch);
  }
  for (int64_t i = begin; i < end; ++i) {
    Product<T> p = first;
    p.a.data += i * batch.aStride;
    if (!p.packedB) p.b.data += i * batch.bStride;
    p.c.data += i * batch.cStride;
    if (e.residual.data) p.epilogue.residual.data += i * batch.residualStride;
    BatchPanel<T> panel{&e, i * first.rows};
    if (e.panel) {
      p.epilogue.panel = BatchPanel<T>::run;
      p.epilogue.context = &panel;
    }
    entries(level, T()).multiply(p, {0, p.rows, 0, p.columns}, scratch);
  }
}

}  // namespace

Level hostLevel() {
  const bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  return v4 ? Level::kV4 : Level::kV3;
}

Range part(int64_t rows, int64_t columns, int64_t parts, int64_t index) {
  const bool wide = columns > rows && columns >= parts * kColumnAlignment;
  const int64_t total = wide ? columns : rows;
  const int64_t unit = wide ? kColumnAlignment : 1;
  const int64_t units = (total + unit - 1) / unit;
  // units * index / parts without overflow
  const auto at = [&](int64_t i) {
    return std::min(total, (units / parts * i + units % parts * i / parts) * unit);
  };
  const int64_t begin = at(index), end = at(index + 1);
  return wide ? Range{0, rows, begin, end} : Range{begin, end, 0, columns};
}

int64_t scratchBytes(Level level, const Product<float>& p) { return entries(level, 0.0f).scratchBytes(p); }
int64_t scratchBytes(Level level, const Product<double>& p) { return entries(level, 0.0).scratchBytes(p); }

void multiply(Level level, const Product<float>& p, const Range& range, void* scratch) {
  entries(level, 0.0f).multiply(p, range, scratch);
}
void multiply(Level level, const Product<double>& p, const Range& range, void* scratch) {
  entries(level, 0.0).multiply(p, range, scratch);
}

bool isPair(Level level, const Product<float>& first, const Product<float>& second) {
  return entries(level, 0.0f).isPair(first, second);
}
bool isPair(Level level, const Product<double>& first, const Product<double>& second) {
  return entries(level, 0.0).isPair(first, second);
}
void multiplyPair(Level level, const Product<float>& first, const Product<float>& second) {
  entries(level, 0.0f).multiplyPair(first, second);
}
void multiplyPair(Level level, const Product<double>& first, const Product<double>& second) {
  entries(level, 0.0).multiplyPair(first, second);
}

int64_t packedElements(Level level, int64_t depth, int64_t columns, float) {
  return entries(level, 0.0f).packedElements(depth, columns);
}
int64_t packedElements(Level level, int64_t depth, int64_t columns, double) {
  return entries(level, 0.0).packedElements(depth, columns);
}

void pack(Level level, int64_t depth, int64_t columns, Strided<const float> b, float* out) {
  entries(level, 0.0f).pack(depth, columns, b, out);
}
void pack(Level level, int64_t depth, int64_t columns, Strided<const double> b, double* out) {
  entries(level, 0.0).pack(depth, columns, b, out);
}

int64_t scratchBytes(Level level, const Product<float>& first, const Batch& batch) {
  return scratchForEach(level, first, batch);
}
int64_t scratchBytes(Level level, const Product<double>& first, const Batch& batch) {
  return scratchForEach(level, first, batch);
}

void multiplyBatch(Level level, const Product<float>& first, const Batch& batch, int64_t begin, int64_t end,
                   void* scratch) {
  multiplyEach(level, first, batch, begin, end, scratch);
}
void multiplyBatch(Level level, const Product<double>& first, const Batch& batch, int64_t begin, int64_t end,
                   void* scratch) {
  multiplyEach(level, first, batch, begin, end, scratch);
}

}  // namespace acie::linalg
