// Writes TorchScript modules for torch_test.cpp: `torch_module FOLDER`.

#include <torch/script.h>

#include <string>

namespace {

/// forward as this text says, over the parameters w [3, 2] and b [3].
void save(const std::string& path, const std::string& forward) {
  torch::jit::Module module("Decoder");
  module.register_parameter("w", torch::tensor({{1.0f, -0.5f}, {0.25f, 2.0f}, {-1.0f, 1.0f}}), false);
  module.register_parameter("b", torch::tensor({0.5f, 0.0f, -0.25f}), false);
  module.define(forward);
  module.save(path);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::string folder = arguments[1];
  save(folder + "/decoder.pt", "def forward(self, z):\n    return torch.tanh(torch.matmul(self.w, z) + self.b)\n");
  save(folder + "/energy.pt", "def forward(self, x, scale, n):\n    return torch.sum(x * x, dtype=7) * scale + n\n");
  save(folder + "/fails.pt", "def forward(self, z):\n    assert bool(torch.sum(z) < 5), 'too bright'\n    return torch.matmul(self.w, z)\n");
  return 0;
}
