// Sums, selections and table scans over any type of lanes.
#pragma once

#include "kernels/crypto/bigint/Montgomery.h"

namespace acie::bigint {

template <class L>
struct Moves {
  using Vec = typename L::Vec;
  static constexpr int kStep = L::kLanes;  // words from a digit to the next
  static constexpr int kPart = L::kPart;   // digits that registers hold

  static void add(uint64_t* out, const uint64_t* a, const uint64_t* b, int n) {
    const Vec mask = L::all(kDigitMask<L>);
    Vec carry = L::zero();
    for (int d = 0; d < n; ++d) {
      const Vec sum = L::add(L::add(L::load(a + kStep * d), L::load(b + kStep * d)), carry);
      carry = L::template shift_right<L::kRadix>(sum);
      L::store(out + kStep * d, L::both(sum, mask));
    }
  }

  static uint8_t subtract(uint64_t* out, const uint64_t* a, const uint64_t* b, int n) {
    const Vec mask = L::all(kDigitMask<L>);
    Vec borrow = L::zero();
    for (int d = 0; d < n; ++d) {
      const Vec difference = L::subtract(L::subtract(L::load(a + kStep * d), L::load(b + kStep * d)), borrow);
      borrow = L::template shift_right<63>(difference);
      L::store(out + kStep * d, L::both(difference, mask));
    }
    return L::bits_of(L::not_zero(borrow));
  }

  static void blend(uint64_t* out, uint8_t lanes, const uint64_t* a, const uint64_t* b, int n) {
    const auto mask = L::mask_of(lanes);
    for (int d = 0; d < n; ++d) L::store(out + kStep * d, L::load_where(L::load(b + kStep * d), mask, a + kStep * d));
  }

  static void resize(uint64_t* out, int n_out, const uint64_t* in, int n_in) {
    for (int d = 0; d < n_out; ++d) L::store(out + kStep * d, d < n_in ? L::load(in + kStep * d) : L::zero());
  }

  /// Reads every entry once, in the order of memory, as many digits as registers hold.
  template <int Digits>
  [[gnu::always_inline]] static inline void scan(uint64_t* out, const uint64_t* entry, size_t stride, int entries, Vec index) {
    Vec found[Digits];
#pragma GCC unroll 16
    for (int d = 0; d < Digits; ++d) found[d] = L::zero();
    for (int e = 0; e < entries; ++e, entry += stride) {
      const auto mask = L::equal(index, L::all(static_cast<uint64_t>(e)));
#pragma GCC unroll 16
      for (int d = 0; d < Digits; ++d) found[d] = L::load_where(found[d], mask, entry + kStep * d);
    }
#pragma GCC unroll 16
    for (int d = 0; d < Digits; ++d) L::store(out + kStep * d, found[d]);
  }

  static void pick(uint64_t* out, const uint64_t* table, int entries, const uint64_t* index, int n) {
    const Vec wanted = L::load_any(index);
    int d = 0;
    for (; d + kPart <= n; d += kPart) scan<kPart>(out + kStep * d, table + kStep * d, block_words(n), entries, wanted);
    for (; d + 4 <= n; d += 4) scan<4>(out + kStep * d, table + kStep * d, block_words(n), entries, wanted);
    for (; d < n; ++d) scan<1>(out + kStep * d, table + kStep * d, block_words(n), entries, wanted);
  }

  // A shelf is kept in parts of kPart digits (the last has the rest), a part in groups of kShelfGroup entries, a group digit
  // by digit: the words among which one permutation finds a digit for all lanes lie together, all memory is read in order,
  // and a part stays near while several blocks look into it.

  static void shelve(uint64_t* shelf, int entries, int place, const uint64_t* row, int n) {
    for (int d = 0; d < n; ++d) {
      const int part = d / kPart * kPart, width = n - part < kPart ? n - part : kPart;
      const int before = place / kShelfGroup * width + d - part;
      shelf[static_cast<size_t>(part) * static_cast<size_t>(entries) +
            static_cast<size_t>(before) * kShelfGroup + static_cast<size_t>(place % kShelfGroup)] = row[d];
    }
  }

