#include "tests/perf/networks/torch_rival.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace acie::perf {
namespace {

at::Tensor tensor(const std::vector<float>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat);
}

std::vector<float> floats(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.contiguous();
  return {dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel()};
}

}  // namespace

std::vector<float> torch_decoder(const std::vector<int>& widths, const std::vector<std::vector<float>>& weights,
                                 const std::vector<std::vector<float>>& biases, const std::vector<float>& inputs, int rows) {
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  at::Tensor x = tensor(inputs, {rows, widths[0]});
  for (size_t i = 0; i < weights.size(); ++i) {
    x = at::linear(x, tensor(weights[i], {widths[i + 1], widths[i]}), tensor(biases[i], {widths[i + 1]}));
    if (i + 1 < weights.size()) x = at::gelu(x);
  }
  return floats(at::amax(x, {1}));
}

std::vector<float> torch_rollout(const std::vector<std::vector<float>>& weights, const std::vector<std::vector<float>>& biases,
                                 const std::vector<float>& inputs, int rows, int steps) {
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  const at::Tensor x = tensor(inputs, {rows, 18});
  const at::Tensor w[] = {tensor(weights[0], {180, 18}), tensor(weights[1], {180, 180}), tensor(weights[2], {14, 180})};
  const at::Tensor b[] = {tensor(biases[0], {180}), tensor(biases[1], {180}), tensor(biases[2], {14})};
  at::Tensor s = x.narrow(1, 0, 14);
  const at::Tensor drive = x.narrow(1, 14, 4);
  for (int t = 0; t < steps; ++t) {
    at::Tensor h = at::tanh(at::linear(at::cat({s, drive}, 1), w[0], b[0]));
    h = at::tanh(at::linear(h, w[1], b[1]));
    s = s + 0.01 * at::linear(h, w[2], b[2]);
  }
  return floats(s);
}

std::vector<float> torch_gru(const std::vector<float>& wi, const std::vector<float>& wh, const std::vector<float>& bi, const std::vector<float>& bh,
                             const std::vector<float>& inputs, int steps, int in, int hidden) {
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  const at::Tensor x = tensor(inputs, {steps, 1, in});
  const std::vector<at::Tensor> weights = {tensor(wi, {3 * hidden, in}), tensor(wh, {3 * hidden, hidden}), tensor(bi, {3 * hidden}), tensor(bh, {3 * hidden})};
  const auto [all, last] = at::gru(x, at::zeros({1, 1, hidden}), weights, /*has_biases=*/true, /*num_layers=*/1, /*dropout=*/0, /*train=*/false, /*bidirectional=*/false, /*batch_first=*/false);
  return floats(at::sum(all[steps - 1]));
}

std::vector<float> torch_selective_scan(const std::vector<float>& a, const std::vector<float>& b, const std::vector<float>& c, const std::vector<float>& skip,
                                        const std::vector<float>& inputs, int steps, int channels, int states) {
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  const at::Tensor x = tensor(inputs, {steps, channels}), ta = tensor(a, {channels, states}), tb = tensor(b, {steps, states}), tc = tensor(c, {steps, states});
  const at::Tensor delta = 0.01 * at::softplus(x);
  at::Tensor h = at::zeros({channels, states});
  std::vector<at::Tensor> outputs;
  for (int t = 0; t < steps; ++t) {
    const at::Tensor d = delta[t].unsqueeze(1);
    h = at::exp(d * ta) * h + (d * x[t].unsqueeze(1)) * tb[t].unsqueeze(0);
    outputs.push_back(at::mv(h, tc[t]));
  }
  const at::Tensor y = at::stack(outputs) + tensor(skip, {channels}) * x;
  return floats(at::sum(y[steps - 1]));
}

}  // namespace acie::perf
