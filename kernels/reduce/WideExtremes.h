// Extremes in vectors of 64 bytes, for processors with AVX-512.
#pragma once

#include <cstdint>

namespace acie::reduce {

/// The least or greatest of some numbers, and whether one of them is NaN: then `best` is any number.
template <typename T>
struct Extreme {
  T best;
  bool undefined;
};

/// Elements of four vectors: wide_extreme takes no fewer.
template <typename T>
constexpr int64_t kWideStep = 256 / static_cast<int64_t>(sizeof(T));

/// Which of -0 and 0 comes out is not said.
Extreme<float> wide_extreme(bool smallest, const float* x, int64_t length);
Extreme<double> wide_extreme(bool smallest, const double* x, int64_t length);

}  // namespace acie::reduce