  /// Blocks of one part of `Width` digits; a block's digits lie n vectors from the next one's.
  template <int Width>
  static void look_up_part(uint64_t* out, const uint64_t* part, int entries, const uint64_t* index, int blocks, int n) {
    for (int block = 0; block < blocks; ++block, out += block_words(n)) {
      const Vec wanted = L::load_any(index + kLanes * block), group = L::template shift_right<4>(wanted);
      const uint64_t* words = part;
      Vec found[Width];
#pragma GCC unroll 16
      for (int d = 0; d < Width; ++d) found[d] = L::zero();
      for (int g = 0; g < entries / kShelfGroup; ++g, words += kShelfGroup * Width) {
        const auto mask = L::equal(group, L::all(static_cast<uint64_t>(g)));
#pragma GCC unroll 16
        for (int d = 0; d < Width; ++d)
          found[d] = L::choose(found[d], mask, L::one_of_16(words + kShelfGroup * d, wanted));
      }
#pragma GCC unroll 16
      for (int d = 0; d < Width; ++d) L::store(out + kStep * d, found[d]);
    }
  }

  template <int Width>
  static void look_up_rest(int width, uint64_t* out, const uint64_t* part, int entries, const uint64_t* index, int blocks,
                           int n) {
    if (width == Width) return look_up_part<Width>(out, part, entries, index, blocks, n);
    if constexpr (Width > 1) look_up_rest<Width - 1>(width, out, part, entries, index, blocks, n);
  }

  static void look_up(uint64_t* out, const uint64_t* shelf, int entries, const uint64_t* index, int blocks, int n) {
    int d = 0;
    for (; d + kPart <= n; d += kPart, shelf += kPart * entries)
      look_up_part<kPart>(out + kStep * d, shelf, entries, index, blocks, n);
    if (d < n) look_up_rest<kPart - 1>(n - d, out + kStep * d, shelf, entries, index, blocks, n);
  }

  static void gather(uint64_t* out, const uint64_t* const* rows, int n) {
    for (int d = 0; d < n; d += 8) {
      Vec v[8];
      for (int lane = 0; lane < 8; ++lane) v[lane] = L::load_any(rows[lane] + d);
      L::transpose(v);
      for (int k = 0; k < 8 && d + k < n; ++k) L::store(out + kStep * (d + k), v[k]);
    }
  }

  static void scatter(uint64_t* const* rows, const uint64_t* in, int n) {
    for (int d = 0; d < n; d += 8) {
      Vec v[8];
      for (int k = 0; k < 8; ++k) v[k] = d + k < n ? L::load(in + kStep * (d + k)) : L::zero();
      L::transpose(v);
      for (int lane = 0; lane < 8; ++lane) L::store_any(rows[lane] + d, v[lane]);
    }
  }
};

/// The table of a level with lanes L.
template <class L>
constexpr Kernels kernels_of(const char* name, Costs costs) {
  return {.name = name,
          .radix = L::kRadix,
          .costs = costs,
          .openssl_powers = false,
          .product = Montgomery<L>::product,
          .multiply = Montgomery<L>::multiply,
          .multiply_public = Montgomery<L>::multiply,
          .square = Montgomery<L>::square,
          .reduce = Montgomery<L>::reduce,
          .add = Moves<L>::add,
          .subtract = Moves<L>::subtract,
          .blend = Moves<L>::blend,
          .resize = Moves<L>::resize,
          .pick = Moves<L>::pick,
          .shelve = Moves<L>::shelve,
          .look_up = Moves<L>::look_up,
          .gather = Moves<L>::gather,
          .scatter = Moves<L>::scatter};
}

}  // namespace acie::bigint
