#include "kernels/reduce/Fold.h"

#include <immintrin.h>

#include <algorithm>
#include <array>
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

template <Folding folding, int K, typename T>
void begin(Vector<T> (&sums)[K][kChains / kLanes<T>]) {
  for (auto& sum : sums)
    for (Vector<T>& vector : sum) vector = Vector<T>{} + (folding == Folding::kSum ? T(0) : T(1));
}

template <Folding folding, typename T>
[[gnu::always_inline]] inline void join_eight(Vector<T> (&sums)[kChains / kLanes<T>], const T* x) {
#pragma GCC unroll 2
  for (int64_t v = 0; v < kChains / kLanes<T>; ++v) sums[v] = join(folding, sums[v], load(x + v * kLanes<T>));
}

/// Fewer than eight: in place of the others something that changes no chain, of which none is -0.
template <Folding folding, typename T>
void join_rest(Vector<T> (&sums)[kChains / kLanes<T>], const T* x, int64_t count) {
  constexpr int kMost = kLanes<T>;
  alignas(32) static constexpr std::array<int32_t, 16> kMasks = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
  for (int64_t v = 0; v < kChains / kMost; ++v, count -= kMost) {
    if (count <= 0) return;
    const int64_t words = 8 - std::min<int64_t>(count, kMost) * static_cast<int64_t>(sizeof(T) / 4);
    const __m256i mask = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kMasks.data() + words));
    if constexpr (std::is_same_v<T, float>) {
      const __m256 some = _mm256_maskload_ps(x + v * kMost, mask);
      sums[v] = join(folding, sums[v], folding == Folding::kSum ? some : _mm256_blendv_ps(_mm256_set1_ps(1), some, _mm256_castsi256_ps(mask)));
    } else {
      const __m256d some = _mm256_maskload_pd(x + v * kMost, mask);
      sums[v] = join(folding, sums[v], folding == Folding::kSum ? some : _mm256_blendv_pd(_mm256_set1_pd(1), some, _mm256_castsi256_pd(mask)));
    }
  }
}

/// What the chains of K runs come to, K a power of two: the pairs above, in registers.
template <Folding folding, int K, typename T>
[[gnu::always_inline]] inline T joined(const Vector<T> (&sums)[K][kChains / kLanes<T>]) {
  T results[K];
#pragma GCC unroll 8
  for (int k = 0; k < K; ++k) {
    if constexpr (kChains == kLanes<T>) {
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

/// K whole runs one after the other, which do not wait for each other.
template <Folding folding, int K, typename T>
T runs(const T* x) {
  Vector<T> sums[K][kChains / kLanes<T>];
  begin<folding, K, T>(sums);
  for (int64_t i = 0; i < kRun; i += kChains) {
#pragma GCC unroll 8
    for (int64_t k = 0; k < K; ++k) join_eight<folding>(sums[k], x + k * kRun + i);
  }
  return joined<folding, K, T>(sums);
}

/// A run that may be shorter.
template <Folding folding, typename T>
T run(const T* x, int64_t length) {
  Vector<T> sums[1][kChains / kLanes<T>];
  begin<folding, 1, T>(sums);
  int64_t i = 0;
  for (; i + kChains <= length; i += kChains) join_eight<folding>(sums[0], x + i);
  join_rest<folding>(sums[0], x + i, length - i);
  return joined<folding, 1, T>(sums);
}

/// A whole run and one that may be shorter, which do not wait for each other.
template <Folding folding, typename T>
T two_runs(const T* x, int64_t length) {
  Vector<T> sums[2][kChains / kLanes<T>];
  begin<folding, 2, T>(sums);
  int64_t i = 0;
  for (; kRun + i + kChains <= length; i += kChains) {
    join_eight<folding>(sums[0], x + i);
    join_eight<folding>(sums[1], x + kRun + i);
  }
  join_rest<folding>(sums[1], x + kRun + i, length - kRun - i);
  for (; i < kRun; i += kChains) join_eight<folding>(sums[0], x + i);
  return joined<folding, 2, T>(sums);
}

/// The elements of the left half.
int64_t left_half(int64_t length) { return (length / kRun + 1) / 2 * kRun; }

template <Folding folding, typename T>
T halves(const T* x, int64_t length) {
  if (length <= kRun) return run<folding>(x, length);
  if (length == 8 * kRun) return runs<folding, 8>(x);
  if (length == 4 * kRun) return runs<folding, 4>(x);
  if (length <= 2 * kRun) return two_runs<folding>(x, length);
  const int64_t left = left_half(length);
  // Upwards through memory, which the processor reads ahead.
  const T first = halves<folding>(x, left);
  return join(folding, first, halves<folding>(x + left, length - left));
}

template <int K, typename T>
T joined_runs(const T* chains) {
  Vector<T> sums[K][kChains / kLanes<T>];
#pragma GCC unroll 8
  for (int k = 0; k < K; ++k) {
#pragma GCC unroll 2
    for (int64_t v = 0; v < kChains / kLanes<T>; ++v) sums[k][v] = load(chains + k * kChains + v * kLanes<T>);
  }
  return joined<Folding::kSum, K, T>(sums);
}

/// As `halves` joins them.
template <typename T>
T halves_of_chains(const T* chains, int64_t length) {
  if (length <= kRun) return joined_runs<1>(chains);
  if (length == 8 * kRun) return joined_runs<8>(chains);
  if (length <= 2 * kRun) return joined_runs<2>(chains);
  const int64_t left = left_half(length);
  const T first = halves_of_chains(chains, left);
  return join(Folding::kSum, first, halves_of_chains(chains + left / kRun * kChains, length - left));
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

double sum_of_chains(const double* chains, int64_t length) { return halves_of_chains(chains, length); }
float sum_of_chains(const float* chains, int64_t length) { return halves_of_chains(chains, length); }

}  // namespace acie::reduce
