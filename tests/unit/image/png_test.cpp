// PNG pictures as arrays: every kind of gray and RGB, what is refused, damage, and back.
#include <gtest/gtest.h>
#include <png.h>

#include <random>

#include "runtime/image/Png.h"
#include "runtime/status/Errors.h"

namespace acie::image {
namespace {

struct Kind {
  int colour = PNG_COLOR_TYPE_GRAY, depth = 8, channels = 1;
  int interlace = PNG_INTERLACE_NONE;
};

/// A file of libpng: `rows` have samples packed as PNG says.
std::string file_of(const Kind& kind, uint32_t width, std::vector<std::vector<png_byte>> rows) {
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &out, [](png_structp p, png_bytep bytes, size_t size) { static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char*>(bytes), size); },
                   [](png_structp) {});
  png_set_IHDR(png, info, width, static_cast<png_uint_32>(rows.size()), kind.depth, kind.colour, kind.interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  const png_color palette[2] = {{0, 0, 0}, {255, 255, 255}};
  if (kind.colour == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette, 2);
  std::vector<png_bytep> pointers;
  for (auto& row : rows) pointers.push_back(row.data());
  png_set_rows(png, info, pointers.data());
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

void expect_bad(const std::string& file, const std::string& text) {
  const auto picture = parse_png(file, "sky.png");
  ASSERT_FALSE(picture.ok());
  EXPECT_EQ(failure_of(picture.status()), Failure::BadData);
  EXPECT_NE(message_of(picture.status()).find("sky.png"), std::string::npos);
  EXPECT_NE(message_of(picture.status()).find(text), std::string::npos) << picture.status();
}

TEST(Png, GrayOfAllDepths) {
  const auto eight = parse_png(file_of({}, 3, {{0, 128, 255}, {1, 2, 3}}), "sky.png");
  ASSERT_TRUE(eight.ok()) << eight.status();
  EXPECT_EQ(eight->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(eight->samples, (std::vector<double>{0, 128 / 255.0, 1, 1 / 255.0, 2 / 255.0, 3 / 255.0}));
  const auto sixteen = parse_png(file_of({.depth = 16}, 2, {{0, 1, 255, 255}}), "sky.png");
  ASSERT_TRUE(sixteen.ok()) << sixteen.status();
  EXPECT_EQ(sixteen->samples, (std::vector<double>{1 / 65535.0, 1}));
  const auto four = parse_png(file_of({.depth = 4}, 2, {{0x1F}}), "sky.png");
  ASSERT_TRUE(four.ok()) << four.status();
  EXPECT_EQ(four->samples, (std::vector<double>{1 / 15.0, 1}));
  const auto one = parse_png(file_of({.depth = 1}, 3, {{0xA0}}), "sky.png");
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(one->samples, (std::vector<double>{1, 0, 1}));
}

TEST(Png, ColourIsAnAxisAndInterlacingChangesNothing) {
  const auto colour = parse_png(file_of({.colour = PNG_COLOR_TYPE_RGB, .channels = 3}, 2, {{255, 0, 51, 0, 255, 102}}), "sky.png");
  ASSERT_TRUE(colour.ok()) << colour.status();
  EXPECT_EQ(colour->shape, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(colour->samples, (std::vector<double>{1, 0, 0.2, 0, 1, 0.4}));
  std::vector<std::vector<png_byte>> rows(9, std::vector<png_byte>(7));
  for (size_t y = 0; y < 9; ++y)
    for (size_t x = 0; x < 7; ++x) rows[y][x] = static_cast<png_byte>(20 * y + x);
  const auto plain = parse_png(file_of({}, 7, rows), "sky.png"), adam7 = parse_png(file_of({.interlace = PNG_INTERLACE_ADAM7}, 7, rows), "sky.png");
  ASSERT_TRUE(plain.ok() && adam7.ok());
  EXPECT_EQ(plain->samples, adam7->samples);
}

TEST(Png, PalettesAndTransparencyAreRefused) {
  expect_bad(file_of({.colour = PNG_COLOR_TYPE_PALETTE}, 2, {{0, 1}}), "palette");
  expect_bad(file_of({.colour = PNG_COLOR_TYPE_GRAY_ALPHA, .channels = 2}, 1, {{9, 255}}), "transparency");
  expect_bad(file_of({.colour = PNG_COLOR_TYPE_RGBA, .channels = 4}, 1, {{9, 9, 9, 255}}), "transparency");
  expect_bad("SIMPLE  = T", "no PNG");
  expect_bad("", "no PNG");
}

TEST(Png, DamageIsFound) {
  const std::string file = file_of({}, 16, std::vector<std::vector<png_byte>>(16, std::vector<png_byte>(16, 77)));
  for (size_t size = 0; size < file.size() - 12; ++size) EXPECT_FALSE(parse_png(file.substr(0, size), "sky.png").ok()) << size;
  for (size_t at = 0; at + 12 < file.size(); ++at) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 8);
    EXPECT_FALSE(parse_png(damaged, "sky.png").ok()) << at;
  }
}

TEST(Png, SizesAreHeldAgainstTheFileBeforeMemoryIsTaken) {
  // A header of 16000 × 16000 with the right checksum, and next to nothing after it.
  std::string head("\x00\x00\x00\x0DIHDR\x00\x00\x3E\x80\x00\x00\x3E\x80\x08\x00\x00\x00\x00", 21);
  uint32_t crc = 0xFFFFFFFF;
  for (size_t i = 4; i < head.size(); ++i) {
    crc ^= static_cast<unsigned char>(head[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
  }
  crc = ~crc;
  for (int shift = 24; shift >= 0; shift -= 8) head += static_cast<char>(crc >> shift);
  expect_bad("\x89PNG\r\n\x1A\n" + head + std::string("\x00\x00\x00\x00IDAT\x35\xAF\x06\x1E", 12), "too short");
}

TEST(Png, WhatIsWrittenReadsBack) {
  std::mt19937 random(1);
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{5, 4}, std::vector<int64_t>{2, 3, 3}}) {
    std::vector<double> samples(shape.size() == 2 ? 20 : 18);
    for (double& x : samples) x = (random() % 65536) / 65535.0;
    samples[0] = 37 / 255.0;  // of 8 bits
    const auto file = encode_png(shape, samples);
    ASSERT_TRUE(file.ok()) << file.status();
    const auto picture = parse_png(*file, "sky.png");
    ASSERT_TRUE(picture.ok()) << picture.status();
    EXPECT_EQ(picture->shape, shape);
    EXPECT_EQ(picture->samples, samples);
  }
}

TEST(Png, WhatIsNoPictureIsNotWritten) {
  const std::vector<double> samples = {0, 0.5, 1, 1.5};
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{4}, std::vector<int64_t>{2, 2, 4}, std::vector<int64_t>{2, 2}, std::vector<int64_t>{3, 3}})
    EXPECT_EQ(failure_of(encode_png(shape, samples).status()), Failure::BadData);
  const double nan[] = {std::nan("")};
  EXPECT_EQ(failure_of(encode_png(std::vector<int64_t>{1, 1}, nan).status()), Failure::BadData);
}

}  // namespace
}  // namespace acie::image
