// The same steps in LibTorch, eager.
#pragma once

#include <functional>

namespace acie::perf {

/// A call of each on a matrix of `rows` by `columns`, along its last axis; `values` must outlive it.
std::function<void()> torch_softmax(const float* values, int rows, int columns, int threads);
std::function<void()> torch_layer_norm(const float* values, int rows, int columns, int threads);

}  // namespace acie::perf
