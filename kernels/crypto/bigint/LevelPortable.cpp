// Radix 2^64, lane after lane, for any 64-bit processor. A block is eight rows, one after the other.
#include <cstring>

#include "kernels/crypto/bigint/Kernels.h"

namespace acie::bigint {
namespace {

using Wide = unsigned __int128;

const uint64_t* lane_of(const uint64_t* block, int lane, int n) { return block + static_cast<ptrdiff_t>(lane) * n; }
uint64_t* lane_of(uint64_t* block, int lane, int n) { return block + static_cast<ptrdiff_t>(lane) * n; }

/// row[0..n) += x·y; returns the carry.
uint64_t add_scaled(uint64_t* row, uint64_t x, const uint64_t* y, int n) {
  uint64_t carry = 0;
  for (int d = 0; d < n; ++d) {
    const Wide sum = static_cast<Wide>(x) * y[d] + row[d] + carry;
    row[d] = static_cast<uint64_t>(sum);
    carry = static_cast<uint64_t>(sum >> 64);
  }
  return carry;
}

void product_row(uint64_t* wide, const uint64_t* a, const uint64_t* b, int n) {
  std::memset(wide, 0, static_cast<size_t>(n) * 8);
  for (int i = 0; i < n; ++i) wide[i + n] = add_scaled(wide + i, a[i], b, n);
}

/// out = wide/2^(64n) mod m, below 2m for wide below m·2^(64n).
void reduce_row(uint64_t* out, uint64_t* wide, const uint64_t* m, uint64_t inverse, int n) {
  uint64_t above = 0;  // the carry into column i + n
  for (int i = 0; i < n; ++i) {
    const Wide sum = static_cast<Wide>(wide[i + n]) + add_scaled(wide + i, wide[i] * inverse, m, n) + above;
    wide[i + n] = static_cast<uint64_t>(sum);
    above = static_cast<uint64_t>(sum >> 64);
  }
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

void square(uint64_t* out, const uint64_t* a, const ModulusView& m, uint64_t* wide) { multiply(out, a, a, m, wide); }

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

void pick_rows(uint64_t* out, const uint64_t* rows, int entries, size_t stride, uint64_t index, int n) {
  std::memset(out, 0, static_cast<size_t>(n) * 8);
  for (int e = 0; e < entries; ++e) {
    const uint64_t mask = equal_mask(index, static_cast<uint64_t>(e));
    const uint64_t* row = rows + stride * static_cast<size_t>(e);
    for (int d = 0; d < n; ++d) out[d] |= row[d] & mask;
  }
}

void pick(uint64_t* out, const uint64_t* table, int entries, const uint64_t* index, int n) {
  for (int lane = 0; lane < kLanes; ++lane)
    pick_rows(lane_of(out, lane, n), lane_of(table, lane, n), entries, block_words(n), index[lane], n);
}

void pick_shared(uint64_t* out, const uint64_t* table, int entries, size_t stride, const uint64_t* index, int n) {
  for (int lane = 0; lane < kLanes; ++lane)
    pick_rows(lane_of(out, lane, n), table, entries, stride, index[lane], n);
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
                                  .product = product,
                                  .multiply = multiply,
                                  .square = square,
                                  .reduce = reduce,
                                  .add = add,
                                  .subtract = subtract,
                                  .blend = blend,
                                  .resize = resize,
                                  .pick = pick,
                                  .pick_shared = pick_shared,
                                  .gather = gather,
                                  .scatter = scatter};

bool has_ifma() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512ifma");
}

const Kernels& host_kernels() {
  static const Kernels& chosen = has_ifma() ? kIfmaKernels : kPortableKernels;
  return chosen;
}

}  // namespace acie::bigint
