// Test vectors are written in hexadecimal.
#pragma once

#include <string>
#include <string_view>

namespace acie::secure::testing {

/// The bytes of an even number of hexadecimal digits; spaces are passed over.
inline std::string from_hex(std::string_view hex) {
  std::string bytes, digits;
  for (const char c : hex)
    if (c != ' ') digits += c;
  for (size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

inline std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

}  // namespace acie::secure::testing
