// Matrix products are the reference's bits at every level this processor has, however they are laid out,
// split or packed.
#include <gtest/gtest.h>

#include <algorithm>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "kernels/linalg/Gemm.h"
#include "kernels/reference/Gemm.h"

namespace acie::linalg {
namespace {

std::vector<Level> levels() {
  std::vector<Level> all = {Level::kV3};
  if (hostLevel() == Level::kV4) all.push_back(Level::kV4);
  return all;
}

struct Free {
  void operator()(void* p) const { std::free(p); }
};
using Scratch = std::unique_ptr<void, Free>;
// Exactly as large as asked for, so that the address sanitizer sees what goes beyond.
Scratch aligned(int64_t bytes) { return Scratch(std::aligned_alloc(64, (bytes + 63) / 64 * 64)); }

template <class T>
std::vector<T> random(size_t count, uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<T> uniform(-1, 1);
  std::vector<T> values(count);
  for (T& x : values) x = uniform(engine);
  return values;
}

enum class Layout { kRows, kRowsApart, kColumns, kEverySecond };
constexpr Layout kLayouts[] = {Layout::kRows, Layout::kRowsApart, Layout::kColumns, Layout::kEverySecond};

// A matrix of random numbers with guard values around its elements.
template <class T>
struct Matrix {
  std::vector<T> data;
  int64_t rowStride, columnStride;
  Matrix(int64_t rows, int64_t columns, Layout layout, uint64_t seed) {
    rowStride = layout == Layout::kColumns ? 1 : layout == Layout::kRows ? columns : 2 * columns + 3;
    columnStride = layout == Layout::kColumns ? rows : layout == Layout::kEverySecond ? 2 : 1;
    const int64_t last =
        rows > 0 && columns > 0 ? (rows - 1) * rowStride + (columns - 1) * columnStride + 1 : 0;
    data = random<T>(last, seed);
  }
  Strided<const T> in() const { return {data.data(), rowStride, columnStride}; }
  Strided<T> out() { return {data.data(), rowStride, columnStride}; }
};

// Equal bits, any NaN equal to any other.
template <class T>
::testing::AssertionResult same(const std::vector<T>& x, const std::vector<T>& y) {
  for (size_t i = 0; i < x.size(); ++i) {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    if (std::isnan(x[i]) && std::isnan(y[i])) continue;
    if (std::bit_cast<Bits>(x[i]) != std::bit_cast<Bits>(y[i])) {
      return ::testing::AssertionFailure() << "element " << i << ": " << x[i] << " and " << y[i];
    }
  }
  return ::testing::AssertionSuccess();
}

template <class T>
void run(Level level, const Product<T>& product, int64_t parts = 1) {
  for (int64_t i = 0; i < parts; ++i) {
    // What lies behind the scratch is not touched.
    constexpr int64_t kGuard = 4096;
    const int64_t bytes = scratchBytes(level, product);
    const Scratch scratch = aligned(bytes + kGuard);
    const auto guard = [&] { return static_cast<unsigned char*>(static_cast<void*>(scratch.get())) + bytes; };
    std::fill_n(guard(), kGuard, 0xa5);
    multiply(level, product, part(product.rows, product.columns, parts, i), scratch.get());
    EXPECT_TRUE(std::all_of(guard(), guard() + kGuard, [](unsigned char byte) { return byte == 0xa5; }));
  }
}

// One shape and layout against the reference: plain, in parts, packed.
template <class T>
void check(int64_t rows, int64_t columns, int64_t depth, Layout la, Layout lb, Layout lc, bool accumulate,
           Epilogue<T> epilogue = {}) {
  SCOPED_TRACE(testing::Message() << rows << " x " << columns << " x " << depth << ", layouts " << int(la)
                                  << int(lb) << int(lc) << ", accumulate " << accumulate << ", bits "
                                  << 8 * sizeof(T));
  const Matrix<T> a(rows, depth, la, 1), b(depth, columns, lb, 2);
  const Matrix<T> c(rows, columns, lc, 3);
  const auto product = [&](Matrix<T>& out) {
    Product<T> p{rows, columns, depth, a.in(), b.in(), nullptr, out.out(), accumulate, epilogue};
    return p;
  };
  Matrix<T> expected = c;
  reference::multiply(product(expected));
  for (const Level level : levels()) {
    SCOPED_TRACE(testing::Message() << "level " << int(level));
    Matrix<T> whole = c, parts = c, packed = c;
    run(level, product(whole));
    ASSERT_TRUE(same(whole.data, expected.data));
    run(level, product(parts), 3);
    ASSERT_TRUE(same(parts.data, expected.data));
    const Scratch room = aligned(packedElements(level, depth, columns, T()) * sizeof(T));
    pack(level, depth, columns, b.in(), static_cast<T*>(room.get()));
    Product<T> p = product(packed);
    p.packedB = static_cast<const T*>(room.get());
    p.b = {};
    run(level, p, 2);
    ASSERT_TRUE(same(packed.data, expected.data));
  }
}

template <class T>
class Gemm : public ::testing::Test {};
using Elements = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Gemm, Elements);

TYPED_TEST(Gemm, SmallShapes) {
  for (const int64_t rows : {0, 1, 2, 3, 5, 8, 9, 17}) {
    for (const int64_t columns : {0, 1, 2, 7, 8, 15, 16, 17, 33, 64, 65}) {
      for (const int64_t depth : {0, 1, 2, 9, 17}) {
        check<TypeParam>(rows, columns, depth, Layout::kRows, Layout::kRows, Layout::kRows, false);
        if (this->HasFatalFailure()) return;
      }
    }
  }
}

TYPED_TEST(Gemm, LayoutsOfSmallAndLargeProducts) {
  const int64_t shapes[][3] = {{1, 37, 300}, {37, 1, 300},   {5, 3, 520},
                               {23, 45, 30}, {70, 131, 270}, {80, 40, 1300}};
  for (const auto& [rows, columns, depth] : shapes) {
    for (const Layout a : kLayouts) {
      for (const Layout b : kLayouts) {
        for (const Layout c : kLayouts) {
          check<TypeParam>(rows, columns, depth, a, b, c, (int(a) + int(b)) % 2 == 1);
          if (this->HasFatalFailure()) return;
        }
      }
    }
  }
}

// Around the sizes of tiles, panels and blocks.
TYPED_TEST(Gemm, EdgesOfBlocks) {
  for (const int64_t rows : {71, 72, 73, 167, 168, 169, 181}) {
    check<TypeParam>(rows, 97, 257, Layout::kRows, Layout::kRows, Layout::kRows, false);
  }
  for (const int64_t depth : {255, 256, 257, 511, 512, 513, 769}) {
    check<TypeParam>(29, 83, depth, Layout::kRows, Layout::kRows, Layout::kRows, true);
    check<TypeParam>(1, 600, depth, Layout::kRows, Layout::kRows, Layout::kRows, false);
    check<TypeParam>(3, 260, depth, Layout::kRows, Layout::kColumns, Layout::kRows, false);
  }
  for (const int64_t columns : {2047, 2048, 2049, 2115}) {
    check<TypeParam>(40, columns, 40, Layout::kRows, Layout::kRows, Layout::kRows, false);
  }
}

TYPED_TEST(Gemm, Epilogues) {
  using T = TypeParam;
  const int64_t shapes[][3] = {{1, 50, 10}, {50, 1, 10}, {4, 19, 300}, {80, 100, 300}, {7, 9, 0}};
  for (const auto& [rows, columns, depth] : shapes) {
    const std::vector<T> rowBias = random<T>(rows, 4), columnBias = random<T>(columns, 5);
    for (const Activation activation : {Activation::kNone, Activation::kRelu, Activation::kGelu,
                                        Activation::kTanh, Activation::kSigmoid, Activation::kSilu}) {
      SCOPED_TRACE(int(activation));
      for (const Layout layout : kLayouts) {
        const Matrix<T> residual(rows, columns, layout, 6);
        Epilogue<T> e;
        e.activation = activation;
        check<T>(rows, columns, depth, Layout::kRows, Layout::kRows, Layout::kRows, false, e);
        e.scale = T(0.37);
        e.columnBias = columnBias.data();
        check<T>(rows, columns, depth, Layout::kRows, Layout::kColumns, layout, true, e);
        e.rowBias = rowBias.data();
        e.residual = residual.in();
        check<T>(rows, columns, depth, Layout::kColumns, Layout::kRows, layout, false, e);
        if (this->HasFatalFailure()) return;
      }
    }
  }
}

// Every kind of special value reaches the elements it belongs to and no other.
TYPED_TEST(Gemm, SpecialValues) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const T specials[] = {nan,
                        infinity,
                        -infinity,
                        T(0),
                        -T(0),
                        std::numeric_limits<T>::denorm_min(),
                        std::numeric_limits<T>::max()};
  for (const int64_t rows : {1, 13, 60}) {
    for (const T special : specials) {
      const int64_t columns = 77, depth = 263;
      Matrix<T> a(rows, depth, Layout::kRows, 1), b(depth, columns, Layout::kRows, 2);
      a.data[rows / 2 * depth + 258] = special;
      b.data[3 * columns + 76] = special;
      b.data[200 * columns + 31] = 0;
      Matrix<T> expected(rows, columns, Layout::kRows, 3), got = expected;
      Product<T> p{rows, columns, depth, a.in(), b.in(), nullptr, expected.out(), false, {}};
      reference::multiply(p);
      p.c = got.out();
      for (const Level level : levels()) {
        run(level, p);
        ASSERT_TRUE(same(got.data, expected.data))
            << rows << " rows, " << special << ", level " << int(level);
      }
      if (std::isnan(special)) {
        EXPECT_EQ(std::isnan(got.data[0]), rows == 1);
        EXPECT_TRUE(std::isnan(got.data[76]));
      }
    }
  }
}

