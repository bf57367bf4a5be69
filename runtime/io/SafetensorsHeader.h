// The JSON header of .safetensors.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/io/Tensor.h"

namespace acie::io {

/// The longest header the format allows.
constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

struct SafetensorsEntry {
  std::string name;
  TensorType type = TensorType::F64;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // bytes after the header
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // by name
  std::map<std::string, std::string> metadata;
};

/// Reads the header of a file whose tensors have `data_size` bytes in all. Errors are DataLoss and begin with `file`.
absl::StatusOr<SafetensorsHeader> parse_safetensors_header(std::string_view text, uint64_t data_size,
                                                           const std::string& file);

/// "F64", "BF16", "BOOL": the format's own names.
const char* safetensors_type(TensorType type);

}  // namespace acie::io
