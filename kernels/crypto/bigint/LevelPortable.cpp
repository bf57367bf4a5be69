// Radix 2^64, lane after lane, for any 64-bit processor. A block is eight rows, one after the other.
#include <cstring>

#include "kernels/crypto/bigint/Kernels.h"

namespace acie::bigint {
namespace {

using Wide = unsigned __int128;

const uint64_t* lane_of(const uint64_t* block, int lane, int n) { return block + static_cast<ptrdiff_t>(lane) * n; }
uint64_t* lane_of(uint64_t* block, int lane, int n) { return block + static_cast<ptrdiff_t>(lane) * n; }

/// w += x·y for R digits of x, column after column, each passing R chains of carries that do not wait for each other. Where
/// Choose is set, x becomes the multiples of y that clear the first R columns. `above` is the carry into column n, then the
/// one into column n + R.
template <int R, bool Choose>
void add_rows(uint64_t* w, uint64_t* x, const uint64_t* y, int n, uint64_t inverse, uint64_t& above) {
  uint64_t carry[R] = {};
  const auto step = [&](uint64_t& v, int r, uint64_t digit) {
    const Wide sum = static_cast<Wide>(x[r]) * digit + v + carry[r];
    v = static_cast<uint64_t>(sum);
    carry[r] = static_cast<uint64_t>(sum >> 64);
  };
#pragma GCC unroll 4
  for (int d = 0; d < R; ++d) {
    uint64_t v = w[d];
#pragma GCC unroll 4
    for (int r = 0; r <= d; ++r) {
      if (Choose && r == d) x[r] = v * inverse;
      step(v, r, y[d - r]);
    }
    w[d] = v;
  }
  for (int d = R; d < n; ++d) {
    uint64_t v = w[d];
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) step(v, r, y[d - r]);
    w[d] = v;
  }
#pragma GCC unroll 4
  for (int k = 0; k < R; ++k) {
    const Wide sum = static_cast<Wide>(w[n + k]) + carry[k] + above;
    uint64_t v = static_cast<uint64_t>(sum);
    above = static_cast<uint64_t>(sum >> 64);
#pragma GCC unroll 4
    for (int r = k + 1; r < R; ++r) step(v, r, y[n + k - r]);
    w[n + k] = v;
  }
}

constexpr int kRows = 2;

void product_row(uint64_t* wide, const uint64_t* a, const uint64_t* b, int n) {
  std::memset(wide, 0, static_cast<size_t>(n) * 16);
  uint64_t x[kRows], above = 0;
  int i = 0;
  for (; n >= kRows && i + kRows <= n; i += kRows) {
    std::memcpy(x, a + i, sizeof x);
    add_rows<kRows, false>(wide + i, x, b, n, 0, above);
  }
  for (; i < n; ++i) {
    x[0] = a[i];
    add_rows<1, false>(wide + i, x, b, n, 0, above);
  }
}

/// What lies above the diagonal, doubled, and the diagonal.
void square_row(uint64_t* wide, const uint64_t* a, int n) {
  std::memset(wide, 0, static_cast<size_t>(n) * 16);
  uint64_t above = 0;
  for (int i = 0; i + 1 < n; ++i) {
    uint64_t x = a[i];
    add_rows<1, false>(wide + 2 * i + 1, &x, a + i + 1, n - i - 1, 0, above);
  }
  uint64_t shifted_out = 0, carry = 0;
  for (int i = 0; i < n; ++i) {
    const uint64_t low = wide[2 * i], high = wide[2 * i + 1];
    const Wide square = static_cast<Wide>(a[i]) * a[i];
    Wide sum = static_cast<Wide>(low << 1 | shifted_out) + static_cast<uint64_t>(square) + carry;
    wide[2 * i] = static_cast<uint64_t>(sum);
    sum = static_cast<Wide>(high << 1 | low >> 63) + static_cast<uint64_t>(square >> 64) + static_cast<uint64_t>(sum >> 64);
    wide[2 * i + 1] = static_cast<uint64_t>(sum);
    carry = static_cast<uint64_t>(sum >> 64);
    shifted_out = high >> 63;
  }
}

/// out = wide/2^(64n) mod m, below 2m for wide below m·2^(64n).
void reduce_row(uint64_t* out, uint64_t* wide, const uint64_t* m, uint64_t inverse, int n) {
  uint64_t q[kRows], above = 0;
  int i = 0;
  for (; n >= kRows && i + kRows <= n; i += kRows) add_rows<kRows, true>(wide + i, q, m, n, inverse, above);
  for (; i < n; ++i) add_rows<1, true>(wide + i, q, m, n, inverse, above);
  std::memmove(out, wide + n, static_cast<size_t>(n) * 8);
}

void product(uint64_t* wide, const uint64_t* a, const uint64_t* b, int n) {
  for (int lane = 0; lane < kLanes; ++lane)
    product_row(lane_of(wide, lane, 2 * n), lane_of(a, lane, n), lane_of(b, lane, n), n);
}

void reduce(uint64_t* out, uint64_t* wide, const ModulusView& m) {
  for (int lane = 0; lane < kLanes; ++lane)
    reduce_row(lane_of(out, lane, m.n), lane_of(wide, lane, 2 * m.n), lane_of(m.m, lane, m.n), m.inverse[lane], m.n);
}

void multiply(uint64_t* out, const uint64_t* a, const uint64_t* b, const ModulusView& m, uint64_t* wide) {
  for (int lane = 0; lane < kLanes; ++lane) {
    product_row(wide, lane_of(a, lane, m.n), lane_of(b, lane, m.n), m.n);
    reduce_row(lane_of(out, lane, m.n), wide, lane_of(m.m, lane, m.n), m.inverse[lane], m.n);
  }
}

void square(uint64_t* out, const uint64_t* a, const ModulusView& m, uint64_t* wide) {
  for (int lane = 0; lane < kLanes; ++lane) {
    square_row(wide, lane_of(a, lane, m.n), m.n);
    reduce_row(lane_of(out, lane, m.n), wide, lane_of(m.m, lane, m.n), m.inverse[lane], m.n);
  }
}

void add(uint64_t* out, const uint64_t* a, const uint64_t* b, int n) {
  for (int lane = 0; lane < kLanes; ++lane) {
    uint64_t carry = 0;
    for (int d = 0; d < n; ++d) {
      const Wide sum = static_cast<Wide>(lane_of(a, lane, n)[d]) + lane_of(b, lane, n)[d] + carry;
      lane_of(out, lane, n)[d] = static_cast<uint64_t>(sum);
      carry = static_cast<uint64_t>(sum >> 64);
    }
  }
}

uint8_t subtract(uint64_t* out, const uint64_t* a, const uint64_t* b, int n) {
  unsigned below = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    uint64_t borrow = 0;
    for (int d = 0; d < n; ++d) {
      const Wide difference = static_cast<Wide>(lane_of(a, lane, n)[d]) - lane_of(b, lane, n)[d] - borrow;
      lane_of(out, lane, n)[d] = static_cast<uint64_t>(difference);
      borrow = static_cast<uint64_t>(difference >> 64) & 1;
    }
    below |= static_cast<unsigned>(borrow) << lane;
  }
  return static_cast<uint8_t>(below);
}

