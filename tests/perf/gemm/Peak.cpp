#include "tests/perf/gemm/Peak.h"

#include <immintrin.h>

namespace acie::perf {
namespace {

constexpr int kChains = 12;  // more than latency times throughput of any multiply-adder

[[gnu::target("avx512f")]] void chains512(int64_t rounds) {
  __m512 x[kChains] = {};
  const __m512 a = _mm512_set1_ps(0.5f);
  for (int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) {
      x[i] = _mm512_fmadd_ps(x[i], a, a);
      asm volatile("" : "+v"(x[i]));  // every one is computed, in a register
    }
  }
}

void chains256(int64_t rounds) {
  __m256 x[kChains] = {};
  const __m256 a = _mm256_set1_ps(0.5f);
  for (int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) {
      x[i] = _mm256_fmadd_ps(x[i], a, a);
      asm volatile("" : "+x"(x[i]));
    }
  }
}

}  // namespace

int64_t multiplyAdds(linalg::Level level, int64_t rounds) {
  if (level == linalg::Level::kV4) {
    chains512(rounds);
    return rounds * kChains * 16 * 2;
  }
  chains256(rounds);
  return rounds * kChains * 8 * 2;
}

float readAll(const float* data, int64_t count) {
  __m256 sum[8] = {};
  for (int64_t i = 0; i + 64 <= count; i += 64) {
#pragma GCC unroll 8
    for (int v = 0; v < 8; ++v) sum[v] += _mm256_loadu_ps(data + i + 8 * v);
  }
  for (int v = 1; v < 8; ++v) sum[0] += sum[v];
  return sum[0][0];
}

}  // namespace acie::perf
