#include "kernels/reduce/Fold.h"

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "kernels/layout/Vectors.h"
#include "kernels/reduce/WideExtremes.h"

namespace acie::reduce {
namespace {

using layout::kLanes, layout::load, layout::Vector;

constexpr int64_t kRun = 128, kChains = 8;

template <typename T>
[[gnu::always_inline]] inline T join(Folding folding, T a, T b) {
  return folding == Folding::kSum ? a + b : a * b;
}

/// Integers wrap, so that every order gives the same; overflow of signed ones is undefined in C++.
template <Folding folding, typename T>
T wrapped(const T* x, int64_t length) {
  using U = std::make_unsigned_t<T>;
  U all = folding == Folding::kSum ? 0 : 1;
  for (int64_t i = 0; i < length; ++i) {
    all = static_cast<U>(folding == Folding::kSum ? all + static_cast<U>(x[i]) : all * static_cast<U>(x[i]));
  }
  return static_cast<T>(all);
}

template <Folding folding, typename T>
T run(const T* x, int64_t length) {
  T chains[kChains];
  for (T& chain : chains) chain = folding == Folding::kSum ? T(0) : T(1);
  int64_t i = 0;
  if (length >= kChains) {
    constexpr int64_t kVectors = kChains / kLanes<T>;
    Vector<T> sums[kVectors];
    std::memcpy(sums, chains, sizeof chains);
    for (; i + kChains <= length; i += kChains) {
#pragma GCC unroll 2
      for (int64_t v = 0; v < kVectors; ++v) {
        sums[v] = join(folding, sums[v], load(x + i + v * kLanes<T>));
      }
    }
    std::memcpy(chains, sums, sizeof chains);
  }
  for (; i < length; ++i) chains[i % kChains] = join(folding, chains[i % kChains], x[i]);
  const auto pair = [&](int a, int b) { return join(folding, chains[a], chains[b]); };
  return join(folding, join(folding, pair(0, 4), pair(2, 6)), join(folding, pair(1, 5), pair(3, 7)));
}

/// K whole runs one after the other, which do not wait for each other; K a power of two.
template <Folding folding, int K, typename T>
T runs(const T* x) {
  constexpr int64_t kVectors = kChains / kLanes<T>;
  Vector<T> sums[K][kVectors];
  for (auto& sum : sums)
    for (Vector<T>& vector : sum) vector = Vector<T>{} + (folding == Folding::kSum ? T(0) : T(1));
  for (int64_t i = 0; i < kRun; i += kChains) {
#pragma GCC unroll 8
    for (int64_t k = 0; k < K; ++k) {
#pragma GCC unroll 2
      for (int64_t v = 0; v < kVectors; ++v) {
        sums[k][v] = join(folding, sums[k][v], load(x + k * kRun + i + v * kLanes<T>));
      }
    }
  }
  // The pairs above, in registers.
  T results[K];
#pragma GCC unroll 8
  for (int k = 0; k < K; ++k) {
    if constexpr (kVectors == 1) {
      const __m128 low = _mm256_castps256_ps128(sums[k][0]), high = _mm256_extractf128_ps(sums[k][0], 1);
      const __m128 fours = join(folding, low, high), twos = join(folding, fours, _mm_movehl_ps(fours, fours));
      results[k] = join(folding, twos[0], twos[1]);
    } else {
      const __m256d fours = join(folding, sums[k][0], sums[k][1]);
      const __m128d twos = join(folding, _mm256_castpd256_pd128(fours), _mm256_extractf128_pd(fours, 1));
      results[k] = join(folding, twos[0], twos[1]);
    }
  }
  for (int k = K; k > 1; k /= 2)
    for (int i = 0; i < k / 2; ++i) results[i] = join(folding, results[2 * i], results[2 * i + 1]);
  return results[0];
}

template <Folding folding, typename T>
T halves(const T* x, int64_t length) {
  if (length <= kRun) return run<folding>(x, length);
  if (length == 8 * kRun) return runs<folding, 8>(x);
  if (length == 4 * kRun) return runs<folding, 4>(x);
  if (length == 2 * kRun) return runs<folding, 2>(x);
  const int64_t left = (length / kRun + 1) / 2 * kRun;
  if (left >= length) return run<folding>(x, length);
  // Upwards through memory, which the processor reads ahead.
  const T first = halves<folding>(x, left);
  return join(folding, first, halves<folding>(x + left, length - left));
}

template <bool smallest, typename T>
T better(T a, T b) {
  return (smallest ? b < a : b > a) ? b : a;
}

/// In four chains of vectors of 16 bytes, element i in chain i mod (4 vectors): which of -0 and 0 comes out has one answer. NaN is
/// the caller's.
template <bool smallest, typename T>
T chained_extreme(const T* x, int64_t length) {
  constexpr int64_t kStep = 64 / static_cast<int64_t>(sizeof(T)), kVectors = kStep / kLanes<T>;
  T best = x[0];
  int64_t i = 0;
  if (length >= kStep) {
    Vector<T> chains[kVectors];
    for (int64_t v = 0; v < kVectors; ++v) chains[v] = load(x + v * kLanes<T>);
    for (i = kStep; i + kStep <= length; i += kStep) {
#pragma GCC unroll 2
      for (int64_t v = 0; v < kVectors; ++v) {
        const Vector<T> next = load(x + i + v * kLanes<T>);
        chains[v] = (smallest ? next < chains[v] : next > chains[v]) ? next : chains[v];
      }
    }
    T lanes[kStep];
    std::memcpy(lanes, chains, sizeof lanes);
    best = lanes[0];
    for (int64_t lane = 1; lane < kStep; ++lane) best = better<smallest>(best, lanes[lane]);
  }
  for (; i < length; ++i) best = better<smallest>(best, x[i]);
  return best;
}

template <bool smallest>
__m256 better(__m256 best, __m256 next) {
  return smallest ? _mm256_min_ps(next, best) : _mm256_max_ps(next, best);
}
template <bool smallest>
__m256d better(__m256d best, __m256d next) {
  return smallest ? _mm256_min_pd(next, best) : _mm256_max_pd(next, best);
}
__m256 either_nan(__m256 a, __m256 b) { return _mm256_cmp_ps(a, b, _CMP_UNORD_Q); }
__m256d either_nan(__m256d a, __m256d b) { return _mm256_cmp_pd(a, b, _CMP_UNORD_Q); }
__m256 either(__m256 a, __m256 b) { return _mm256_or_ps(a, b); }
__m256d either(__m256d a, __m256d b) { return _mm256_or_pd(a, b); }
bool any(__m256 mask) { return _mm256_movemask_ps(mask) != 0; }
bool any(__m256d mask) { return _mm256_movemask_pd(mask) != 0; }

/// Of at least one step, four vectors of 32 bytes. The last step ends with the elements: extremes of some taken twice are the same.
template <bool smallest, typename T>
Extreme<T> extreme_of_steps(const T* x, int64_t length) {
  constexpr int64_t kVectors = 4, kStep = kVectors * kLanes<T>;
  Vector<T> chains[kVectors], nan{};
  for (int64_t v = 0; v < kVectors; ++v) chains[v] = load(x + v * kLanes<T>);
  for (int64_t i = 0;; i = std::min(i + kStep, length - kStep)) {
    const Vector<T> a = load(x + i), b = load(x + i + kLanes<T>), c = load(x + i + 2 * kLanes<T>), d = load(x + i + 3 * kLanes<T>);
    chains[0] = better<smallest>(chains[0], a), chains[1] = better<smallest>(chains[1], b);
    chains[2] = better<smallest>(chains[2], c), chains[3] = better<smallest>(chains[3], d);
    nan = either(nan, either(either_nan(a, b), either_nan(c, d)));
    if (i + kStep >= length) break;
  }
  const Vector<T> all = better<smallest>(better<smallest>(chains[0], chains[1]), better<smallest>(chains[2], chains[3]));
  T lanes[kLanes<T>];
  std::memcpy(lanes, &all, sizeof lanes);
  T best = lanes[0];
  for (const T lane : lanes) best = better<smallest>(best, lane);
  return {best, any(nan)};
}

const bool kWideVectors = __builtin_cpu_supports("avx512f");

/// Every order finds the same number, but for the sign of zero.
template <bool smallest, typename T>
T extreme(const T* x, int64_t length) {
  if constexpr (std::is_integral_v<T>) {
    return chained_extreme<smallest>(x, length);
  } else {
    Extreme<T> found = {x[0], false};
    if (kWideVectors && length >= kWideStep<T>) {
      found = wide_extreme(smallest, x, length);
    } else if (length >= 4 * kLanes<T>) {
      found = extreme_of_steps<smallest>(x, length);
    } else {
      for (int64_t i = 0; i < length; ++i) {
        found.best = better<smallest>(found.best, x[i]);
        found.undefined |= x[i] != x[i];
      }
    }
    if (found.undefined) return static_cast<T>(NAN);
    return found.best == 0 ? chained_extreme<smallest>(x, length) : found.best;
  }
}

template <typename T>
T folded(Folding folding, const T* x, int64_t length) {
  switch (folding) {
    case Folding::kSum:
      if constexpr (std::is_integral_v<T>) return wrapped<Folding::kSum>(x, length);
      else return halves<Folding::kSum>(x, length);
    case Folding::kProduct:
      if constexpr (std::is_integral_v<T>) return wrapped<Folding::kProduct>(x, length);
      else return halves<Folding::kProduct>(x, length);
    case Folding::kMin: return extreme<true>(x, length);
    case Folding::kMax: return extreme<false>(x, length);
  }
  return x[0];
}

}  // namespace

double fold(Folding folding, const double* x, int64_t length) { return folded(folding, x, length); }
float fold(Folding folding, const float* x, int64_t length) { return folded(folding, x, length); }
int64_t fold(Folding folding, const int64_t* x, int64_t length) { return folded(folding, x, length); }
int32_t fold(Folding folding, const int32_t* x, int64_t length) { return folded(folding, x, length); }
uint8_t fold(Folding folding, const uint8_t* x, int64_t length) { return folded(folding, x, length); }

}  // namespace acie::reduce
