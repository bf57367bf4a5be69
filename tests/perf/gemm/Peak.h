// What the processor could do: fused multiply-adds on registers only, bytes read from memory.
#ifndef ACIE_TESTS_PERF_GEMM_PEAK_H
#define ACIE_TESTS_PERF_GEMM_PEAK_H

#include <cstdint>

#include "kernels/linalg/Gemm.h"

namespace acie::perf {

// Runs `rounds` rounds of independent fused multiply-adds and returns how many floating-point operations that
// were (two for each multiply-add), on f32.
int64_t multiplyAdds(linalg::Level level, int64_t rounds);

// Sums `count` floats, whose speed is that of reading them.
float readAll(const float* data, int64_t count);

}  // namespace acie::perf

#endif  // ACIE_TESTS_PERF_GEMM_PEAK_H
