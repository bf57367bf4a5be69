// Radix 2^27 on AVX2: the code of the other levels on each half of a block. Compiled for AVX2, so this file includes nothing
// whose inline functions others share.
#include "kernels/crypto/bigint/Avx2Lanes.h"
#include "kernels/crypto/bigint/Moves.h"

namespace acie::bigint {
namespace {

using Product = Montgomery<Avx2Lanes>;
using Move = Moves<Avx2Lanes>;

constexpr int kHalf = Avx2Lanes::kLanes;

/// Where a block's second half lies: lanes 0 to 3 come first, digit by digit, then lanes 4 to 7.
uint64_t* second(uint64_t* block, int n) { return block + static_cast<ptrdiff_t>(kHalf) * n; }
const uint64_t* second(const uint64_t* block, int n) { return block + static_cast<ptrdiff_t>(kHalf) * n; }
ModulusView second(const ModulusView& m) { return {second(m.m, m.n), m.inverse + kHalf, m.n}; }

void product(uint64_t* wide, const uint64_t* a, const uint64_t* b, int n) {
  Product::product(wide, a, b, n);
  Product::product(second(wide, 2 * n), second(a, n), second(b, n), n);
}

void multiply(uint64_t* out, const uint64_t* a, const uint64_t* b, const ModulusView& m, uint64_t* wide) {
  Product::multiply(out, a, b, m, wide);
  Product::multiply(second(out, m.n), second(a, m.n), second(b, m.n), second(m), wide);
}

void square(uint64_t* out, const uint64_t* a, const ModulusView& m, uint64_t* wide) {
  Product::square(out, a, m, wide);
  Product::square(second(out, m.n), second(a, m.n), second(m), wide);
}

void reduce(uint64_t* out, uint64_t* wide, const ModulusView& m) {
  Product::reduce(out, wide, m);
  Product::reduce(second(out, m.n), second(wide, 2 * m.n), second(m));
}

void add(uint64_t* out, const uint64_t* a, const uint64_t* b, int n) {
  Move::add(out, a, b, n);
  Move::add(second(out, n), second(a, n), second(b, n), n);
}

uint8_t subtract(uint64_t* out, const uint64_t* a, const uint64_t* b, int n) {
  const uint8_t low = Move::subtract(out, a, b, n);
  return static_cast<uint8_t>(low | Move::subtract(second(out, n), second(a, n), second(b, n), n) << kHalf);
}

void blend(uint64_t* out, uint8_t lanes, const uint64_t* a, const uint64_t* b, int n) {
  Move::blend(out, lanes, a, b, n);
  Move::blend(second(out, n), static_cast<uint8_t>(lanes >> kHalf), second(a, n), second(b, n), n);
}

void resize(uint64_t* out, int n_out, const uint64_t* in, int n_in) {
  Move::resize(out, n_out, in, n_in);
  Move::resize(second(out, n_out), n_out, second(in, n_in), n_in);
}

void pick(uint64_t* out, const uint64_t* table, int entries, const uint64_t* index, int n) {
  Move::pick(out, table, entries, index, n);
  Move::pick(second(out, n), second(table, n), entries, index + kHalf, n);
}

void look_up(uint64_t* out, const uint64_t* shelf, int entries, const uint64_t* index, int blocks, int n) {
  Move::look_up(out, shelf, entries, index, blocks, n);
  Move::look_up(second(out, n), shelf, entries, index + kHalf, blocks, n);
}

void gather(uint64_t* out, const uint64_t* const* rows, int n) {
  for (int half = 0; half < kLanes; half += kHalf, out = second(out, n))
    for (int d = 0; d < n; d += kHalf) {
      Avx2Lanes::Vec v[kHalf];
      for (int lane = 0; lane < kHalf; ++lane) v[lane] = Avx2Lanes::load_any(rows[half + lane] + d);
      Avx2Lanes::transpose(v);
      for (int k = 0; k < kHalf && d + k < n; ++k) Avx2Lanes::store(out + kHalf * (d + k), v[k]);
    }
}

void scatter(uint64_t* const* rows, const uint64_t* in, int n) {
  for (int half = 0; half < kLanes; half += kHalf, in = second(in, n))
    for (int d = 0; d < n; d += kHalf) {
      Avx2Lanes::Vec v[kHalf];
      for (int k = 0; k < kHalf; ++k) v[k] = d + k < n ? Avx2Lanes::load(in + kHalf * (d + k)) : Avx2Lanes::zero();
      Avx2Lanes::transpose(v);
      for (int lane = 0; lane < kHalf; ++lane) Avx2Lanes::store_any(rows[half + lane] + d, v[lane]);
    }
}

}  // namespace

const Kernels kAvx2Kernels = {.name = "AVX2",
                              .radix = Avx2Lanes::kRadix,
                              .costs = {.product = 2.7, .look_up = 0.52},
                              .openssl_powers = false,
                              .product = product,
                              .multiply = multiply,
                              .multiply_public = multiply,
                              .square = square,
                              .reduce = reduce,
                              .add = add,
                              .subtract = subtract,
                              .blend = blend,
                              .resize = resize,
                              .pick = pick,
                              .shelve = Move::shelve,
                              .look_up = look_up,
                              .gather = gather,
                              .scatter = scatter};

}  // namespace acie::bigint
