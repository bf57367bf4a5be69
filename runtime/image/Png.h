// PNG pictures (ISO/IEC 15948) as arrays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace acie::image {

/// Pictures of more samples are refused.
inline constexpr int64_t kMaxSamples = int64_t{1} << 28;

/// Rows from the top, each from the left: [height, width] of gray, [height, width, 3] of red, green and blue.
struct Picture {
  std::vector<int64_t> shape;
  /// Each a fraction of the largest that the file's samples can be: 0 is black, 1 white. Exact where it is stored again with as many
  /// bits. Neither gamma nor colour profiles are applied: the numbers are those in the file.
  std::vector<double> samples;
};

/// Gray of 1 to 16 bits and RGB of 8 or 16, interlaced or not. Errors (BadData) name the file `name`: no PNG, damaged, palettes,
/// transparency, too large.
absl::StatusOr<Picture> parse_png(std::string_view bytes, const std::string& name);

/// A picture of 16 bits a sample, each x as round(65535 x): what was read from 8 or 16 bits reads back as the same numbers.
/// `shape` as Picture::shape. Errors (BadData): another shape, a sample that is not in 0..1.
absl::StatusOr<std::string> encode_png(std::span<const int64_t> shape, std::span<const double> samples);

}  // namespace acie::image
