#include "runtime/io/Tensor.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "runtime/io/Half.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

template <typename T>
struct Plain {
  using Value = T;
  static T load(const std::byte* place) {
    T value;
    std::memcpy(&value, place, sizeof value);
    return value;
  }
};

struct Half {
  using Value = float;
  static float load(const std::byte* place) { return half_to_float(Plain<uint16_t>::load(place)); }
};

struct Brain {
  using Value = float;
  static float load(const std::byte* place) {
    return std::bit_cast<float>(static_cast<uint32_t>(Plain<uint16_t>::load(place)) << 16);
  }
};

// Calls `action` with the element type's loader.
template <typename Action>
auto with_loader(TensorType type, const Action& action) {
  switch (type) {
    case TensorType::Bool:
    case TensorType::U8:
      return action(Plain<uint8_t>());
    case TensorType::I8:
      return action(Plain<int8_t>());
    case TensorType::U16:
      return action(Plain<uint16_t>());
    case TensorType::I16:
      return action(Plain<int16_t>());
    case TensorType::F16:
      return action(Half());
    case TensorType::BF16:
      return action(Brain());
    case TensorType::U32:
      return action(Plain<uint32_t>());
    case TensorType::I32:
      return action(Plain<int32_t>());
    case TensorType::F32:
      return action(Plain<float>());
    case TensorType::U64:
      return action(Plain<uint64_t>());
    case TensorType::I64:
      return action(Plain<int64_t>());
    case TensorType::F64:
      break;
  }
  return action(Plain<double>());
}

// Whether `value` lies in the range of Integer: 2^63 is a double, the largest int64 is not.
template <typename Integer, typename Float>
bool in_integer_range(Float value) {
  const double low = static_cast<double>(std::numeric_limits<Integer>::min());
  const double high = std::ldexp(1.0, std::numeric_limits<Integer>::digits);
  return static_cast<double>(value) >= low && static_cast<double>(value) < high;
}

template <typename Target, typename Value>
bool convert(Value value, Rounding rounding, Target& target) {
  if constexpr (std::is_floating_point_v<Target>) {
    target = static_cast<Target>(value);
    if constexpr (std::is_floating_point_v<Value>) {
      if (std::isnan(value) || std::isinf(value)) return true;
      if (std::isinf(target)) return false;
      return rounding == Rounding::Nearest || static_cast<Value>(target) == value;
    } else {
      if (rounding == Rounding::Nearest) return true;
      return in_integer_range<Value>(target) && static_cast<Value>(target) == value;
    }
  } else if constexpr (std::is_floating_point_v<Value>) {
    if (!(std::trunc(value) == value) || !in_integer_range<Target>(value)) return false;
    target = static_cast<Target>(value);
    return true;
  } else {
    if (!std::in_range<Target>(value)) return false;
    target = static_cast<Target>(value);
    return true;
  }
}

template <typename Value>
std::string show(Value value) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, value);
  return std::string(digits, end.ptr);
}

template <typename Target>
absl::Status convert_all(const TensorView& from, TensorType type, Rounding rounding, std::byte* out) {
  Target* const targets = reinterpret_cast<Target*>(out);
  return with_loader(from.type, [&](auto loader) -> absl::Status {
    const int64_t count = from.elements();
    const size_t step = element_size(from.type);
    for (int64_t i = 0; i < count; ++i) {
      const auto value = loader.load(from.data + static_cast<size_t>(i) * step);
      bool fits = convert(value, rounding, targets[i]);
      if (type == TensorType::Bool) fits = fits && targets[i] <= Target{1};
      if (!fits)
        return usage_error("element " + std::to_string(i) + ", " + show(value) + ", is not exactly " +
                           (type == TensorType::Bool ? "a bool, 0 or 1" : std::string("of type ") + type_name(type)));
    }
    return absl::OkStatus();
  });
}

}  // namespace

const char* type_name(TensorType type) {
  static constexpr const char* kNames[] = {"bool", "u8",  "i8",  "u16", "i16", "f16", "bf16",
                                           "u32",  "i32", "f32", "u64", "i64", "f64"};
  return kNames[static_cast<size_t>(type)];
}

TensorType tensor_type(acie_dtype dtype) {
  switch (dtype) {
    case ACIE_F64:
      return TensorType::F64;
    case ACIE_F32:
      return TensorType::F32;
    case ACIE_I64:
      return TensorType::I64;
    case ACIE_I32:
      return TensorType::I32;
    case ACIE_BOOL:
      return TensorType::Bool;
  }
  return TensorType::F64;
}

std::string shape_text(std::span<const int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

absl::Status convert_elements(const TensorView& from, TensorType target, Rounding rounding, std::byte* out) {
  switch (target) {
    case TensorType::Bool:
    case TensorType::U8:
      return convert_all<uint8_t>(from, target, rounding, out);
    case TensorType::I8:
      return convert_all<int8_t>(from, target, rounding, out);
    case TensorType::U16:
      return convert_all<uint16_t>(from, target, rounding, out);
    case TensorType::I16:
      return convert_all<int16_t>(from, target, rounding, out);
    case TensorType::U32:
      return convert_all<uint32_t>(from, target, rounding, out);
    case TensorType::I32:
      return convert_all<int32_t>(from, target, rounding, out);
    case TensorType::F32:
      return convert_all<float>(from, target, rounding, out);
    case TensorType::U64:
      return convert_all<uint64_t>(from, target, rounding, out);
    case TensorType::I64:
      return convert_all<int64_t>(from, target, rounding, out);
    case TensorType::F64:
      return convert_all<double>(from, target, rounding, out);
    case TensorType::F16:
    case TensorType::BF16:
      break;
  }
  return usage_error(std::string("nothing is converted to ") + type_name(target));
}

}  // namespace acie::io
