#include "kernels/reduce/WideExtremes.h"

#include <immintrin.h>

#include <algorithm>

namespace acie::reduce {
namespace {

__m512 load(const float* x) { return _mm512_loadu_ps(x); }
__m512d load(const double* x) { return _mm512_loadu_pd(x); }
template <bool smallest>
__m512 better(__m512 best, __m512 next) {
  return smallest ? _mm512_min_ps(next, best) : _mm512_max_ps(next, best);
}
template <bool smallest>
__m512d better(__m512d best, __m512d next) {
  return smallest ? _mm512_min_pd(next, best) : _mm512_max_pd(next, best);
}
unsigned either_nan(__m512 a, __m512 b) { return _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q); }
unsigned either_nan(__m512d a, __m512d b) { return _mm512_cmp_pd_mask(a, b, _CMP_UNORD_Q); }
template <bool smallest>
float best_lane(__m512 x) {
  return smallest ? _mm512_reduce_min_ps(x) : _mm512_reduce_max_ps(x);
}
template <bool smallest>
double best_lane(__m512d x) {
  return smallest ? _mm512_reduce_min_pd(x) : _mm512_reduce_max_pd(x);
}

/// All steps but the first and the last begin at whole lines, and the last ends with the elements: extremes of some taken twice are
/// the same.
template <bool smallest, typename T>
Extreme<T> extreme(const T* x, int64_t length) {
  constexpr int64_t kStep = kWideStep<T>, kLanes = kStep / 4;
  auto first = load(x), second = load(x + kLanes), third = load(x + 2 * kLanes), fourth = load(x + 3 * kLanes);
  unsigned nan = 0;
  const int64_t beyond = static_cast<int64_t>(reinterpret_cast<uintptr_t>(x + kStep) % 64 / sizeof(T));
  for (int64_t i = 0;;) {
    const auto a = load(x + i), b = load(x + i + kLanes), c = load(x + i + 2 * kLanes), d = load(x + i + 3 * kLanes);
    first = better<smallest>(first, a), second = better<smallest>(second, b);
    third = better<smallest>(third, c), fourth = better<smallest>(fourth, d);
    nan |= either_nan(a, b) | either_nan(c, d);
    if (i + kStep >= length) break;
    i = std::min(i == 0 ? kStep - beyond : i + kStep, length - kStep);
  }
  return {best_lane<smallest>(better<smallest>(better<smallest>(first, second), better<smallest>(third, fourth))), nan != 0};
}

}  // namespace

Extreme<float> wide_extreme(bool smallest, const float* x, int64_t length) { return smallest ? extreme<true>(x, length) : extreme<false>(x, length); }
Extreme<double> wide_extreme(bool smallest, const double* x, int64_t length) { return smallest ? extreme<true>(x, length) : extreme<false>(x, length); }

}  // namespace acie::reduce
