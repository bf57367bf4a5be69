// Matrix products C = epilogue(A · B), f32 and f64, at the speed of the processor's multiply-adders.
//
// Every element of C is the same bits at either level, for any number of threads and any partition, packed or
// not:
//
//   c = [C +] s_0 + s_1 + …          from the left, one rounding each; C only with `accumulate`
//   s_b = fma(a[i,k], b[k,j], s_b)   over k = 256 b … 256 b + 255 ascending, from s_b = 0
//
// (An absent sum is 0, so depth 0 gives epilogue(0).) Without overflow |c - exact| <= g |A| |B| with
// g = n u / (1 - n u), n = min(depth, 256) + ceil(depth / 256), u the unit roundoff (Higham, Accuracy and
// Stability of Numerical Algorithms, section 3.1). NaN and infinities propagate as these formulas say; no
// term is skipped.
//
// Nothing here allocates, keeps state or starts threads: a runtime splits C with `part` and calls `multiply`
// once per part, each with scratch of its own. Arguments are trusted: shapes are checked where programs are
// compiled.
#ifndef ACIE_KERNELS_LINALG_GEMM_H
#define ACIE_KERNELS_LINALG_GEMM_H

#include <cstdint>

namespace acie::linalg {

// The instruction set to use: x86-64-v3 (AVX2 and FMA) or x86-64-v4 (AVX-512).
enum class Level : uint32_t { kV3, kV4 };

// The best level this processor runs.
Level hostLevel();

// Terms of one element are summed in blocks of this many.
inline constexpr int64_t kDepthBlock = 256;

// Packed panels begin at multiples of this many columns at the latest; parts of C do too.
inline constexpr int64_t kColumnAlignment = 64;

// A matrix in memory: element (i, j) at data[i * rowStride + j * columnStride], strides in elements. Exchange
// the strides to transpose.
template <class T>
struct Strided {
  T* data = nullptr;
  int64_t rowStride = 0;
  int64_t columnStride = 1;
};

enum class Activation : uint32_t {
  kNone,
  kRelu,     // 0 where x < 0, else x (NaN stays)
  kGelu,     // x · Φ(x), Φ the normal distribution function
  kTanh,     // kernels/math
  kSigmoid,  // kernels/math
  kSilu,     // x · sigmoid(x)
};

// A finished piece of C, for code that continues while it is in the cache: rows [row, row + rows) and columns
// [column, column + columns) of C, element (row + i, column + j) at data[i * rowStride + j * columnStride].
template <class T>
struct Panel {
  T* data;
  int64_t rowStride, columnStride;
  int64_t row, column, rows, columns;
};

// What becomes of x = (A · B)[i, j], in this order, one rounding per operation:
//   x * scale (unless 1), + rowBias[i], + columnBias[j] (where given), activation, + residual[i, j] (where
//   given).
// Then `panel`, where given, is called once for every element's panel; panels are disjoint and cover the
// range.
template <class T>
struct Epilogue {
  T scale = 1;
  const T* rowBias = nullptr;     // one value per row of C
  const T* columnBias = nullptr;  // one value per column of C
  Activation activation = Activation::kNone;
  Strided<const T> residual;  // must not overlap C
  void (*panel)(void* context, const Panel<T>& piece) = nullptr;
  void* context = nullptr;
};

// One product: A is rows × depth, B depth × columns, C rows × columns and overlaps no operand.
template <class T>
struct Product {
  int64_t rows = 0, columns = 0, depth = 0;
  Strided<const T> a;
  Strided<const T> b;
  const T* packedB = nullptr;  // what `pack` made of B at the same level; then `b` is not read
  Strided<T> c;
  bool accumulate = false;  // add to C instead of overwriting it
  Epilogue<T> epilogue;
};

// The part [rowBegin, rowEnd) × [columnBegin, columnEnd) of C.
struct Range {
  int64_t rowBegin, rowEnd, columnBegin, columnEnd;
};

// Part `index` of `parts` of C, of about equal work; parts are disjoint and cover C; some may be empty. With
// packed B, ranges made otherwise must begin at a multiple of kColumnAlignment columns.
Range part(int64_t rows, int64_t columns, int64_t parts, int64_t index);

// Bytes of 64-byte aligned scratch that `multiply` needs for any part of the product.
int64_t scratchBytes(Level level, const Product<float>& product);
int64_t scratchBytes(Level level, const Product<double>& product);

// Computes a part of C. May run on several parts at once.
void multiply(Level level, const Product<float>& product, const Range& range, void* scratch);
void multiply(Level level, const Product<double>& product, const Range& range, void* scratch);

// Two whole products, the second of what the first makes, as the layers of a network are. `isPair`: whether they are such that
// `multiplyPair` takes them, because it is faster: one row, weights packed, the second narrow. That depends on no data but on where
// it is: second.a is first.c. The same bits as `multiply` of one and then the other; no scratch.
bool isPair(Level level, const Product<float>& first, const Product<float>& second);
bool isPair(Level level, const Product<double>& first, const Product<double>& second);
void multiplyPair(Level level, const Product<float>& first, const Product<float>& second);
void multiplyPair(Level level, const Product<double>& first, const Product<double>& second);

// Prepacked weights: B in the order in which the inner loop reads it, for use by many products.
// `packedElements`: how many elements that takes; `pack`: makes it at `out`, 64-byte aligned.
int64_t packedElements(Level level, int64_t depth, int64_t columns, float);
int64_t packedElements(Level level, int64_t depth, int64_t columns, double);
void pack(Level level, int64_t depth, int64_t columns, Strided<const float> b, float* out);
void pack(Level level, int64_t depth, int64_t columns, Strided<const double> b, double* out);

// `count` products of one shape; operand x of product i at x.data + i * (its stride). Strides of 0 share an
// operand. Biases are shared; a panel's row counts on through the products: row + i * rows.
struct Batch {
  int64_t count = 0;
  int64_t aStride = 0, bStride = 0, cStride = 0, residualStride = 0;
};

// Bytes of 64-byte aligned scratch that `multiplyBatch` needs for any of the products.
int64_t scratchBytes(Level level, const Product<float>& first, const Batch& batch);
int64_t scratchBytes(Level level, const Product<double>& first, const Batch& batch);

// Computes products [begin, end) of a batch, each whole.
void multiplyBatch(Level level, const Product<float>& first, const Batch& batch, int64_t begin, int64_t end,
                   void* scratch);
void multiplyBatch(Level level, const Product<double>& first, const Batch& batch, int64_t begin, int64_t end,
                   void* scratch);

}  // namespace acie::linalg

#endif  // ACIE_KERNELS_LINALG_GEMM_H
