#include <png.h>

#include <cmath>
#include <csetjmp>

#include "runtime/image/Png.h"
#include "runtime/status/Errors.h"

namespace acie::image {
namespace {

struct Writing {
  std::string out, problem;
  std::vector<png_byte> row;
  png_structp png = nullptr;
  png_infop info = nullptr;

  ~Writing() { png_destroy_write_struct(&png, &info); }
};

void put(png_structp png, png_bytep bytes, size_t size) { static_cast<Writing*>(png_get_io_ptr(png))->out.append(reinterpret_cast<const char*>(bytes), size); }
void flush(png_structp) {}

[[noreturn]] void fail(png_structp png, png_const_charp message) {
  static_cast<Writing*>(png_get_error_ptr(png))->problem = message;
  std::longjmp(png_jmpbuf(png), 1);
}

void ignore(png_structp, png_const_charp) {}

void write(Writing& writing, size_t height, size_t width, size_t channels, const double* samples) {
  png_structp png = writing.png;
  png_set_write_fn(png, &writing, put, flush);
  png_set_IHDR(png, writing.info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), 16, channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, writing.info);
  writing.row.resize(width * channels * 2);
  for (size_t row = 0; row < height; ++row) {
    for (size_t i = 0; i < width * channels; ++i) {
      const auto sample = static_cast<uint32_t>(std::lround(65535 * samples[row * width * channels + i]));
      writing.row[2 * i] = static_cast<png_byte>(sample >> 8);
      writing.row[2 * i + 1] = static_cast<png_byte>(sample & 255);
    }
    png_write_row(png, writing.row.data());
  }
  png_write_end(png, nullptr);
}

}  // namespace

absl::StatusOr<std::string> encode_png(std::span<const int64_t> shape, std::span<const double> samples) {
  const bool colour = shape.size() == 3 && shape[2] == 3;
  if ((shape.size() != 2 && !colour) || shape[0] < 1 || shape[1] < 1 || shape[0] > 1 << 20 || shape[1] > 1 << 20)
    return bad_data_error("a picture has shape [height, width], or [height, width, 3] in colour");
  for (size_t i = 0; i < samples.size(); ++i)
    if (!(samples[i] >= 0 && samples[i] <= 1)) return bad_data_error("element " + std::to_string(i) + " is " + std::to_string(samples[i]) + ": the samples of a picture are in 0..1");
  const auto height = static_cast<size_t>(shape[0]), width = static_cast<size_t>(shape[1]);
  const size_t channels = colour ? 3 : 1;
  if (samples.size() != height * width * channels) return bad_data_error("a picture has a sample for each place");
  Writing writing;
  writing.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writing, fail, ignore);
  if (writing.png != nullptr) writing.info = png_create_info_struct(writing.png);
  if (writing.info == nullptr) return run_error("libpng cannot be used");
  if (setjmp(png_jmpbuf(writing.png)) != 0) return run_error("the picture cannot be written: " + writing.problem);
  write(writing, height, width, channels, samples.data());
  return std::move(writing.out);
}

}  // namespace acie::image