// The bound that Gemm.h states, against sums in long double.
TYPED_TEST(Gemm, ErrorBound) {
  using T = TypeParam;
  const int64_t rows = 20, columns = 40, depth = 3000;
  const Matrix<T> a(rows, depth, Layout::kRows, 1), b(depth, columns, Layout::kRows, 2);
  Matrix<T> c(rows, columns, Layout::kRows, 3);
  run(hostLevel(), Product<T>{rows, columns, depth, a.in(), b.in(), nullptr, c.out(), false, {}});
  const long double nu = (kDepthBlock + 12) * (std::numeric_limits<T>::epsilon() / 2.0L);
  const long double g = nu / (1 - nu);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      long double exact = 0, magnitude = 0;
      for (int64_t k = 0; k < depth; ++k) {
        const long double term = static_cast<long double>(a.data[i * depth + k]) * b.data[k * columns + j];
        exact += term;
        magnitude += std::fabs(term);
      }
      ASSERT_LE(std::fabs(c.data[i * columns + j] - exact), g * magnitude);
    }
  }
}

// Panels are disjoint, cover C, and are final when seen.
TYPED_TEST(Gemm, PanelFunction) {
  using T = TypeParam;
  struct Seen {
    std::vector<int> times;
    int64_t columns;
  };
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{1, 300}, {100, 2}, {90, 140}}) {
    const Matrix<T> a(rows, 300, Layout::kRows, 1), b(300, columns, Layout::kRows, 2);
    Matrix<T> expected(rows, columns, Layout::kRows, 3), got = expected;
    Product<T> p{rows, columns, 300, a.in(), b.in(), nullptr, expected.out(), false, {}};
    p.epilogue.activation = Activation::kRelu;
    reference::multiply(p);
    for (T& x : expected.data) x = x * 2 + 1;
    Seen seen{std::vector<int>(rows * columns), columns};
    p.c = got.out();
    p.epilogue.context = &seen;
    p.epilogue.panel = [](void* context, const Panel<T>& piece) {
      Seen& s = *static_cast<Seen*>(context);
      for (int64_t i = 0; i < piece.rows; ++i) {
        for (int64_t j = 0; j < piece.columns; ++j) {
          T& x = piece.data[i * piece.rowStride + j * piece.columnStride];
          x = x * 2 + 1;
          ++s.times[(piece.row + i) * s.columns + piece.column + j];
        }
      }
    };
    for (const Level level : levels()) {
      std::fill(seen.times.begin(), seen.times.end(), 0);
      run(level, p, 2);
      EXPECT_EQ(seen.times, std::vector<int>(rows * columns, 1));
      EXPECT_TRUE(same(got.data, expected.data));
    }
  }
}

