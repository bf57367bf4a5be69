// Hostile files as values of a program: the first byte chooses the format, the second a part of the file.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime/io/FileValue.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace acie::io;
  if (size < 2) return 0;
  constexpr FileFormat kFormats[] = {FileFormat::Csv, FileFormat::Fits, FileFormat::Json, FileFormat::Npy};
  constexpr std::string_view kParts[] = {"", "0", "1", "CURVE"};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto value = parse_file_value(kFormats[data[0] % 4], bytes, "fuzz", kParts[data[1] % 4]);
  if (!value.ok()) return 0;
  if (value->parts.empty()) std::abort();
  for (const FileArray& part : value->parts) {
    int64_t count = 1;
    for (int64_t extent : part.shape) count *= extent;
    const auto held = static_cast<int64_t>(part.reals.size() + part.integers.size());
    if (count != held || count > kConstantLimits.elements || (!part.reals.empty() && !part.integers.empty())) std::abort();
  }
  return 0;
}
