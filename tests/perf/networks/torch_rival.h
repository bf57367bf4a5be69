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

}  // namespace acie::perf
