// Finding bytes 64 at a time.
#pragma once

#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace acie::io {

#ifdef __SSE2__

/// 64 bytes in registers. SSE2 is part of every x86-64; four of its registers keep up with memory.
struct Bytes64 {
  __m128i part[4];

  /// Reads data[0, 64), whatever its alignment.
  static Bytes64 load(const char* data) {
    Bytes64 bytes;
    for (int i = 0; i < 4; ++i)
      bytes.part[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + 16 * i));
    return bytes;
  }

  /// Bit i is set where byte i is `wanted`.
  uint64_t equal(char wanted) const {
    const __m128i pattern = _mm_set1_epi8(wanted);
    uint64_t mask = 0;
    for (int i = 0; i < 4; ++i)
      mask |=
          static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(part[i], pattern))))
          << (16 * i);
    return mask;
  }

  /// Bit i is set where byte i is any of the three.
  uint64_t any_of(char a, char b, char c) const {
    const __m128i first = _mm_set1_epi8(a), second = _mm_set1_epi8(b), third = _mm_set1_epi8(c);
    uint64_t mask = 0;
    for (int i = 0; i < 4; ++i) {
      const __m128i hit =
          _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(part[i], first), _mm_cmpeq_epi8(part[i], second)),
                       _mm_cmpeq_epi8(part[i], third));
      mask |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(hit))) << (16 * i);
    }
    return mask;
  }
};

#else

struct Bytes64 {
  char part[64];

  static Bytes64 load(const char* data) {
    Bytes64 bytes;
    std::memcpy(bytes.part, data, 64);
    return bytes;
  }

  uint64_t equal(char wanted) const {
    uint64_t mask = 0;
    for (int i = 0; i < 64; ++i) mask |= uint64_t{part[i] == wanted} << i;
    return mask;
  }

  uint64_t any_of(char a, char b, char c) const { return equal(a) | equal(b) | equal(c); }
};

#endif

/// Bit i of the result is the exclusive or of bits 0 … i: from quote marks to the bytes between them.
inline uint64_t prefix_xor(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

}  // namespace acie::io