TYPED_TEST(Gemm, Batches) {
  using T = TypeParam;
  const int64_t rows = 3, columns = 18, depth = 20, count = 5;
  const auto a = random<T>(count * rows * depth, 1), b = random<T>(count * depth * columns, 2);
  const auto residual = random<T>(count * rows * columns, 4), bias = random<T>(rows, 5);
  for (const bool sharesB : {false, true}) {
    for (const bool rowBias : {false, true}) {
      std::vector<T> expected(count * rows * columns), got(expected.size());
      Product<T> p{rows,
                   columns,
                   depth,
                   {a.data(), depth, 1},
                   {b.data(), columns, 1},
                   nullptr,
                   {expected.data(), columns, 1},
                   false,
                   {}};
      p.epilogue.residual = {residual.data(), columns, 1};
      if (rowBias) p.epilogue.rowBias = bias.data();
      const Batch batch{count, rows * depth, sharesB ? 0 : depth * columns, rows * columns, rows * columns};
      for (int64_t i = 0; i < count; ++i) {
        Product<T> one = p;
        one.a.data += i * batch.aStride;
        one.b.data += i * batch.bStride;
        one.c.data += i * batch.cStride;
        one.epilogue.residual.data += i * batch.residualStride;
        reference::multiply(one);
      }
      p.c.data = got.data();
      for (const Level level : levels()) {
        std::vector<int> times(got.size());
        p.epilogue.context = &times;
        p.epilogue.panel = [](void* context, const Panel<T>& piece) {
          for (int64_t i = 0; i < piece.rows; ++i) {
            for (int64_t j = 0; j < piece.columns; ++j) {
              ++(*static_cast<std::vector<int>*>(context))[(piece.row + i) * 18 + piece.column + j];
            }
          }
        };
        const Scratch scratch = aligned(scratchBytes(level, p, batch));
        multiplyBatch(level, p, batch, 0, 2, scratch.get());
        multiplyBatch(level, p, batch, 2, count, scratch.get());
        EXPECT_TRUE(same(got, expected));
        EXPECT_EQ(times, std::vector<int>(got.size(), 1));
      }
    }
  }
}

