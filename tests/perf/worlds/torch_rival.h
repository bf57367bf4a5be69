// The chain's counterfactual as one writes it with LibTorch, eagerly.
#pragma once

#include <cstdint>

namespace acie::perf {

/// x19 in the world with x3 + 0.5, one thread, into `out`. `columns` are 20 arrays of `rows` numbers.
void torch_rival(const double* const* columns, double* out, int64_t rows);

}  // namespace acie::perf
