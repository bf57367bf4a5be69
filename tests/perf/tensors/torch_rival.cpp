#include "tests/perf/tensors/torch_rival.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <malloc.h>

namespace acie::perf {
namespace {

at::Tensor matrix(const float* values, int rows, int columns) {
  // Memory of the last result is there for the next one, as it is here: new memory from the system takes longer than to compute.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  return at::from_blob(const_cast<float*>(values), {rows, columns}, at::kFloat);
}

}  // namespace

std::function<void()> torch_softmax(const float* values, int rows, int columns, int threads) {
  return [x = matrix(values, rows, columns), threads] {
    at::set_num_threads(threads);
    const at::NoGradGuard no_grad;
    at::softmax(x, 1);
  };
}

std::function<void()> torch_layer_norm(const float* values, int rows, int columns, int threads) {
  return [x = matrix(values, rows, columns), columns, threads] {
    at::set_num_threads(threads);
    const at::NoGradGuard no_grad;
    at::layer_norm(x, {columns});
  };
}

}  // namespace acie::perf