void blend(uint64_t* out, uint8_t lanes, const uint64_t* a, const uint64_t* b, int n) {
  for (int lane = 0; lane < kLanes; ++lane) {
    const uint64_t mask = 0 - static_cast<uint64_t>((lanes >> lane) & 1);
    for (int d = 0; d < n; ++d)
      lane_of(out, lane, n)[d] = (lane_of(a, lane, n)[d] & mask) | (lane_of(b, lane, n)[d] & ~mask);
  }
}

void resize(uint64_t* out, int n_out, const uint64_t* in, int n_in) {
  for (int lane = 0; lane < kLanes; ++lane)
    for (int d = 0; d < n_out; ++d) lane_of(out, lane, n_out)[d] = d < n_in ? lane_of(in, lane, n_in)[d] : 0;
}

/// All ones where a = b.
uint64_t equal_mask(uint64_t a, uint64_t b) {
  const uint64_t d = a ^ b;
  return ((d | (0 - d)) >> 63) - 1;
}

/// `Words` words of the row that `index` says, all rows being read.
template <int Words>
void pick_words(uint64_t* out, const uint64_t* row, int entries, size_t stride, uint64_t index) {
  uint64_t found[Words] = {};
  for (int e = 0; e < entries; ++e, row += stride) {
    const uint64_t mask = equal_mask(index, static_cast<uint64_t>(e));
#pragma GCC unroll 8
    for (int d = 0; d < Words; ++d) found[d] |= row[d] & mask;
  }
  std::memcpy(out, found, sizeof found);
}

void pick_rows(uint64_t* out, const uint64_t* rows, int entries, size_t stride, uint64_t index, int n) {
  int d = 0;
  for (; d + 8 <= n; d += 8) pick_words<8>(out + d, rows + d, entries, stride, index);
  for (; d < n; ++d) pick_words<1>(out + d, rows + d, entries, stride, index);
}

void pick(uint64_t* out, const uint64_t* table, int entries, const uint64_t* index, int n) {
  for (int lane = 0; lane < kLanes; ++lane)
    pick_rows(lane_of(out, lane, n), lane_of(table, lane, n), entries, block_words(n), index[lane], n);
}

void shelve(uint64_t* shelf, int /*entries*/, int place, const uint64_t* row, int n) {
  std::memcpy(lane_of(shelf, place, n), row, static_cast<size_t>(n) * 8);
}

void look_up(uint64_t* out, const uint64_t* shelf, int entries, const uint64_t* index, int blocks, int n) {
  for (int lane = 0; lane < kLanes * blocks; ++lane)
    pick_rows(lane_of(out, lane, n), shelf, entries, static_cast<size_t>(n), index[lane], n);
}

void gather(uint64_t* out, const uint64_t* const* rows, int n) {
  for (int lane = 0; lane < kLanes; ++lane)
    std::memcpy(lane_of(out, lane, n), rows[lane], static_cast<size_t>(n) * 8);
}

void scatter(uint64_t* const* rows, const uint64_t* in, int n) {
  for (int lane = 0; lane < kLanes; ++lane)
    std::memcpy(rows[lane], lane_of(in, lane, n), static_cast<size_t>(n) * 8);
}

}  // namespace

const Kernels kPortableKernels = {.name = "portable",
                                  .radix = 64,
                                  .costs = {.product = 40, .look_up = 4.3},
                                  .product = product,
                                  .multiply = multiply,
                                  .square = square,
                                  .reduce = reduce,
                                  .add = add,
                                  .subtract = subtract,
                                  .blend = blend,
                                  .resize = resize,
                                  .pick = pick,
                                  .shelve = shelve,
                                  .look_up = look_up,
                                  .gather = gather,
                                  .scatter = scatter};

bool has_ifma() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512ifma");
}

bool has_avx2() {  // and what compilers take for granted beside it
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("fma");
}

const Kernels& host_kernels() {
  static const Kernels& chosen = has_ifma() ? kIfmaKernels : has_avx2() ? kAvx2Kernels : kPortableKernels;
  return chosen;
}

}  // namespace acie::bigint
