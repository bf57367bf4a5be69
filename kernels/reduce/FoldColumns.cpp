// Folds of columns: rows are read once, in their order, and added to a row of accumulators for each chain of Fold.h, so that
// vectors run along columns and each column sees the order of fold().
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "kernels/layout/Vectors.h"
#include "kernels/reduce/Fold.h"

namespace acie::reduce {
namespace {

using layout::kLanes, layout::load, layout::store, layout::Vector;

constexpr int64_t kRun = 128, kChains = 8;
// Columns at a time: the accumulators of all chains, 32 KB, lie in the first-level cache.
template <typename T>
constexpr int64_t kWidth = 4096 / static_cast<int64_t>(sizeof(T));

struct Add {
  template <typename V>
  V operator()(V a, V b) const {
    return a + b;
  }
};
struct Multiply {
  template <typename V>
  V operator()(V a, V b) const {
    return a * b;
  }
};
template <typename Join, typename T>
constexpr T kNeutral = std::is_same_v<Join, Add> ? T(0) : T(1);

/// to[j] = f(j) for vectors and then for the columns that fill none; f is given a tag that says which.
template <typename T, typename F>
[[gnu::always_inline]] inline void for_columns(int64_t width, F f) {
  int64_t j = 0;
  for (; j + kLanes<T> <= width; j += kLanes<T>) f(j, Vector<T>{});
  for (; j < width; ++j) f(j, T{});
}
template <typename V, typename T>
[[gnu::always_inline]] inline V get(const T* from) {
  if constexpr (std::is_same_v<V, T>) return *from;
  else return load(from);
}
template <typename V, typename T>
[[gnu::always_inline]] inline void put(T* to, V value) {
  if constexpr (std::is_same_v<V, T>) *to = value;
  else store(to, value);
}

/// chain[j] joined with K rows, `step` apart, one after the other.
template <int K, typename Join, typename T>
void join_rows(const T* x, int64_t step, int64_t width, bool first, T* chain) {
  for_columns<T>(width, [&]<typename V>(int64_t j, V) {
    V value = first ? V{} + kNeutral<Join, T> : get<V>(chain + j);
#pragma GCC unroll 4
    for (int k = 0; k < K; ++k) value = Join{}(value, get<V>(x + k * step + j));
    put(chain + j, value);
  });
}

/// The fold of up to kRun rows.
template <typename Join, typename T>
void run(const T* x, int64_t rows, int64_t stride, int64_t width, T* to) {
  alignas(64) T chains[kChains][kWidth<T>];
  constexpr int64_t kAtOnce = 4;
  int64_t row = 0;
  for (; row + kAtOnce * kChains <= rows; row += kAtOnce * kChains)
    for (int64_t c = 0; c < kChains; ++c) join_rows<kAtOnce, Join>(x + (row + c) * stride, kChains * stride, width, row == 0, chains[c]);
  for (; row < rows; ++row) join_rows<1, Join>(x + row * stride, 0, width, row < kChains, chains[row % kChains]);
  for (int64_t c = rows; c < kChains; ++c) std::fill_n(chains[c], width, kNeutral<Join, T>);
  for_columns<T>(width, [&]<typename V>(int64_t j, V) {
    const auto pair = [&](int a, int b) { return Join{}(get<V>(chains[a] + j), get<V>(chains[b] + j)); };
    put(to + j, Join{}(Join{}(pair(0, 4), pair(2, 6)), Join{}(pair(1, 5), pair(3, 7))));
  });
}

template <typename Join, typename T>
void halves(const T* x, int64_t rows, int64_t stride, int64_t width, T* to) {
  const int64_t left = (rows / kRun + 1) / 2 * kRun;
  if (rows <= kRun || left >= rows) return run<Join>(x, rows, stride, width, to);
  halves<Join>(x, left, stride, width, to);
  alignas(64) T second[kWidth<T>];
  halves<Join>(x + left * stride, rows - left, stride, width, second);
  for_columns<T>(width, [&]<typename V>(int64_t j, V) { put(to + j, Join{}(get<V>(to + j), get<V>(second + j))); });
}

/// Integers wrap: any order.
template <typename Join, typename T>
void in_order(const T* x, int64_t rows, int64_t stride, int64_t width, T* to) {
  using U = std::make_unsigned_t<T>;
  auto* sums = reinterpret_cast<U*>(to);
  std::fill_n(sums, width, kNeutral<Join, U>);
  for (int64_t row = 0; row < rows; ++row) {
    const auto* from = reinterpret_cast<const U*>(x + row * stride);
    for_columns<U>(width, [&]<typename V>(int64_t j, V) { put<V>(sums + j, Join{}(get<V>(sums + j), get<V>(from + j))); });
  }
}

template <bool smallest>
struct Better {
  template <typename V>
  V operator()(V best, V next) const {
    return (smallest ? next < best : next > best) ? next : best;
  }
};

/// As fold() does it, which has as many chains as 64 bytes hold numbers; no NaN.
template <bool smallest, typename T>
void chained_extremes(const T* x, int64_t rows, int64_t stride, int64_t width, T* best) {
  constexpr int64_t kMost = 64 / static_cast<int64_t>(sizeof(T));
  alignas(64) T chains[kMost][kWidth<T>];
  const auto look = [&](const T* from, T* to) {
    for_columns<T>(width, [&]<typename V>(int64_t j, V) { put<V>(to + j, Better<smallest>{}(get<V>(to + j), get<V>(from + j))); });
  };
  const int64_t used = rows >= kMost ? kMost : 1, chained = rows >= kMost ? rows / kMost * kMost : 1;
  for (int64_t c = 0; c < used; ++c) std::copy_n(x + c * stride, width, chains[c]);
  for (int64_t row = used; row < chained; ++row) look(x + row * stride, chains[row % used]);
  std::copy_n(chains[0], width, best);
  for (int64_t c = 1; c < used; ++c) look(chains[c], best);
  for (int64_t row = chained; row < rows; ++row) look(x + row * stride, best);
}

// Rows that are joined at once lie apart: each goes on where it stopped, which the processor foresees.
constexpr int kStreams = 4;
constexpr int64_t kApart = 32;

template <bool smallest, typename T>
void extremes(const T* x, int64_t rows, int64_t stride, int64_t width, T* best) {
  alignas(64) T undefined[kWidth<T>];  // not 0 where an element is NaN
  std::fill_n(undefined, width, T(0));
  std::copy_n(x, width, best);
  const auto look = [&]<int K>(const T* from, std::integral_constant<int, K>) {
    for_columns<T>(width, [&]<typename V>(int64_t j, V) {
      V value = get<V>(best + j), nan = get<V>(undefined + j);
#pragma GCC unroll 4
      for (int k = 0; k < K; ++k) {
        const V next = get<V>(from + k * kApart * stride + j);
        if constexpr (std::is_floating_point_v<T>) nan = next != next ? V{} + T(1) : nan;
        value = Better<smallest>{}(value, next);
      }
      put<V>(best + j, value);
      if constexpr (std::is_floating_point_v<T>) put<V>(undefined + j, nan);
    });
  };
  int64_t row = 0;
  for (; row + kStreams * kApart <= rows; row += kStreams * kApart)
    for (int64_t i = 0; i < kApart; ++i) look(x + (row + i) * stride, std::integral_constant<int, kStreams>{});
  for (; row < rows; ++row) look(x + row * stride, std::integral_constant<int, 1>{});
  if constexpr (std::is_floating_point_v<T>) {
    // Every order finds the same number, but for the sign of zero.
    if (std::find(best, best + width, T(0)) != best + width) chained_extremes<smallest>(x, rows, stride, width, best);
    for (int64_t j = 0; j < width; ++j)
      if (undefined[j] != 0) best[j] = static_cast<T>(NAN);
  }
}

template <typename T>
void folded(Folding folding, const T* x, int64_t rows, int64_t columns, int64_t stride, T* to) {
  for (int64_t at = 0; at < columns; at += kWidth<T>) {
    const int64_t width = std::min(kWidth<T>, columns - at);
    switch (folding) {
      case Folding::kSum:
        if constexpr (std::is_integral_v<T>) in_order<Add>(x + at, rows, stride, width, to + at);
        else halves<Add>(x + at, rows, stride, width, to + at);
        break;
      case Folding::kProduct:
        if constexpr (std::is_integral_v<T>) in_order<Multiply>(x + at, rows, stride, width, to + at);
        else halves<Multiply>(x + at, rows, stride, width, to + at);
        break;
      case Folding::kMin: extremes<true>(x + at, rows, stride, width, to + at); break;
      case Folding::kMax: extremes<false>(x + at, rows, stride, width, to + at); break;
    }
  }
}

}  // namespace

void fold_columns(Folding folding, const double* x, int64_t rows, int64_t columns, int64_t stride, double* to) { folded(folding, x, rows, columns, stride, to); }
void fold_columns(Folding folding, const float* x, int64_t rows, int64_t columns, int64_t stride, float* to) { folded(folding, x, rows, columns, stride, to); }
void fold_columns(Folding folding, const int64_t* x, int64_t rows, int64_t columns, int64_t stride, int64_t* to) { folded(folding, x, rows, columns, stride, to); }
void fold_columns(Folding folding, const int32_t* x, int64_t rows, int64_t columns, int64_t stride, int32_t* to) { folded(folding, x, rows, columns, stride, to); }
void fold_columns(Folding folding, const uint8_t* x, int64_t rows, int64_t columns, int64_t stride, uint8_t* to) { folded(folding, x, rows, columns, stride, to); }

}  // namespace acie::reduce
