// Arrays of numbers in memory that belongs to someone else: values of parameters, as files hold them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/include/acie/kernel_abi.h"
#include "runtime/io/AlignedBuffer.h"

namespace acie::io {

/// Little-endian elements. BF16 is the upper half of an F32; Bool is a byte, 0 or 1.
enum class TensorType : uint8_t { Bool, U8, I8, U16, I16, F16, BF16, U32, I32, F32, U64, I64, F64 };

/// Bytes of one element.
constexpr size_t element_size(TensorType type) {
  switch (type) {
    case TensorType::Bool:
    case TensorType::U8:
    case TensorType::I8:
      return 1;
    case TensorType::U16:
    case TensorType::I16:
    case TensorType::F16:
    case TensorType::BF16:
      return 2;
    case TensorType::U32:
    case TensorType::I32:
    case TensorType::F32:
      return 4;
    case TensorType::U64:
    case TensorType::I64:
    case TensorType::F64:
      return 8;
  }
  return 0;
}

/// "f64", "bf16", "u8", "bool", …
const char* type_name(TensorType type);

/// The type of kernel arguments with the same elements.
TensorType tensor_type(acie_dtype dtype);

/// A row-major array. Whoever gives a view says how long its memory lives.
struct TensorView {
  TensorType type = TensorType::F64;
  std::vector<int64_t> shape;  // empty: one number
  const std::byte* data = nullptr;

  /// The product of the shape, which fits: files whose tensors are larger than they are, are refused.
  int64_t elements() const {
    int64_t count = 1;
    for (int64_t size : shape) count *= size;
    return count;
  }
  size_t bytes() const { return static_cast<size_t>(elements()) * element_size(type); }

  /// Whether elements lie at multiples of their size, which as() needs: safetensors does not promise it.
  bool aligned() const { return reinterpret_cast<uintptr_t>(data) % element_size(type) == 0; }

  /// The elements where they lie. T is the type's own.
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(data), static_cast<size_t>(elements())};
  }
};

/// "[3, 4]", "[]" for one number.
std::string shape_text(std::span<const int64_t> shape);

/// How conversion treats values the target does not have.
enum class Rounding {
  Exact,   // refuses them
  Nearest  // floats take the nearest value, if finite; integers and booleans refuse all the same
};

/// Converts every element to `target`, at `out` (elements() of it, aligned). NaN and infinities stay what they are, between
/// floats; whole floats become integers. The first value that does not fit is a usage error that says which and why.
absl::Status convert_elements(const TensorView& from, TensorType target, Rounding rounding, std::byte* out);

}  // namespace acie::io
