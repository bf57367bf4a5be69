// Four lanes as one AVX2 vector, digits of 27 bits: half a block. Include only where AVX2 is compiled for.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace acie::bigint {

struct Avx2Lanes {
  using Vec = __m256i;
  using Mask = __m256i;  // all ones or zero
  static constexpr int kLanes = 4, kRadix = 27;
  static constexpr int kPart = 4;
#define ACIE_LANE [[gnu::always_inline]] static inline
  ACIE_LANE Vec zero() { return _mm256_setzero_si256(); }
  ACIE_LANE Vec load(const uint64_t* p) { return _mm256_load_si256(reinterpret_cast<const Vec*>(p)); }
  ACIE_LANE Vec load_any(const uint64_t* p) { return _mm256_loadu_si256(reinterpret_cast<const Vec*>(p)); }
  ACIE_LANE void store(uint64_t* p, Vec a) { _mm256_store_si256(reinterpret_cast<Vec*>(p), a); }
  ACIE_LANE void store_any(uint64_t* p, Vec a) { _mm256_storeu_si256(reinterpret_cast<Vec*>(p), a); }
  ACIE_LANE Vec all(uint64_t a) { return _mm256_set1_epi64x(static_cast<long long>(a)); }
  /// The product of two digits goes into one column whole.
  ACIE_LANE Vec add_low(Vec c, Vec a, Vec b) { return add(c, _mm256_mul_epu32(a, b)); }
  ACIE_LANE Vec add_high(Vec c, Vec, Vec) { return c; }
  ACIE_LANE Vec low_product(Vec a, Vec b) { return both(_mm256_mul_epu32(a, b), all((uint64_t{1} << kRadix) - 1)); }
  ACIE_LANE Vec add(Vec a, Vec b) { return _mm256_add_epi64(a, b); }
  ACIE_LANE Vec subtract(Vec a, Vec b) { return _mm256_sub_epi64(a, b); }
  ACIE_LANE Vec both(Vec a, Vec b) { return _mm256_and_si256(a, b); }
  template <int Bits>
  ACIE_LANE Vec shift_right(Vec a) {
    return _mm256_srli_epi64(a, Bits);
  }
  ACIE_LANE Mask equal(Vec a, Vec b) { return _mm256_cmpeq_epi64(a, b); }
  /// From the lowest four bits, and back.
  ACIE_LANE Mask mask_of(uint8_t bits) {
    const Vec places = _mm256_set_epi64x(8, 4, 2, 1);
    return equal(both(all(bits), places), places);
  }
  ACIE_LANE uint8_t bits_of(Mask mask) { return static_cast<uint8_t>(_mm256_movemask_pd(_mm256_castsi256_pd(mask))); }
  ACIE_LANE Mask not_zero(Vec a) { return _mm256_xor_si256(equal(a, zero()), all(~uint64_t{0})); }
  ACIE_LANE Vec choose(Vec a, Mask mask, Vec b) { return _mm256_blendv_epi8(a, b, mask); }
  ACIE_LANE Vec load_where(Vec a, Mask mask, const uint64_t* p) { return choose(a, mask, load(p)); }
  /// Permutations take 32-bit halves and four words at a time.
  ACIE_LANE Vec one_of_16(const uint64_t* p, Vec index) {
    const Vec first = _mm256_slli_epi64(both(index, all(3)), 1);
    const Vec halves = _mm256_or_si256(first, _mm256_slli_epi64(add(first, all(1)), 32));
    const Vec quarter = both(index, all(12));
    Vec found = _mm256_permutevar8x32_epi32(load(p), halves);
#pragma GCC unroll 3
    for (int q = 1; q < 4; ++q)
      found = choose(found, equal(quarter, all(static_cast<uint64_t>(4 * q))),
                     _mm256_permutevar8x32_epi32(load(p + 4 * q), halves));
    return found;
  }
  /// Transposes a 4 × 4 matrix of words.
  ACIE_LANE void transpose(Vec* v) {
    const Vec a = _mm256_unpacklo_epi64(v[0], v[1]), b = _mm256_unpackhi_epi64(v[0], v[1]);
    const Vec c = _mm256_unpacklo_epi64(v[2], v[3]), d = _mm256_unpackhi_epi64(v[2], v[3]);
    v[0] = _mm256_permute2x128_si256(a, c, 0x20);
    v[1] = _mm256_permute2x128_si256(b, d, 0x20);
    v[2] = _mm256_permute2x128_si256(a, c, 0x31);
    v[3] = _mm256_permute2x128_si256(b, d, 0x31);
  }
#undef ACIE_LANE
};

}  // namespace acie::bigint
