// Parameter values written as JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/io/Tensor.h"

namespace acie::io {

/// One value: numbers are F64, or I64 where all are whole and written without point; true and false are Bool.
struct JsonParameter {
  std::string name;
  TensorType type = TensorType::F64;
  std::vector<int64_t> shape;
  std::vector<double> reals;
  std::vector<int64_t> integers;
  std::vector<uint8_t> truths;

  std::span<const std::byte> bytes() const {
    if (type == TensorType::F64) return std::as_bytes(std::span(reals));
    if (type == TensorType::I64) return std::as_bytes(std::span(integers));
    return std::as_bytes(std::span(truths));
  }
};

/// Reads {"name": value, "Model": {"a": value}}, the latter as "Model.a", in the order of the text. Errors are of usage and
/// begin with `source`.
absl::StatusOr<std::vector<JsonParameter>> parse_json_parameters(std::string_view text, const std::string& source);

/// The bytes of a file.
absl::StatusOr<std::string> read_json_text(const std::string& path);

}  // namespace acie::io
