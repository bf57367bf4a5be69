// Radix 2^64, lane after lane, by GMP, for any 64-bit processor: its functions for secrets (mpn_sec_…) and those whose time
// depends on sizes only (mpn_addmul_1, mpn_add_n, mpn_sub_n). A block is eight rows, one after the other.
#include <gmp.h>

#include <cstring>
#include <type_traits>

#include "kernels/crypto/bigint/Kernels.h"
#include "kernels/crypto/bigint/Words.h"

namespace acie::bigint {
namespace {

static_assert(std::is_same_v<mp_limb_t, uint64_t> && GMP_NUMB_BITS == 64);

const uint64_t* lane_of(const uint64_t* block, int lane, int n) { return block + static_cast<ptrdiff_t>(lane) * n; }
uint64_t* lane_of(uint64_t* block, int lane, int n) { return block + static_cast<ptrdiff_t>(lane) * n; }

/// Scratch that GMP asks for: none in its present versions.
Words scratch_for(mp_size_t words) { return Words(static_cast<size_t>(words)); }

/// out = wide/2^(64n) mod m, below 2m for wide below m·2^(64n).
void reduce_row(uint64_t* out, uint64_t* wide, const uint64_t* m, uint64_t inverse, int n) {
  for (int d = 0; d < n; ++d) wide[d] = mpn_addmul_1(wide + d, m, n, wide[d] * inverse);  // cleared, the carry in its place
  mpn_add_n(out, wide + n, wide, n);
}

void product(uint64_t* wide, const uint64_t* a, const uint64_t* b, int n) {
  Words scratch = scratch_for(mpn_sec_mul_itch(n, n));
  for (int lane = 0; lane < kLanes; ++lane)
    mpn_sec_mul(lane_of(wide, lane, 2 * n), lane_of(a, lane, n), n, lane_of(b, lane, n), n, scratch.data());
}

void reduce(uint64_t* out, uint64_t* wide, const ModulusView& m) {
  for (int lane = 0; lane < kLanes; ++lane)
    reduce_row(lane_of(out, lane, m.n), lane_of(wide, lane, 2 * m.n), lane_of(m.m, lane, m.n), m.inverse[lane], m.n);
}

void multiply(uint64_t* out, const uint64_t* a, const uint64_t* b, const ModulusView& m, uint64_t* wide) {
  Words scratch = scratch_for(mpn_sec_mul_itch(m.n, m.n));
  for (int lane = 0; lane < kLanes; ++lane) {
    mpn_sec_mul(wide, lane_of(a, lane, m.n), m.n, lane_of(b, lane, m.n), m.n, scratch.data());
    reduce_row(lane_of(out, lane, m.n), wide, lane_of(m.m, lane, m.n), m.inverse[lane], m.n);
  }
}

/// GMP's general product is quicker, by steps that the numbers decide.
void multiply_public(uint64_t* out, const uint64_t* a, const uint64_t* b, const ModulusView& m, uint64_t* wide) {
  for (int lane = 0; lane < kLanes; ++lane) {
    mpn_mul_n(wide, lane_of(a, lane, m.n), lane_of(b, lane, m.n), m.n);
    reduce_row(lane_of(out, lane, m.n), wide, lane_of(m.m, lane, m.n), m.inverse[lane], m.n);
  }
}

void square(uint64_t* out, const uint64_t* a, const ModulusView& m, uint64_t* wide) {
  Words scratch = scratch_for(mpn_sec_sqr_itch(m.n));
  for (int lane = 0; lane < kLanes; ++lane) {
    mpn_sec_sqr(wide, lane_of(a, lane, m.n), m.n, scratch.data());
    reduce_row(lane_of(out, lane, m.n), wide, lane_of(m.m, lane, m.n), m.inverse[lane], m.n);
  }
}

void add(uint64_t* out, const uint64_t* a, const uint64_t* b, int n) {
  for (int lane = 0; lane < kLanes; ++lane) mpn_add_n(lane_of(out, lane, n), lane_of(a, lane, n), lane_of(b, lane, n), n);
}

uint8_t subtract(uint64_t* out, const uint64_t* a, const uint64_t* b, int n) {
  unsigned below = 0;
  for (int lane = 0; lane < kLanes; ++lane)
    below |= static_cast<unsigned>(mpn_sub_n(lane_of(out, lane, n), lane_of(a, lane, n), lane_of(b, lane, n), n)) << lane;
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
                                  .costs = {.product = 34, .look_up = 4.3},
                                  .openssl_powers = true,
                                  .product = product,
                                  .multiply = multiply,
                                  .multiply_public = multiply_public,
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
