#include "runtime/io/Utf8.h"

namespace acie::io {

void append_utf8(uint32_t code_point, std::string& text) {
  if (code_point >= 0x110000 || (code_point >= 0xD800 && code_point < 0xE000)) code_point = 0xFFFD;
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += static_cast<char>(0xC0 | code_point >> 6);
    tail(0);
  } else if (code_point < 0x10000) {
    text += static_cast<char>(0xE0 | code_point >> 12);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | code_point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string utf8_to_ucs4(std::string_view text) {
  std::string words;
  for (size_t i = 0; i < text.size();) {
    const unsigned char lead = static_cast<unsigned char>(text[i]);
    const int more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : lead >> 3 == 30 ? 3 : -1;
    uint32_t code_point = more <= 0 ? lead : lead & (0x3F >> more);
    bool good = more >= 0 && i + static_cast<size_t>(more) < text.size();
    for (int k = 1; good && k <= more; ++k) {
      const unsigned char next = static_cast<unsigned char>(text[i + static_cast<size_t>(k)]);
      good = next >> 6 == 2;
      code_point = code_point << 6 | (next & 0x3F);
    }
    if (!good) code_point = 0xFFFD;
    i += good ? static_cast<size_t>(more) + 1 : 1;
    for (int shift = 0; shift < 32; shift += 8) words += static_cast<char>(code_point >> shift & 0xFF);
  }
  return words;
}

}  // namespace acie::io
