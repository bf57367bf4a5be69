// Products and Montgomery reduction over any type of lanes (IfmaLanes, EmulatedLanes, Avx2Lanes).
//
// A product is summed in columns of 64-bit words that take digits' products without carrying. Lanes of radix 2^52 put the
// lower half of a product into one column and the upper half into the next: a column gets at most 4n terms below 2^52, so
// n < 1024 never overflows. Lanes of radix 2^27 put all of it into the first (add_high adds nothing): 2n terms below 2^54,
// n < 512. R rows of the product are added in one sweep over the columns, with R
// digits of one operand and a window of R + 1 digits of the other in registers: per column 2R multiply-adds, two loads
// and a store. Carries are propagated once, at the end. A squaring sums what lies above the diagonal, doubles it and
// adds the diagonal: three quarters of a multiplication's work, its reduction included.
#pragma once

#include <cstdint>

#include "kernels/crypto/bigint/Kernels.h"

namespace acie::bigint {

template <class L>
inline constexpr uint64_t kDigitMask = (uint64_t{1} << L::kRadix) - 1;

template <class L>
struct Montgomery {
  using Vec = typename L::Vec;
  static constexpr int kRows = 4;
  static constexpr int kStep = L::kLanes;  // words from a digit to the next

  /// Which columns of a sweep hold nothing yet: the last R, or all.
  enum class Fresh { kTail, kAll };

