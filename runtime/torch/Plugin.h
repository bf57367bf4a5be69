// What the plug-in with LibTorch offers to the runtime, which loads it with dlopen where a package needs it: a table of C functions,
// so that neither links the other.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/include/acie/kernel_abi.h"

namespace acie::torch_plugin {

inline constexpr uint32_t kVersion = 1;
inline constexpr const char* kEntryPoint = "acie_torch_plugin";

/// A tensor in row-major order; a number has rank 0.
struct Tensor {
  acie_dtype dtype;
  int32_t rank;
  const int64_t* sizes;
  void* data;
};

/// Functions that can fail answer null or a value that is not 0, and put a text that ends in '\0' into `error`.
struct Api {
  uint32_t version;
  /// A module from the bytes of a TorchScript file.
  void* (*load)(const void* bytes, size_t size, char* error, size_t capacity);
  /// forward(inputs…) into `output`, whose type and shape the result must have. Several threads may call it at once.
  int (*run)(const void* module, const Tensor* inputs, size_t count, const Tensor* output, char* error, size_t capacity);
  void (*unload)(void* module);
};

using EntryPoint = const Api* (*)();

}  // namespace acie::torch_plugin
