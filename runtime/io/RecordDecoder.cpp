// Stored values to the type that was asked for.
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "runtime/io/CellParser.h"
#include "runtime/io/Half.h"
#include "runtime/io/Records.h"
#include "runtime/io/Utf8.h"

namespace acie::io {
namespace {

using Kind = StoredField::Kind;

template <typename Bits>
Bits load_bits(const char* place, bool big_endian) {
  Bits bits;
  std::memcpy(&bits, place, sizeof bits);
  if (big_endian == (std::endian::native == std::endian::little)) {
    if constexpr (sizeof(Bits) == 2) bits = __builtin_bswap16(bits);
    if constexpr (sizeof(Bits) == 4) bits = __builtin_bswap32(bits);
    if constexpr (sizeof(Bits) == 8) bits = __builtin_bswap64(bits);
  }
  return bits;
}

template <typename T>
T load(const char* place, bool big_endian) {
  if constexpr (sizeof(T) == 1)
    return static_cast<T>(*place);
  else if constexpr (sizeof(T) == 2)
    return std::bit_cast<T>(load_bits<uint16_t>(place, big_endian));
  else if constexpr (sizeof(T) == 4)
    return std::bit_cast<T>(load_bits<uint32_t>(place, big_endian));
  else
    return std::bit_cast<T>(load_bits<uint64_t>(place, big_endian));
}

template <typename Integer>
bool integer_fits(double value) {
  // -2^63 and 2^63 are doubles; the largest int64 is not.
  constexpr double kLow = static_cast<double>(std::numeric_limits<Integer>::min());
  return std::nearbyint(value) == value && value >= kLow && value < -kLow;
}

// One stored value to one element of the column; false if it does not fit.
template <typename Target, typename Value>
bool convert(Value value, double factor, Target& target) {
  if constexpr (std::is_same_v<Target, double>) {
    target = static_cast<double>(value) * factor;
    return true;
  } else if constexpr (std::is_same_v<Target, float>) {
    if (factor == 1)
      target = static_cast<float>(value);
    else
      target = static_cast<float>(static_cast<double>(value) * factor);
    return !std::isinf(target) || !std::isfinite(static_cast<double>(value));
  } else if constexpr (std::is_same_v<Target, uint8_t>) {  // a boolean
    target = value != Value{0};
    return value == Value{0} || value == Value{1};
  } else {
    if constexpr (std::is_integral_v<Value>) {
      if (factor == 1) {
        if (!std::in_range<Target>(value)) return false;
        target = static_cast<Target>(value);
        return true;
      }
    }
    const double scaled = static_cast<double>(value) * factor;
    if (!integer_fits<Target>(scaled)) return false;
    target = static_cast<Target>(scaled);
    return true;
  }
}

template <typename Value>
std::string show(Value value) {
  char digits[32];
  const auto [end, problem] = std::to_chars(digits, digits + sizeof digits, value);
  return problem == std::errc() ? std::string(digits, end) : std::string();
}

struct Task {
  const char* place;
  uint64_t stride;
  const StoredField& field;
  const ColumnRequest& request;
  int64_t rows;
  ColumnData& column;
  int64_t& failed;
  std::string& text;
};

// `read(place, value)` is false where the cell is missing.
template <typename Target, typename Value, typename Read>
bool run(const Task& task, const Read& read) {
  Target* const out = reinterpret_cast<Target*>(task.column.values.data());
  // One value a row: step from row to row. Several: they lie side by side.
  const bool single = task.request.elements == 1;
  const int64_t outer = single ? 1 : task.rows, inner = single ? task.rows : task.request.elements;
  const uint64_t step = single ? task.stride : task.field.width;
  for (int64_t row = 0, at = 0; row < outer; ++row) {
    const char* place = task.place + static_cast<uint64_t>(row) * task.stride;
    for (int64_t i = 0; i < inner; ++i, ++at, place += step) {
      Value value;
      bool present = read(place, value);
      if constexpr (std::is_floating_point_v<Value>) present = present && !std::isnan(value);
      if (!present) {
        set_missing(task.column, at);
      } else if (!convert(value, task.request.factor, out[at])) {
        task.failed = at;
        task.text = show(value);
        return false;
      }
    }
  }
  return true;
}

template <typename Value, typename Read>
bool run_target(const Task& task, const Read& read) {
  switch (task.request.dtype) {
    case ACIE_F64:
      return run<double, Value>(task, read);
    case ACIE_F32:
      return run<float, Value>(task, read);
    case ACIE_I64:
      return run<int64_t, Value>(task, read);
    case ACIE_I32:
      return run<int32_t, Value>(task, read);
    case ACIE_BOOL:
      return run<uint8_t, Value>(task, read);
  }
  return false;
}

// An integer field's missing value in the type it is loaded as, its top bit flipped where stored ones are.
template <typename Stored>
std::optional<Stored> null_value(const StoredField& field) {
  if constexpr (std::is_integral_v<Stored>) {
    using Flipped = std::conditional_t<std::is_signed_v<Stored>, std::make_unsigned_t<Stored>,
                                       std::make_signed_t<Stored>>;
    if (!field.null) return std::nullopt;
    if (!field.flip_sign)
      return std::in_range<Stored>(*field.null) ? std::optional(static_cast<Stored>(*field.null))
                                                : std::nullopt;
    if (std::in_range<Flipped>(*field.null))
      return static_cast<Stored>(static_cast<Stored>(*field.null) ^
                                 static_cast<Stored>(uint64_t{1} << (8 * sizeof(Stored) - 1)));
  }
  return std::nullopt;
}

// Stored integers and floats, scaled or not.
template <typename Stored>
bool run_stored(const Task& task) {
  const StoredField& field = task.field;
  const bool big_endian = field.big_endian;
  const std::optional<Stored> null = null_value<Stored>(field);
  const auto read = [&, flip = field.flip_sign](const char* place, Stored& value) {
    value = load<Stored>(place, big_endian);
    if constexpr (std::is_integral_v<Stored>)
      if (flip)
        value = static_cast<Stored>(value ^ static_cast<Stored>(uint64_t{1} << (8 * sizeof(Stored) - 1)));
    return !null || value != *null;
  };
  if (field.scale == 1 && field.zero == 0) return run_target<Stored>(task, read);
  return run_target<double>(task, [&](const char* place, double& value) {
    Stored stored;
    const bool present = read(place, stored);
    value = field.zero + field.scale * static_cast<double>(stored);
    return present;
  });
}

std::string load_text(const char* place, const StoredField& field) {
  std::string text;
  if (field.kind == Kind::Bytes) {
    text.assign(place, field.width);
    text.resize(std::strlen(text.c_str()));
  } else {
    for (uint64_t i = 0; i + 4 <= field.width; i += 4)
      append_utf8(load<uint32_t>(place + i, field.big_endian), text);
    while (!text.empty() && text.back() == '\0') text.pop_back();
  }
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool run_categories(const Task& task) {
  for (int64_t row = 0; row < task.rows; ++row) {
    const std::string text = load_text(task.place + static_cast<uint64_t>(row) * task.stride, task.field);
    if (task.request.texts != nullptr && !text.empty()) {
      if (!is_plain_text(text)) {
        task.failed = row;
        task.text = "what it holds";
        return false;
      }
      reinterpret_cast<int64_t*>(task.column.values.data())[row] = task.request.texts->code(text);
      continue;
    }
    const int category = category_of(text, task.request.categories);
    if (category < 0 && !text.empty()) {
      task.failed = row;
      task.text = text;
      return false;
    }
    if (category < 0)
      set_missing(task.column, row);
    else if (task.column.dtype == ACIE_I64)
      reinterpret_cast<int64_t*>(task.column.values.data())[row] = category;
    else
      reinterpret_cast<int32_t*>(task.column.values.data())[row] = category;
  }
  return true;
}

}  // namespace

bool is_text(Kind kind) { return kind == Kind::Bytes || kind == Kind::Ucs4; }

acie_dtype natural_dtype(const StoredField& field) {
  if (field.scale != 1 || field.zero != 0) return ACIE_F64;
  switch (field.kind) {
    case Kind::F64:
      return ACIE_F64;
    case Kind::F16:
    case Kind::F32:
      return ACIE_F32;
    case Kind::U32:
    case Kind::I64:
    case Kind::U64:
      return ACIE_I64;
    case Kind::Logical:
    case Kind::Boolean:
      return ACIE_BOOL;
    default:
      return ACIE_I32;
  }
}

bool decode_field(const char* records, uint64_t record_size, const StoredField& field,
                  const ColumnRequest& request, int64_t rows, ColumnData& column, int64_t& failed,
                  std::string& text) {
  const char* const first = records + (field.offset + static_cast<uint64_t>(request.element) * field.width);
  const Task task{first, record_size, field, request, rows, column, failed, text};
  switch (field.kind) {
    case Kind::I8:
      return run_stored<int8_t>(task);
    case Kind::U8:
      return run_stored<uint8_t>(task);
    case Kind::I16:
      return run_stored<int16_t>(task);
    case Kind::U16:
      return run_stored<uint16_t>(task);
    case Kind::I32:
      return run_stored<int32_t>(task);
    case Kind::U32:
      return run_stored<uint32_t>(task);
    case Kind::I64:
      return run_stored<int64_t>(task);
    case Kind::U64:
      return run_stored<uint64_t>(task);
    case Kind::F32:
      return run_stored<float>(task);
    case Kind::F64:
      return run_stored<double>(task);
    case Kind::F16:
      return run_target<float>(task, [&](const char* place, float& value) {
        value = half_to_float(load<uint16_t>(place, field.big_endian));
        return true;
      });
    case Kind::Logical:
      return run_target<int32_t>(task, [](const char* place, int32_t& value) {
        value = *place == 'T' ? 1 : *place == 'F' ? 0 : static_cast<unsigned char>(*place);
        return *place != '\0';
      });
    case Kind::Boolean:
      return run_stored<uint8_t>(task);
    case Kind::Bytes:
    case Kind::Ucs4:
      return run_categories(task);
    case Kind::Unsupported:
      break;
  }
  return false;
}

}  // namespace acie::io