// Products one after the other, in pairs where there are some; how many.
template <class T>
int runInTurn(Level level, const std::vector<Product<T>>& products) {
  int pairs = 0;
  for (size_t i = 0; i < products.size(); ++i) {
    if (i + 1 < products.size() && isPair(level, products[i], products[i + 1])) {
      multiplyPair(level, products[i], products[i + 1]);
      ++pairs;
      ++i;
    } else {
      run(level, products[i]);
    }
  }
  return pairs;
}

// How many pairs there are to be: layers of one block of depth, a narrow one after a wide one.
template <class T>
int pairsOf(Level level, const std::vector<int64_t>& widths) {
  const int64_t lanes = (level == Level::kV4 ? 64 : 32) / sizeof(T), tiles = level == Level::kV4 ? 8 : 12;
  int pairs = 0;
  for (size_t i = 0; i + 2 < widths.size(); ++i) {
    if (widths[i] > 256 || widths[i + 1] > 256 || widths[i + 1] <= (tiles - 1) * lanes || widths[i + 2] > 2 * lanes) continue;
    ++pairs;
    ++i;
  }
  return pairs;
}

// Layers of a network on one row, weights packed, each result as the reference has it; the last is written over the first's
// operand where that is long enough.
template <class T>
void checkLayers(const std::vector<int64_t>& widths, Activation activation, bool biases) {
  SCOPED_TRACE(testing::Message() << testing::PrintToString(widths) << ", activation " << int(activation) << ", biases " << biases << ", bits " << 8 * sizeof(T));
  const size_t layers = widths.size() - 1;
  std::vector<std::vector<T>> weights, bias, expected = {random<T>(widths[0], 1)};
  std::vector<Product<T>> products;
  for (size_t i = 0; i < layers; ++i) {
    weights.push_back(random<T>(widths[i] * widths[i + 1], 10 + i));
    bias.push_back(random<T>(widths[i + 1], 20 + i));
    expected.emplace_back(widths[i + 1]);
    Product<T> p{1, widths[i + 1], widths[i], {expected[i].data(), widths[i], 1}, {weights[i].data(), 1, widths[i]}, nullptr, {expected[i + 1].data(), widths[i + 1], 1}, false, {}};
    if (biases) p.epilogue.columnBias = bias[i].data();
    if (i + 1 < layers) p.epilogue.activation = activation;
    reference::multiply(p);
    products.push_back(p);
  }
  for (const Level level : levels()) {
    std::vector<std::vector<T>> got = {expected[0]};
    std::vector<Scratch> packed;
    for (size_t i = 0; i < layers; ++i) {
      got.emplace_back(widths[i + 1]);
      Product<T>& p = products[i];
      packed.push_back(aligned(packedElements(level, p.depth, p.columns, T()) * sizeof(T)));
      pack(level, p.depth, p.columns, p.b, static_cast<T*>(packed[i].get()));
      p.packedB = static_cast<const T*>(packed[i].get());
    }
    const bool over = layers == 2 && widths[2] <= widths[0];
    for (size_t i = 0; i < layers; ++i) {
      products[i].a.data = got[i].data();
      products[i].c.data = over && i == 1 ? got[0].data() : got[i + 1].data();
    }
    EXPECT_EQ(runInTurn(level, products), pairsOf<T>(level, widths));
    if (over) std::copy_n(got[0].data(), widths[2], got[2].data());
    for (size_t i = 1; i <= layers; ++i) ASSERT_TRUE(same(got[i], expected[i])) << "level " << int(level) << ", layer " << i;
  }
}

