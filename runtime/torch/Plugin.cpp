// libacie-torch: TorchScript modules through LibTorch. Only this library links it.
#include "runtime/torch/Plugin.h"

#include <ATen/Parallel.h>
#include <torch/script.h>

#include <cstring>
#include <istream>
#include <memory>
#include <streambuf>
#include <string>
#include <vector>

namespace {

using acie::torch_plugin::Api;
using acie::torch_plugin::Tensor;

torch::ScalarType type_of(acie_dtype dtype) {
  switch (dtype) {
    case ACIE_F64: return torch::kDouble;
    case ACIE_F32: return torch::kFloat;
    case ACIE_I64: return torch::kLong;
    case ACIE_I32: return torch::kInt;
    case ACIE_BOOL: return torch::kBool;
  }
  return torch::kDouble;
}

void say(const std::string& text, char* error, size_t capacity) {
  if (capacity == 0) return;
  // The first line: what follows is where in LibTorch it happened.
  const std::string line = text.substr(0, text.find('\n'));
  const size_t length = std::min(line.size(), capacity - 1);
  std::memcpy(error, line.data(), length);
  error[length] = '\0';
}

/// Bytes of memory as a stream.
struct Bytes : std::streambuf {
  Bytes(const void* data, size_t size) {
    char* begin = const_cast<char*>(static_cast<const char*>(data));
    setg(begin, begin, begin + size);
  }
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    char* base = from == std::ios_base::beg ? eback() : from == std::ios_base::cur ? gptr() : egptr();
    if (base + offset < eback() || base + offset > egptr()) return pos_type(off_type(-1));
    setg(eback(), base + offset, egptr());
    return gptr() - eback();
  }
  pos_type seekpos(pos_type at, std::ios_base::openmode mode) override { return seekoff(at, std::ios_base::beg, mode); }
};

void* load(const void* bytes, size_t size, char* error, size_t capacity) {
  try {
    // The runtime's threads share the rows among them; a thread each is what keeps results the same.
    at::set_num_threads(1);
    Bytes buffer(bytes, size);
    std::istream stream(&buffer);
    auto module = std::make_unique<torch::jit::Module>(torch::jit::load(stream, torch::kCPU));
    module->eval();
    return module.release();
  } catch (const std::exception& failure) {
    say(failure.what(), error, capacity);
    return nullptr;
  }
}

std::string shape_text(c10::IntArrayRef sizes) {
  std::string text = "[";
  for (size_t i = 0; i < sizes.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(sizes[i]);
  return text + "]";
}

int run(const void* loaded, const Tensor* inputs, size_t count, const Tensor* output, char* error, size_t capacity) {
  try {
    // Here: a setting of LibTorch is each thread's own.
    const c10::InferenceMode inference;
    auto& module = const_cast<torch::jit::Module&>(*static_cast<const torch::jit::Module*>(loaded));
    std::vector<c10::IValue> arguments;
    for (size_t i = 0; i < count; ++i)
      arguments.emplace_back(torch::from_blob(inputs[i].data, {inputs[i].sizes, static_cast<size_t>(inputs[i].rank)}, type_of(inputs[i].dtype)));
    const c10::IValue value = module.forward(std::move(arguments));
    if (!value.isTensor()) {
      say("it gives no tensor", error, capacity);
      return 1;
    }
    const torch::Tensor result = value.toTensor().contiguous();
    const c10::IntArrayRef wanted(output->sizes, static_cast<size_t>(output->rank));
    if (result.scalar_type() != type_of(output->dtype) || result.sizes() != wanted) {
      say(std::string("it gives ") + torch::toString(result.scalar_type()) + shape_text(result.sizes()) + ", and the program declares " + torch::toString(type_of(output->dtype)) + shape_text(wanted), error, capacity);
      return 1;
    }
    std::memcpy(output->data, result.data_ptr(), result.nbytes());
    return 0;
  } catch (const std::exception& failure) {
    say(failure.what(), error, capacity);
    return 1;
  }
}

void unload(void* module) { delete static_cast<torch::jit::Module*>(module); }

constexpr Api kApi = {acie::torch_plugin::kVersion, load, run, unload};

}  // namespace

extern "C" __attribute__((visibility("default"))) const Api* acie_torch_plugin() { return &kApi; }
