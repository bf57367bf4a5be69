#include "tests/perf/worlds/torch_rival.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

namespace acie::perf {

void torch_rival(const double* const* columns, double* out, int64_t rows) {
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> x;
  for (int i = 0; i < 20; ++i) x.push_back(at::from_blob(const_cast<double*>(columns[i]), {rows}, at::kDouble));
  std::vector<at::Tensor> w = x;
  w[3] = x[3] + 0.5;
  for (int i = 4; i < 20; ++i) {
    const at::Tensor noise = (x[i] - at::tanh(0.8 * x[i - 1])) / at::exp(0.1 * x[i - 2]);
    w[i] = at::tanh(0.8 * w[i - 1]) + at::exp(0.1 * w[i - 2]) * noise;
  }
  std::copy_n(w[19].data_ptr<double>(), rows, out);
}

}  // namespace acie::perf
