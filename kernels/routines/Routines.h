// Runs the routines of Routine.h on tensors in memory.
#pragma once

#include <cstdint>

#include "kernels/routines/Routine.h"

namespace acie::routines {

/// Tensors of one shape at several places: those of point p begin at data + p * stride.
template <typename T>
struct Operand {
  T* data = nullptr;
  int64_t stride = 0;
  const Shape* shape = nullptr;
};

/// `routine` at `points` points, each on its own: the bits of a result do not depend on the others. `b` is of routines with
/// two operands. What a point shares with all (stride 0) is factored once. The shapes fit (`fits`).
void run(Routine routine, Operand<const double> a, Operand<const double> b, Operand<double> to, int64_t points);
void run(Routine routine, Operand<const float> a, Operand<const float> b, Operand<float> to, int64_t points);
/// CumulativeSum and Sort. Sums wrap.
void run(Routine routine, Operand<const int64_t> a, Operand<int64_t> to, int64_t points);
void run(Routine routine, Operand<const int32_t> a, Operand<int32_t> to, int64_t points);

/// ArgMin and ArgMax, for T of double, float, int64_t, int32_t, uint8_t. A NaN is neither: the place is that of the extreme
/// of what stands before the first one, 0 where nothing does.
template <typename T>
void places(Routine routine, Operand<const T> a, Operand<int64_t> to, int64_t points);

}  // namespace acie::routines
