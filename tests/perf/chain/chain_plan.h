// The chain's query as the passes would hand it to code generation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace acie::perf {

inline constexpr int kChainLength = 20;

/// x0 = u0; x1 = 0.5 x0 + u1; xi = tanh(0.8 x[i-1]) + exp(0.1 x[i-2]) ui. Given all, do x3 += 0.5, return x19. A variable
/// whose parents have their factual bits keeps its evidence. `interleave` row vectors stand side by side.
std::string chain_plan(int interleave);

/// Evidence drawn from the model: kChainLength columns.
std::vector<std::vector<double>> draw_chain(int64_t rows);

}  // namespace acie::perf
