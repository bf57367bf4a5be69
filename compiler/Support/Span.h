// A half-open range of bytes in one source file.
#pragma once

#include <algorithm>
#include <cstdint>

namespace acie {

struct Span {
  uint32_t file = 0;
  uint32_t begin = 0;
  uint32_t end = 0;

  bool operator==(const Span&) const = default;
};

/// The smallest span that covers both; they are of one file.
inline Span cover(Span a, Span b) { return {a.file, std::min(a.begin, b.begin), std::max(a.end, b.end)}; }

}  // namespace acie
