// Sums, selections and table scans in radix 2^52 over any type of lanes.
#pragma once

#include "kernels/crypto/bigint/Montgomery.h"

namespace acie::bigint {

template <class L>
struct Moves {
  using Vec = typename L::Vec;

  static void add(uint64_t* out, const uint64_t* a, const uint64_t* b, int n) {
    const Vec mask = L::all(kDigitMask);
    Vec carry = L::zero();
    for (int d = 0; d < n; ++d) {
      const Vec sum = L::add(L::add(L::load(a + 8 * d), L::load(b + 8 * d)), carry);
      carry = L::template shift_right<kRadix>(sum);
      L::store(out + 8 * d, L::both(sum, mask));
    }
  }

  static uint8_t subtract(uint64_t* out, const uint64_t* a, const uint64_t* b, int n) {
    const Vec mask = L::all(kDigitMask);
    Vec borrow = L::zero();
    for (int d = 0; d < n; ++d) {
      const Vec difference = L::subtract(L::subtract(L::load(a + 8 * d), L::load(b + 8 * d)), borrow);
      borrow = L::template shift_right<63>(difference);
      L::store(out + 8 * d, L::both(difference, mask));
    }
    return L::bits_of(L::not_zero(borrow));
  }

  static void blend(uint64_t* out, uint8_t lanes, const uint64_t* a, const uint64_t* b, int n) {
    const auto mask = L::mask_of(lanes);
    for (int d = 0; d < n; ++d) L::store(out + 8 * d, L::load_where(L::load(b + 8 * d), mask, a + 8 * d));
  }

  static void resize(uint64_t* out, int n_out, const uint64_t* in, int n_in) {
    for (int d = 0; d < n_out; ++d) L::store(out + 8 * d, d < n_in ? L::load(in + 8 * d) : L::zero());
  }

  /// Reads every entry once, in the order of memory, as many digits as registers hold; `read` takes digit d of an entry.
  template <int Digits, class Read>
  [[gnu::always_inline]] static inline void scan(uint64_t* out, const uint64_t* entry, size_t stride, int entries, Vec index,
                                                 Read read) {
    Vec found[Digits];
#pragma GCC unroll 16
    for (int d = 0; d < Digits; ++d) found[d] = L::zero();
    for (int e = 0; e < entries; ++e, entry += stride) {
      const auto mask = L::equal(index, L::all(static_cast<uint64_t>(e)));
#pragma GCC unroll 16
      for (int d = 0; d < Digits; ++d) found[d] = read(found[d], mask, entry, d);
    }
#pragma GCC unroll 16
    for (int d = 0; d < Digits; ++d) L::store(out + 8 * d, found[d]);
  }

  /// scan() over n digits that lie `step` words apart.
  template <class Read>
  [[gnu::always_inline]] static inline void scan_all(uint64_t* out, const uint64_t* table, size_t stride, int step,
                                                     int entries, const uint64_t* index, int n, Read read) {
    const Vec wanted = L::load_any(index);
    int d = 0;
    for (; d + 16 <= n; d += 16) scan<16>(out + 8 * d, table + step * d, stride, entries, wanted, read);
    for (; d + 4 <= n; d += 4) scan<4>(out + 8 * d, table + step * d, stride, entries, wanted, read);
    for (; d < n; ++d) scan<1>(out + 8 * d, table + step * d, stride, entries, wanted, read);
  }

  static void pick(uint64_t* out, const uint64_t* table, int entries, const uint64_t* index, int n) {
    scan_all(out, table, block_words(n), 8, entries, index, n,
             [](Vec found, typename L::Mask mask, const uint64_t* entry, int d) {
               return L::load_where(found, mask, entry + 8 * d);
             });
  }

  static void pick_shared(uint64_t* out, const uint64_t* table, int entries, size_t stride, const uint64_t* index,
                          int n) {
    scan_all(out, table, stride, 1, entries, index, n,
             [](Vec found, typename L::Mask mask, const uint64_t* entry, int d) {
               return L::load_all_where(found, mask, entry + d);
             });
  }

  static void gather(uint64_t* out, const uint64_t* const* rows, int n) {
    for (int d = 0; d < n; d += 8) {
      Vec v[8];
      for (int lane = 0; lane < 8; ++lane) v[lane] = L::load_any(rows[lane] + d);
      L::transpose(v);
      for (int k = 0; k < 8 && d + k < n; ++k) L::store(out + 8 * (d + k), v[k]);
    }
  }

  static void scatter(uint64_t* const* rows, const uint64_t* in, int n) {
    for (int d = 0; d < n; d += 8) {
      Vec v[8];
      for (int k = 0; k < 8; ++k) v[k] = d + k < n ? L::load(in + 8 * (d + k)) : L::zero();
      L::transpose(v);
      for (int lane = 0; lane < 8; ++lane) L::store_any(rows[lane] + d, v[lane]);
    }
  }
};

/// The table of a level with lanes L.
template <class L>
constexpr Kernels kernels_of(const char* name) {
  return {.name = name,
          .radix = kRadix,
          .product = Montgomery<L>::product,
          .multiply = Montgomery<L>::multiply,
          .square = Montgomery<L>::square,
          .reduce = Montgomery<L>::reduce,
          .add = Moves<L>::add,
          .subtract = Moves<L>::subtract,
          .blend = Moves<L>::blend,
          .resize = Moves<L>::resize,
          .pick = Moves<L>::pick,
          .pick_shared = Moves<L>::pick_shared,
          .gather = Moves<L>::gather,
          .scatter = Moves<L>::scatter};
}

}  // namespace acie::bigint
