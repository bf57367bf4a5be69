#include "kernels/reduce/Fold.h"

#include <cmath>
#include <cstring>
#include <type_traits>

namespace acie::reduce {
namespace {

constexpr int64_t kRun = 128, kChains = 8;

template <typename T>
T join(Folding folding, T a, T b) {
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
  constexpr int64_t kBytes = 16, kLanes = kBytes / static_cast<int64_t>(sizeof(T)), kVectors = kChains / kLanes;
  T chains[kChains];
  int64_t i = 0;
  // Vectors of 16 bytes, which every x86-64 has.
  typedef T Vector __attribute__((vector_size(kBytes)));
  Vector sums[kVectors];
  for (Vector& sum : sums) sum = Vector{} + (folding == Folding::kSum ? T(0) : T(1));
  for (; i + kChains <= length; i += kChains) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < kVectors; ++v) {
      Vector next;
      std::memcpy(&next, x + i + v * kLanes, sizeof next);
      sums[v] = folding == Folding::kSum ? sums[v] + next : sums[v] * next;
    }
  }
  if (i == length) {
    // The pairs below, in registers.
    for (int64_t v = kVectors / 2; v > 0; v /= 2) {
      for (int64_t w = 0; w < v; ++w) sums[w] = folding == Folding::kSum ? sums[w] + sums[w + v] : sums[w] * sums[w + v];
    }
    if constexpr (kLanes == 4) return join(folding, join(folding, sums[0][0], sums[0][2]), join(folding, sums[0][1], sums[0][3]));
    return join(folding, sums[0][0], sums[0][1]);
  }
  std::memcpy(chains, sums, sizeof chains);
  for (; i < length; ++i) chains[i % kChains] = join(folding, chains[i % kChains], x[i]);
  const auto pair = [&](int a, int b) { return join(folding, chains[a], chains[b]); };
  return join(folding, join(folding, pair(0, 4), pair(2, 6)), join(folding, pair(1, 5), pair(3, 7)));
}

template <Folding folding, typename T>
T halves(const T* x, int64_t length) {
  if (length <= kRun) return run<folding>(x, length);
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

/// In four chains of vectors, element i in chain i mod (4 vectors): which of -0 and 0 comes out has one answer.
template <bool smallest, typename T>
T extreme(const T* x, int64_t length) {
  constexpr int64_t kBytes = 16, kLanes = kBytes / static_cast<int64_t>(sizeof(T)), kVectors = 4, kStep = kLanes * kVectors;
  typedef T Vector __attribute__((vector_size(kBytes)));
  T best = x[0];
  bool undefined = false;
  int64_t i = 0;
  if (length >= kStep) {
    Vector chains[kVectors];
    std::memcpy(chains, x, sizeof chains);
    decltype(chains[0] != chains[0]) nan[kVectors];
    for (int64_t v = 0; v < kVectors; ++v) nan[v] = chains[v] != chains[v];
    for (i = kStep; i + kStep <= length; i += kStep) {
#pragma GCC unroll 4
      for (int64_t v = 0; v < kVectors; ++v) {
        Vector next;
        std::memcpy(&next, x + i + v * kLanes, sizeof next);
        if constexpr (std::is_floating_point_v<T>) nan[v] |= next != next;
        chains[v] = (smallest ? next < chains[v] : next > chains[v]) ? next : chains[v];
      }
    }
    T lanes[kStep];
    std::memcpy(lanes, chains, sizeof lanes);
    best = lanes[0];
    for (int64_t lane = 1; lane < kStep; ++lane) best = better<smallest>(best, lanes[lane]);
    for (int64_t v = 0; std::is_floating_point_v<T> && v < kVectors; ++v) {
      for (int64_t lane = 0; lane < kLanes; ++lane) undefined |= nan[v][lane] != 0;
    }
  }
  for (; i < length; ++i) {
    best = better<smallest>(best, x[i]);
    undefined |= x[i] != x[i];
  }
  if constexpr (std::is_floating_point_v<T>) return undefined ? static_cast<T>(NAN) : best;
  return best;
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