TYPED_TEST(Gemm, LayersInTurn) {
  for (const int64_t in : {1, 18, 60, 256, 257}) {
    for (const int64_t wide : {30, 64, 112, 113, 120, 129, 180, 191, 250, 256, 257}) {
      for (const int64_t narrow : {1, 7, 8, 14, 16, 17, 32, 33}) {
        checkLayers<TypeParam>({in, wide, narrow}, Activation::kTanh, true);
        if (this->HasFatalFailure()) return;
      }
    }
  }
  for (const Activation activation : {Activation::kNone, Activation::kRelu, Activation::kGelu, Activation::kTanh, Activation::kSigmoid, Activation::kSilu}) {
    for (const bool biases : {false, true}) checkLayers<TypeParam>({18, 180, 180, 14, 180, 200, 3}, activation, biases);
  }
}

// No pair: several rows, another operand than what was made before, an epilogue of another kind.
TYPED_TEST(Gemm, OthersInTurn) {
  using T = TypeParam;
  const int64_t depth = 40, wide = 180, narrow = 7;
  for (const Level level : levels()) {
    for (const int64_t rows : {1, 3}) {
      const auto a = random<T>(rows * depth, 1), other = random<T>(rows * wide, 2), first = random<T>(depth * wide, 3), second = random<T>(wide * narrow, 4);
      const Scratch packed = aligned(packedElements(level, wide, narrow, T()) * sizeof(T)), packedFirst = aligned(packedElements(level, depth, wide, T()) * sizeof(T));
      pack(level, wide, narrow, {second.data(), narrow, 1}, static_cast<T*>(packed.get()));
      pack(level, depth, wide, {first.data(), wide, 1}, static_cast<T*>(packedFirst.get()));
      for (const bool reads : {false, true}) {
        for (const bool residual : {false, true}) {
          std::vector<T> expected(rows * narrow), got = expected, between(rows * wide);
          std::vector<Product<T>> p = {{rows, wide, depth, {a.data(), depth, 1}, {first.data(), wide, 1}, nullptr, {between.data(), wide, 1}, false, {}},
                             {rows, narrow, wide, {reads ? between.data() : other.data(), wide, 1}, {second.data(), narrow, 1}, nullptr, {expected.data(), narrow, 1}, false, {}}};
          if (residual) p[0].epilogue.residual = {other.data(), wide, 1};
          reference::multiply(p[0]);
          reference::multiply(p[1]);
          p[0].packedB = static_cast<const T*>(packedFirst.get());
          p[1].packedB = static_cast<const T*>(packed.get());
          p[1].c.data = got.data();
          std::fill(between.begin(), between.end(), T(7));
          EXPECT_EQ(runInTurn(level, p), rows == 1 && reads && !residual ? 1 : 0);
          EXPECT_TRUE(same(got, expected)) << "rows " << rows << ", reads " << reads << ", residual " << residual;
        }
      }
    }
  }
}

TEST(Partition, CoversWithoutOverlap) {
  for (const auto& [rows, columns] :
       {std::pair<int64_t, int64_t>{0, 5}, {1, 1}, {3, 1000}, {1000, 3}, {640, 640}}) {
    for (const int64_t parts : {1, 2, 3, 7}) {
      int64_t covered = 0;
      Range before{0, 0, 0, 0};
      for (int64_t i = 0; i < parts; ++i) {
        const Range r = part(rows, columns, parts, i);
        covered += (r.rowEnd - r.rowBegin) * (r.columnEnd - r.columnBegin);
        EXPECT_EQ(r.columnBegin % kColumnAlignment, 0);
        if (i > 0) {
          EXPECT_TRUE(r.rowBegin == before.rowEnd || r.columnBegin == before.columnEnd);
        }
        before = r;
      }
      EXPECT_EQ(covered, rows * columns);
    }
  }
}

TEST(Threads, PartsRunAtOnce) {
  const Matrix<float> a(130, 300, Layout::kRows, 1), b(300, 200, Layout::kRows, 2);
  Matrix<float> expected(130, 200, Layout::kRows, 3), got = expected;
  Product<float> p{130, 200, 300, a.in(), b.in(), nullptr, expected.out(), false, {}};
  reference::multiply(p);
  p.c = got.out();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&p, i] {
      const Scratch scratch = aligned(scratchBytes(hostLevel(), p));
      multiply(hostLevel(), p, part(p.rows, p.columns, 4, i), scratch.get());
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_TRUE(same(got.data, expected.data));
}

}  // namespace
}  // namespace acie::linalg
