// Blocked so that what lies between two equations stays in the first-level cache; each loop is one the compiler vectorises
// with libmvec's exp. libmvec has no tanh for -fveclib, so tanh goes through exp. Only x3's descendants are computed, and
// terms that the intervention does not reach are shared between the two worlds. Of several forms tried (all values kept,
// one loop over rows with every equation, blocks of 64 to 1024 rows) this is the fastest.
#include "tests/perf/chain/rival.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace {

constexpr int64_t kBlock = 256;

inline double tanh_by_exp(double x) { return 1 - 2 / (std::exp(2 * x) + 1); }

}  // namespace

extern "C" void chain_rival(const double* const* columns, double* out, int64_t rows) {
  for (int64_t first = 0; first < rows; first += kBlock) {
    const int64_t n = std::min(kBlock, rows - first);
    double buffers[3][kBlock];
    double *before = buffers[0], *last = buffers[1], *next = buffers[2];
    const double* x3 = columns[3] + first;
    const double* x4 = columns[4] + first;
    for (int64_t r = 0; r < n; ++r) before[r] = x3[r] + 0.5;
    // exp(0.1 x2) is the same in both worlds and cancels.
    for (int64_t r = 0; r < n; ++r) last[r] = tanh_by_exp(0.8 * before[r]) + (x4[r] - tanh_by_exp(0.8 * x3[r]));
    for (int i = 5; i < 20; ++i) {
      const double* __restrict x = columns[i] + first;
      const double* __restrict parent = columns[i - 1] + first;
      const double* __restrict grandparent = columns[i - 2] + first;
      const double* __restrict new_parent = last;
      const double* __restrict new_grandparent = before;
      double* __restrict result = i == 19 ? out + first : next;
      for (int64_t r = 0; r < n; ++r) {
        const double noise = (x[r] - tanh_by_exp(0.8 * parent[r])) / std::exp(0.1 * grandparent[r]);
        result[r] = tanh_by_exp(0.8 * new_parent[r]) + std::exp(0.1 * new_grandparent[r]) * noise;
      }
      std::swap(before, last);
      std::swap(last, next);
    }
  }
}
