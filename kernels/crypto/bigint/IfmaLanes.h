// Eight lanes as one AVX-512 vector. Include only where AVX-512 IFMA is compiled for.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace acie::bigint {

struct IfmaLanes {
  using Vec = __m512i;
  using Mask = __mmask8;
  static constexpr int kLanes = 8, kRadix = 52;
  static constexpr int kPart = 16;  // digits that registers hold beside all else
#define ACIE_LANE [[gnu::always_inline]] static inline
  ACIE_LANE Vec zero() { return _mm512_setzero_si512(); }
  ACIE_LANE Vec load(const uint64_t* p) { return _mm512_load_si512(p); }
  ACIE_LANE Vec load_any(const uint64_t* p) { return _mm512_loadu_si512(p); }
  ACIE_LANE void store(uint64_t* p, Vec a) { _mm512_store_si512(p, a); }
  ACIE_LANE void store_any(uint64_t* p, Vec a) { _mm512_storeu_si512(p, a); }
  ACIE_LANE Vec all(uint64_t a) { return _mm512_set1_epi64(static_cast<long long>(a)); }
  /// c + the low (high) 52 bits of the product of the low 52 bits of a and b.
  ACIE_LANE Vec add_low(Vec c, Vec a, Vec b) { return _mm512_madd52lo_epu64(c, a, b); }
  ACIE_LANE Vec add_high(Vec c, Vec a, Vec b) { return _mm512_madd52hi_epu64(c, a, b); }
  ACIE_LANE Vec low_product(Vec a, Vec b) { return add_low(zero(), a, b); }
  ACIE_LANE Vec add(Vec a, Vec b) { return _mm512_add_epi64(a, b); }
  ACIE_LANE Vec subtract(Vec a, Vec b) { return _mm512_sub_epi64(a, b); }
  ACIE_LANE Vec both(Vec a, Vec b) { return _mm512_and_si512(a, b); }
  template <int Bits>
  ACIE_LANE Vec shift_right(Vec a) {
    return _mm512_srli_epi64(a, Bits);
  }
  ACIE_LANE Mask equal(Vec a, Vec b) { return _mm512_cmpeq_epi64_mask(a, b); }
  ACIE_LANE Mask mask_of(uint8_t bits) { return bits; }
  ACIE_LANE uint8_t bits_of(Mask mask) { return mask; }
  ACIE_LANE Mask not_zero(Vec a) { return _mm512_test_epi64_mask(a, a); }
  /// The memory's lanes where the mask is set, else a's; p aligned.
  ACIE_LANE Vec load_where(Vec a, Mask mask, const uint64_t* p) { return _mm512_mask_load_epi64(a, mask, p); }
  /// b where the mask is set, else a.
  ACIE_LANE Vec choose(Vec a, Mask mask, Vec b) { return _mm512_mask_mov_epi64(a, mask, b); }
  /// Each lane the word of the sixteen at p that the lowest four bits of its index say: read whole, permuted in registers.
  ACIE_LANE Vec one_of_16(const uint64_t* p, Vec index) {
    return _mm512_permutex2var_epi64(_mm512_load_si512(p), index, _mm512_load_si512(p + 8));
  }
  /// Transposes an 8 × 8 matrix of words.
  ACIE_LANE void transpose(Vec* v) {
    Vec a[8], b[8];
    for (int i = 0; i < 8; i += 2) {
      a[i] = _mm512_unpacklo_epi64(v[i], v[i + 1]);
      a[i + 1] = _mm512_unpackhi_epi64(v[i], v[i + 1]);
    }
    for (int i = 0; i < 8; i += 4)
      for (int j = 0; j < 2; ++j) {
        b[i + j] = _mm512_shuffle_i64x2(a[i + j], a[i + j + 2], 0x88);
        b[i + j + 2] = _mm512_shuffle_i64x2(a[i + j], a[i + j + 2], 0xdd);
      }
    for (int j = 0; j < 4; ++j) {
      v[j] = _mm512_shuffle_i64x2(b[j], b[j + 4], 0x88);
      v[j + 4] = _mm512_shuffle_i64x2(b[j], b[j + 4], 0xdd);
    }
  }
#undef ACIE_LANE
};

}  // namespace acie::bigint
