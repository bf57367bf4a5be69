// Vectors of the level this file is compiled for, as the backend of kernels/math and with loads of parts.
//
// Everything compiled per level lives in a namespace named after it (ACIE_LINALG_LEVEL), so that no function
// built for AVX-512 can stand in for one that must run without it; for the same reason nothing here calls
// inline functions of the standard library.
#ifndef ACIE_KERNELS_LINALG_VECTOR_H
#define ACIE_KERNELS_LINALG_VECTOR_H

#include <immintrin.h>

#include <cstdint>

#include "kernels/math/Backend.h"

#ifndef ACIE_LINALG_LEVEL
#error "define ACIE_LINALG_LEVEL as v3 or v4 before including"
#endif

namespace acie::linalg::ACIE_LINALG_LEVEL {

#ifdef __AVX512F__
inline constexpr int kVectorBytes = 64;
inline constexpr int kRegisters = 32;
#else
inline constexpr int kVectorBytes = 32;
inline constexpr int kRegisters = 16;
#endif

template <class T>
struct VectorOf;
template <>
struct VectorOf<float> {
  typedef float F __attribute__((vector_size(kVectorBytes)));
  typedef uint32_t I __attribute__((vector_size(kVectorBytes)));
  typedef int32_t S __attribute__((vector_size(kVectorBytes)));
  typedef float Loose __attribute__((vector_size(kVectorBytes), aligned(4), may_alias));
};
template <>
struct VectorOf<double> {
  typedef double F __attribute__((vector_size(kVectorBytes)));
  typedef uint64_t I __attribute__((vector_size(kVectorBytes)));
  typedef int64_t S __attribute__((vector_size(kVectorBytes)));
  typedef double Loose __attribute__((vector_size(kVectorBytes), aligned(8), may_alias));
};

template <class T>
using Vec = typename VectorOf<T>::F;
template <class T>
inline constexpr int kLanes = kVectorBytes / int(sizeof(T));

inline int64_t smaller(int64_t x, int64_t y) { return x < y ? x : y; }

template <class T>
[[gnu::always_inline]] inline Vec<T> load(const T* p) {
  return *reinterpret_cast<const typename VectorOf<T>::Loose*>(p);
}
template <class T>
[[gnu::always_inline]] inline void store(T* p, Vec<T> v) {
  *reinterpret_cast<typename VectorOf<T>::Loose*>(p) = v;
}
#ifdef __AVX512F__
[[gnu::always_inline]] inline __m512 fma(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m512d fma(__m512d a, __m512d b, __m512d c) {
  return _mm512_fmadd_pd(a, b, c);
}
// (The forms without a mask read an undefined vector in gcc's headers, and warn.)
inline __m512 root(__m512 a) { return _mm512_maskz_sqrt_ps(0xffff, a); }
inline __m512d root(__m512d a) { return _mm512_maskz_sqrt_pd(0xff, a); }
inline __m512 scaled(__m512 p, __m512 n) { return _mm512_maskz_scalef_ps(0xffff, p, n); }
inline __m512d scaled(__m512d p, __m512d n) { return _mm512_maskz_scalef_pd(0xff, p, n); }
[[gnu::always_inline]] inline __m512 every(float x) { return _mm512_set1_ps(x); }
[[gnu::always_inline]] inline __m512d every(double x) { return _mm512_set1_pd(x); }

// The first n lanes; n >= the number of lanes means all. Memory beyond is not touched; lanes beyond load as
// 0.
inline uint32_t firstLanes(int64_t n) { return n >= 16 ? 0xffffu : (1u << n) - 1; }
inline __m512 loadFirst(const float* p, int64_t n) {
  return _mm512_maskz_loadu_ps(__mmask16(firstLanes(n)), p);
}
inline __m512d loadFirst(const double* p, int64_t n) {
  return _mm512_maskz_loadu_pd(__mmask8(firstLanes(n)), p);
}
inline void storeFirst(float* p, __m512 v, int64_t n) {
  _mm512_mask_storeu_ps(p, __mmask16(firstLanes(n)), v);
}
inline void storeFirst(double* p, __m512d v, int64_t n) {
  _mm512_mask_storeu_pd(p, __mmask8(firstLanes(n)), v);
}
#else
[[gnu::always_inline]] inline __m256 fma(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m256d fma(__m256d a, __m256d b, __m256d c) {
  return _mm256_fmadd_pd(a, b, c);
}
inline __m256 root(__m256 a) { return _mm256_sqrt_ps(a); }
inline __m256d root(__m256d a) { return _mm256_sqrt_pd(a); }
[[gnu::always_inline]] inline __m256 every(float x) { return _mm256_set1_ps(x); }
[[gnu::always_inline]] inline __m256d every(double x) { return _mm256_set1_pd(x); }

// As above.
inline __m256i firstLanes(float, int64_t n) {
  const int count = n < 8 ? int(n) : 8;
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline __m256i firstLanes(double, int64_t n) {
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), _mm256_setr_epi64x(0, 1, 2, 3));
}
inline __m256 loadFirst(const float* p, int64_t n) { return _mm256_maskload_ps(p, firstLanes(0.0f, n)); }
inline __m256d loadFirst(const double* p, int64_t n) { return _mm256_maskload_pd(p, firstLanes(0.0, n)); }
inline void storeFirst(float* p, __m256 v, int64_t n) { _mm256_maskstore_ps(p, firstLanes(0.0f, n), v); }
inline void storeFirst(double* p, __m256d v, int64_t n) { _mm256_maskstore_pd(p, firstLanes(0.0, n), v); }
#endif

// 16 bytes of a vector, for columns too few to fill one.
template <class T>
struct PartOf;
template <>
struct PartOf<float> {
  using V = __m128;
};
template <>
struct PartOf<double> {
  using V = __m128d;
};
template <class T>
using Part = typename PartOf<T>::V;
[[gnu::always_inline]] inline __m128 fma(__m128 a, __m128 b, __m128 c) { return _mm_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m128d fma(__m128d a, __m128d b, __m128d c) { return _mm_fmadd_pd(a, b, c); }
[[gnu::always_inline]] inline __m128 loadPart(const float* p) { return _mm_loadu_ps(p); }
[[gnu::always_inline]] inline __m128d loadPart(const double* p) { return _mm_loadu_pd(p); }
// The first 16 bytes, and those followed by zeros.
#ifdef __AVX512F__
[[gnu::always_inline]] inline __m128 part(__m512 v) { return _mm512_castps512_ps128(v); }
[[gnu::always_inline]] inline __m128d part(__m512d v) { return _mm512_castpd512_pd128(v); }
[[gnu::always_inline]] inline __m512 whole(__m128 v) { return _mm512_zextps128_ps512(v); }
[[gnu::always_inline]] inline __m512d whole(__m128d v) { return _mm512_zextpd128_pd512(v); }
#else
[[gnu::always_inline]] inline __m128 part(__m256 v) { return _mm256_castps256_ps128(v); }
[[gnu::always_inline]] inline __m128d part(__m256d v) { return _mm256_castpd256_pd128(v); }
[[gnu::always_inline]] inline __m256 whole(__m128 v) { return _mm256_zextps128_ps256(v); }
[[gnu::always_inline]] inline __m256d whole(__m128d v) { return _mm256_zextpd128_pd256(v); }
#endif

// The backend of kernels/math: the same bits as ScalarBackend in every lane.
template <class T>
struct VectorBackend {
  using F = Vec<T>;
  using I = typename VectorOf<T>::I;
  using M = typename VectorOf<T>::S;
  static constexpr int kBits = sizeof(T) * 8;

  static F constant(double x) { return every(static_cast<T>(x)); }
  static I iconstant(int64_t x) { return I{} + static_cast<decltype(I{}[0] + 0)>(x); }
  static F add(F a, F b) { return a + b; }
  static F sub(F a, F b) { return a - b; }
  static F mul(F a, F b) { return a * b; }
  static F div(F a, F b) { return a / b; }
  static F fma(F a, F b, F c) { return ACIE_LINALG_LEVEL::fma(a, b, c); }
  static F sqrt(F a) { return root(a); }
  static F neg(F a) { return -a; }
  static F abs(F a) { return frombits((bits(a) << 1) >> 1); }
  static M lt(F a, F b) { return a < b; }
  static M le(F a, F b) { return a <= b; }
  static M gt(F a, F b) { return a > b; }
  static M ge(F a, F b) { return a >= b; }
  static M eq(F a, F b) { return a == b; }
  static M ne(F a, F b) { return a != b; }
  static M isnan(F a) { return a != a; }
  static F select(M m, F a, F b) { return m ? a : b; }
  static I iselect(M m, I a, I b) { return m ? a : b; }
  static I bits(F a) { return reinterpret_cast<I>(a); }
  static F frombits(I a) { return reinterpret_cast<F>(a); }
  static I iadd(I a, I b) { return a + b; }
  static I isub(I a, I b) { return a - b; }
  static I iand(I a, I b) { return a & b; }
  static I ior(I a, I b) { return a | b; }
  static I ixor(I a, I b) { return a ^ b; }
  static I shl(I a, int n) { return a << n; }
  static I lshr(I a, int n) { return a >> n; }
  static I ashr(I a, int n) { return reinterpret_cast<I>(reinterpret_cast<M>(a) >> n); }
  static M ieq(I a, I b) { return a == b; }
  static M ilt(I a, I b) { return reinterpret_cast<M>(a) < reinterpret_cast<M>(b); }
  static M mand(M a, M b) { return a & b; }
  static M mor(M a, M b) { return a | b; }
  static M mxor(M a, M b) { return a ^ b; }
  static M mnot(M a) { return ~a; }
#ifdef __AVX512F__
  static F scalb(F p, F n) { return scaled(p, n); }
#endif
};
static_assert(math::Backend<VectorBackend<float>> && math::Backend<VectorBackend<double>>);

}  // namespace acie::linalg::ACIE_LINALG_LEVEL

#endif  // ACIE_KERNELS_LINALG_VECTOR_H
