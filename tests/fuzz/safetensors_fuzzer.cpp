// Hostile .safetensors: the input is a header (even first byte), after which as many bytes of tensors follow as that byte
// says, or a whole file. What is accepted is touched from its first byte to its last.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/io/ParameterStore.h"

using namespace acie::io;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string bytes(rest);
  if (data[0] % 2 == 0) {
    const uint64_t length = rest.size();
    bytes = std::string(reinterpret_cast<const char*>(&length), sizeof length) + bytes + std::string(data[0], '\1');
  }
  const auto file = Safetensors::from_memory(bytes, "fuzz.safetensors");
  if (!file.ok()) return 0;
  ParameterStore store;
  store.add_tensors(*file, "fuzz.safetensors");
  uint64_t total = 0, sum = 0;
  for (const NamedTensor& tensor : (*file)->tensors()) {
    total += tensor.view.bytes();
    for (size_t i = 0; i < tensor.view.bytes(); ++i) sum += static_cast<uint64_t>(tensor.view.data[i]);
    if ((*file)->find(tensor.name) == nullptr || store.lookup(tensor.name) == nullptr) std::abort();
    for (const acie_dtype dtype : {ACIE_F64, ACIE_F32, ACIE_I64, ACIE_I32, ACIE_BOOL})
      (void)store.scalar(tensor.name, dtype);
    (void)store.tensor(tensor.name, TensorType::F64, tensor.view.shape);
  }
  if (total > bytes.size() || sum > 255 * total) std::abort();
  return 0;
}
