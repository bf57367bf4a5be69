#include <png.h>

#include <csetjmp>
#include <cstring>

#include "runtime/image/Png.h"
#include "runtime/status/Errors.h"

namespace acie::image {
namespace {

constexpr size_t kSignature = 8;
constexpr png_uint_32 kMaxSide = 1u << 20;
constexpr png_alloc_size_t kMaxChunk = 1u << 23;
/// Deflate makes at most 1032 bytes of one; the rest is for headers of tiny files.
constexpr uint64_t kMostInflation = 1032, kSlack = 4096;

/// What reading needs and what it makes; outlives every longjmp.
struct Reading {
  std::string_view bytes;
  size_t at = 0;
  std::string problem;
  Picture picture;
  std::vector<png_byte> raw;
  std::vector<png_bytep> rows;
  png_structp png = nullptr;
  png_infop info = nullptr;

  ~Reading() { png_destroy_read_struct(&png, &info, nullptr); }
};

void take(png_structp png, png_bytep out, size_t size) {
  auto& reading = *static_cast<Reading*>(png_get_io_ptr(png));
  if (size > reading.bytes.size() - reading.at) png_error(png, "it ends early");
  std::memcpy(out, reading.bytes.data() + reading.at, size);
  reading.at += size;
}

[[noreturn]] void fail(png_structp png, png_const_charp message) {
  auto& reading = *static_cast<Reading*>(png_get_error_ptr(png));
  if (reading.problem.empty()) reading.problem = message;
  std::longjmp(png_jmpbuf(png), 1);
}

void ignore(png_structp, png_const_charp) {}

/// Size and kind of the picture, before memory is taken for it.
void check_header(Reading& reading) {
  png_structp png = reading.png;
  const int colour = png_get_color_type(png, reading.info);
  if (colour == PNG_COLOR_TYPE_PALETTE) fail(png, "it has a palette; save it as gray or RGB");
  if ((colour & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, reading.info, PNG_INFO_tRNS) != 0) fail(png, "it has transparency; save it without");
  const uint64_t samples = uint64_t{png_get_image_width(png, reading.info)} * png_get_image_height(png, reading.info) * png_get_channels(png, reading.info);
  if (samples > static_cast<uint64_t>(kMaxSamples)) fail(png, "it has more than 2^28 samples");
  if (samples * png_get_bit_depth(png, reading.info) / 8 > reading.bytes.size() * kMostInflation + kSlack) fail(png, "it is too short for its size");
}

void read(Reading& reading) {
  png_structp png = reading.png;
  png_set_user_limits(png, kMaxSide, kMaxSide);
  png_set_chunk_malloc_max(png, kMaxChunk);
  png_set_read_fn(png, &reading, take);
  png_read_info(png, reading.info);
  check_header(reading);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, reading.info);
  const size_t height = png_get_image_height(png, reading.info), width = png_get_image_width(png, reading.info);
  const size_t channels = png_get_channels(png, reading.info), bytes = png_get_bit_depth(png, reading.info) / 8, line = png_get_rowbytes(png, reading.info);
  if (line != width * channels * bytes || (channels != 1 && channels != 3)) fail(png, "its rows are not what its header says");
  reading.raw.resize(height * line);
  for (size_t row = 0; row < height; ++row) reading.rows.push_back(reading.raw.data() + row * line);
  png_read_image(png, reading.rows.data());
  png_read_end(png, nullptr);

  reading.picture.shape = {static_cast<int64_t>(height), static_cast<int64_t>(width)};
  if (channels == 3) reading.picture.shape.push_back(3);
  reading.picture.samples.resize(height * width * channels);
  for (size_t i = 0; i < reading.picture.samples.size(); ++i) {
    const png_byte* sample = reading.raw.data() + i * bytes;
    reading.picture.samples[i] = bytes == 2 ? (256 * sample[0] + sample[1]) / 65535.0 : sample[0] / 255.0;
  }
}

}  // namespace

absl::StatusOr<Picture> parse_png(std::string_view bytes, const std::string& name) {
  if (bytes.size() < kSignature || png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, kSignature) != 0) return bad_data_error(name + " is no PNG picture");
  Reading reading;
  reading.bytes = bytes;
  reading.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, fail, ignore);
  if (reading.png != nullptr) reading.info = png_create_info_struct(reading.png);
  if (reading.info == nullptr) return run_error("libpng cannot be used");
  if (setjmp(png_jmpbuf(reading.png)) != 0) return bad_data_error(name + " cannot be read as a picture: " + reading.problem);
  read(reading);
  return std::move(reading.picture);
}

}  // namespace acie::image