  /// sum + Σ_r low(x[r]·y[c−r]) + high(x[r]·y[c−1−r]), where window[k] = y[c−k]; only the k in first..last are used.
  template <int R>
  [[gnu::always_inline]] static inline Vec column(Vec sum, const Vec* x, const Vec* window, int first, int last) {
    Vec other = L::zero();  // two chains of dependent additions, half as long
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r)
      if (r >= first && r <= last) sum = L::add_low(sum, x[r], window[r]);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r)
      if (r + 1 >= first && r + 1 <= last) other = L::add_high(other, x[r], window[r + 1]);
    return L::add(sum, other);
  }

  template <int R>
  [[gnu::always_inline]] static inline void slide(Vec* window) {
#pragma GCC unroll 8
    for (int k = R; k > 0; --k) window[k] = window[k - 1];
  }

  /// columns += x·y, x of R digits in registers, y of `length` ≥ R digits in memory.
  template <int R>
  [[gnu::always_inline]] static inline void sweep(uint64_t* columns, const Vec* x, const uint64_t* y, int length,
                                                  Fresh fresh) {
    Vec window[R + 1];
#pragma GCC unroll 8
    for (int c = 0; c < R; ++c) {
      if (c > 0) slide<R>(window);
      window[0] = L::load(y + kStep * c);
      const Vec sum = fresh == Fresh::kAll ? L::zero() : L::load(columns + kStep * c);
      L::store(columns + kStep * c, column<R>(sum, x, window, 0, c));
    }
    if (fresh == Fresh::kAll) {
#pragma GCC unroll 4
      for (int c = R; c < length; ++c) {
        slide<R>(window);
        window[0] = L::load(y + kStep * c);
        L::store(columns + kStep * c, column<R>(L::zero(), x, window, 0, R));
      }
    } else {
#pragma GCC unroll 4
      for (int c = R; c < length; ++c) {
        slide<R>(window);
        window[0] = L::load(y + kStep * c);
        L::store(columns + kStep * c, column<R>(L::load(columns + kStep * c), x, window, 0, R));
      }
    }
#pragma GCC unroll 8
    for (int k = 0; k < R; ++k) {
      slide<R>(window);
      const int c = length + k;
      L::store(columns + kStep * c, column<R>(L::zero(), x, window, k + 1, R));
    }
  }

  /// sweep() for any length, the last R columns being fresh.
  template <int R>
  static void rows(uint64_t* columns, const uint64_t* a, const uint64_t* y, int length, Fresh fresh) {
    Vec x[R];
    for (int r = 0; r < R; ++r) x[r] = L::load(a + kStep * r);
    if (length >= R) {
      sweep<R>(columns, x, y, length, fresh);
      return;
    }
    for (int c = 0; c < length + R; ++c) {
      Vec sum = fresh == Fresh::kAll || c >= length ? L::zero() : L::load(columns + kStep * c);
      for (int r = 0; r < R; ++r) {
        if (c - r >= 0 && c - r < length) sum = L::add_low(sum, x[r], L::load(y + kStep * (c - r)));
        if (c - 1 - r >= 0 && c - 1 - r < length) sum = L::add_high(sum, x[r], L::load(y + kStep * (c - 1 - r)));
      }
      L::store(columns + kStep * c, sum);
    }
  }

  /// Calls f.template operator()<R>(i) for blocks of R rows that cover 0..n.
  template <class F>
  [[gnu::always_inline]] static inline void for_rows(int n, F f) {
    int i = 0;
    for (; i + kRows <= n; i += kRows) f.template operator()<kRows>(i);
    switch (n - i) {
      case 1: f.template operator()<1>(i); break;
      case 2: f.template operator()<2>(i); break;
      case 3: f.template operator()<3>(i); break;
      default: break;
    }
  }

  /// wide = a·b in columns, carries not propagated.
  static void product_columns(uint64_t* wide, const uint64_t* a, const uint64_t* b, int n) {
    for_rows(n, [&]<int R>(int i) {
      rows<R>(wide + kStep * i, a + kStep * i, b, n, i == 0 ? Fresh::kAll : Fresh::kTail);
    });
  }

  /// wide = a² in columns.
  static void square_columns(uint64_t* wide, const uint64_t* a, int n) {
    // The columns that no sweep fills: those of the first block and the uppermost of the last.
    const int first = n < kRows ? n : kRows, last = n % kRows == 0 ? kRows : n % kRows;
    for (int c = 0; c < first; ++c) L::store(wide + kStep * c, L::zero());
    for (int c = 2 * n - last; c < 2 * n; ++c) L::store(wide + kStep * c, L::zero());
    for_rows(n, [&]<int R>(int i) {
      const int rest = n - i - R;
      if (rest > 0)
        rows<R>(wide + kStep * (2 * i + R), a + kStep * i, a + kStep * (i + R), rest, i == 0 ? Fresh::kAll : Fresh::kTail);
      Vec inner[2 * R], x[R];
#pragma GCC unroll 8
      for (int k = 0; k < 2 * R; ++k) inner[k] = L::load(wide + kStep * (2 * i + k));
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) x[r] = L::load(a + kStep * (i + r));
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
        for (int s = r + 1; s < R; ++s) {
          inner[r + s] = L::add_low(inner[r + s], x[r], x[s]);
          inner[r + s + 1] = L::add_high(inner[r + s + 1], x[r], x[s]);
        }
      // All that goes into these columns is there: doubled, and the diagonal added.
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) {
        L::store(wide + kStep * (2 * i + 2 * r), L::add_low(L::add(inner[2 * r], inner[2 * r]), x[r], x[r]));
        L::store(wide + kStep * (2 * i + 2 * r + 1), L::add_high(L::add(inner[2 * r + 1], inner[2 * r + 1]), x[r], x[r]));
      }
    });
  }

  /// The multiples q of m that clear R columns, given all else that goes into these; adds the carry out of them to `carry`.
  template <int R>
  [[gnu::always_inline]] static inline void choose_multiples(Vec* q, const Vec* columns, Vec& carry,
                                                             const uint64_t* m, Vec inverse) {
    // Column c sees q[0..c−1] times m[c..1], low and high; q[c] then clears it.
#pragma GCC unroll 8
    for (int c = 0; c < R; ++c) {
      Vec sum = columns[c];
#pragma GCC unroll 8
      for (int r = 0; r < c; ++r) {
        sum = L::add_low(sum, q[r], L::load(m + kStep * (c - r)));
        sum = L::add_high(sum, q[r], L::load(m + kStep * (c - 1 - r)));
      }
      sum = L::add(sum, carry);
      q[c] = L::low_product(sum, inverse);
      carry = L::template shift_right<L::kRadix>(L::add_low(sum, q[c], L::load(m)));
    }
  }

  /// One row of Montgomery's reduction: adds to n + 1 columns the multiple of m that clears the first.
  static void reduce_row(uint64_t* columns, const ModulusView& m, Vec inverse) {
    const Vec first = L::load(columns);
    Vec carry = L::zero(), q;
    choose_multiples<1>(&q, &first, carry, m.m, inverse);
    L::store(columns + kStep, L::add(L::load(columns + kStep), carry));
    Vec last = L::load(m.m);
    for (int c = 1; c < m.n; ++c) {
      const Vec digit = L::load(m.m + kStep * c);
      L::store(columns + kStep * c, L::add_high(L::add_low(L::load(columns + kStep * c), q, digit), q, last));
      last = digit;
    }
    L::store(columns + kStep * m.n, L::add_high(L::load(columns + kStep * m.n), q, last));
  }

  /// `blocks` times R rows, for n ≥ 2R. Each block first finishes the columns that the next block clears and chooses that
  /// block's multiples, a long chain of dependent steps, so that the processor has the rest of the sweep to do meanwhile.
  template <int R>
  static void reduce_blocks(uint64_t* columns, int blocks, const uint64_t* m, int n, Vec inverse) {
    Vec q[R], next[R] = {}, finished[R], window[R + 1];
    Vec carry = L::zero();
    for (int c = 0; c < R; ++c) finished[c] = L::load(columns + kStep * c);
    choose_multiples<R>(q, finished, carry, m, inverse);
    for (int block = 0; block < blocks; ++block, columns += kStep * R) {
#pragma GCC unroll 8
      for (int k = 0; k < R; ++k) window[k] = L::load(m + kStep * (R - 1 - k));
#pragma GCC unroll 8
      for (int c = 0; c < R; ++c) {
        slide<R>(window);
        window[0] = L::load(m + kStep * (R + c));
        finished[c] = column<R>(L::load(columns + kStep * (R + c)), q, window, 0, R);
      }
      if (block + 1 < blocks) {
        choose_multiples<R>(next, finished, carry, m, inverse);
      } else {
        L::store(columns + kStep * R, L::add(finished[0], carry));
        for (int c = 1; c < R; ++c) L::store(columns + kStep * (R + c), finished[c]);
      }
#pragma GCC unroll 4
      for (int c = 2 * R; c < n; ++c) {
        slide<R>(window);
        window[0] = L::load(m + kStep * c);
        L::store(columns + kStep * c, column<R>(L::load(columns + kStep * c), q, window, 0, R));
      }
#pragma GCC unroll 8
      for (int k = 0; k < R; ++k) {
        slide<R>(window);
        const int c = n + k;
        L::store(columns + kStep * c, column<R>(L::load(columns + kStep * c), q, window, k + 1, R));
      }
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) q[r] = next[r];
    }
  }

  /// Digits below the radix from columns; a carry out of the last is dropped.
  static void carry_columns(uint64_t* out, const uint64_t* columns, int count) {
    const Vec mask = L::all(kDigitMask<L>);
    Vec carry = L::zero();
    for (int c = 0; c < count; ++c) {
      const Vec sum = L::add(L::load(columns + kStep * c), carry);
      carry = L::template shift_right<L::kRadix>(sum);
      L::store(out + kStep * c, L::both(sum, mask));
    }
  }

  static void reduce(uint64_t* out, uint64_t* wide, const ModulusView& m) {
    const Vec inverse = L::load(m.inverse);
    int i = m.n >= 2 * kRows ? m.n % kRows : m.n;  // so many rows singly, the rest in blocks
    for (int k = 0; k < i; ++k) reduce_row(wide + kStep * k, m, inverse);
    if (i < m.n) reduce_blocks<kRows>(wide + kStep * i, (m.n - i) / kRows, m.m, m.n, inverse);
    carry_columns(out, wide + kStep * m.n, m.n);
  }

  static void product(uint64_t* wide, const uint64_t* a, const uint64_t* b, int n) {
    product_columns(wide, a, b, n);
    carry_columns(wide, wide, 2 * n);
  }

  static void multiply(uint64_t* out, const uint64_t* a, const uint64_t* b, const ModulusView& m, uint64_t* wide) {
    product_columns(wide, a, b, m.n);
    reduce(out, wide, m);
  }

  static void square(uint64_t* out, const uint64_t* a, const ModulusView& m, uint64_t* wide) {
    square_columns(wide, a, m.n);
    reduce(out, wide, m);
  }
};

}  // namespace acie::bigint
