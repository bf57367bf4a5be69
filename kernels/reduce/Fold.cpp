#include "kernels/reduce/Fold.h"

#include <cmath>
#include <cstring>
#include <type_traits>

namespace acie::reduce {
namespace {

constexpr int64_t kRun = 128, kChains = 8;

// Overflow of signed integers is undefined in C++ and wraps here.
template <typename T>
T join(Folding folding, T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(folding == Folding::kSum ? static_cast<U>(a) + static_cast<U>(b) : static_cast<U>(a) * static_cast<U>(b));
  } else {
    return folding == Folding::kSum ? a + b : a * b;
  }
}

template <Folding folding, typename T>
T run(const T* x, int64_t length) {
  constexpr int64_t kBytes = 16, kLanes = kBytes / static_cast<int64_t>(sizeof(T)), kVectors = kChains / kLanes;
  T chains[kChains];
  int64_t i = 0;
  if constexpr (std::is_floating_point_v<T>) {
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
    std::memcpy(chains, sums, sizeof chains);
  } else {
    for (T& chain : chains) chain = folding == Folding::kSum ? T(0) : T(1);
  }
  for (; i < length; ++i) chains[i % kChains] = join(folding, chains[i % kChains], x[i]);
  const auto pair = [&](int a, int b) { return join(folding, chains[a], chains[b]); };
  return join(folding, join(folding, pair(0, 4), pair(2, 6)), join(folding, pair(1, 5), pair(3, 7)));
}

template <Folding folding, typename T>
T halves(const T* x, int64_t length) {
  if (length <= kRun) return run<folding>(x, length);
  const int64_t left = (length / kRun + 1) / 2 * kRun;
  if (left >= length) return run<folding>(x, length);
  return join(folding, halves<folding>(x, left), halves<folding>(x + left, length - left));
}

template <typename T>
T extreme(bool smallest, const T* x, int64_t length) {
  T best = x[0];
  bool undefined = best != best;
  for (int64_t i = 1; i < length; ++i) {
    best = (smallest ? x[i] < best : x[i] > best) ? x[i] : best;
    undefined |= x[i] != x[i];
  }
  if constexpr (std::is_floating_point_v<T>) return undefined ? static_cast<T>(NAN) : best;
  return best;
}

template <typename T>
T folded(Folding folding, const T* x, int64_t length) {
  switch (folding) {
    case Folding::kSum: return halves<Folding::kSum>(x, length);
    case Folding::kProduct: return halves<Folding::kProduct>(x, length);
    case Folding::kMin: return extreme(true, x, length);
    case Folding::kMax: return extreme(false, x, length);
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
