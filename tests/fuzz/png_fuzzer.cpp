// Hostile pictures. What is read has as many samples as its shape says, each in 0..1, and reads back alike when written again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime/image/Png.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace acie::image;
  const auto picture = parse_png({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!picture.ok()) return 0;
  int64_t count = 1;
  for (const int64_t extent : picture->shape) count *= extent;
  if (count != static_cast<int64_t>(picture->samples.size())) std::abort();
  if (count > 65536) return 0;
  const auto written = encode_png(picture->shape, picture->samples);
  if (!written.ok()) std::abort();
  const auto again = parse_png(*written, "fuzz");
  if (!again.ok() || again->shape != picture->shape || again->samples != picture->samples) std::abort();
  return 0;
}
