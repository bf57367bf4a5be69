// The same networks as one writes them with LibTorch, eagerly, on one thread.
#pragma once

#include <vector>

namespace acie::perf {

/// GELU between layers; the largest output of each row.
std::vector<float> torch_decoder(const std::vector<int>& widths, const std::vector<std::vector<float>>& weights,
                                 const std::vector<std::vector<float>>& biases, const std::vector<float>& inputs, int rows);

/// s += 0.01 net(s, drive), tanh between layers, of inputs (s: 14, drive: 4); rows × 14.
std::vector<float> torch_rollout(const std::vector<std::vector<float>>& weights, const std::vector<std::vector<float>>& biases,
                                 const std::vector<float>& inputs, int rows, int steps);

/// The sum of the last state of a gated recurrent unit over `inputs`, steps × in, for one sequence: LibTorch's own.
std::vector<float> torch_gru(const std::vector<float>& wi, const std::vector<float>& wh, const std::vector<float>& bi, const std::vector<float>& bh,
                             const std::vector<float>& inputs, int steps, int in, int hidden);

/// The sum of the last output of h ← exp(delta a) h + delta b x, y = h c + skip x, delta = 0.01 softplus(x).
std::vector<float> torch_selective_scan(const std::vector<float>& a, const std::vector<float>& b, const std::vector<float>& c, const std::vector<float>& skip,
                                        const std::vector<float>& inputs, int steps, int channels, int states);

}  // namespace acie::perf
