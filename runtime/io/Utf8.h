// Between UTF-8 and UCS-4, as .npy stores text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace acie::io {

/// Appends a code point; one that does not exist becomes U+FFFD.
void append_utf8(uint32_t code_point, std::string& text);

/// Code points as 4-byte little-endian words; bytes that are not UTF-8 become U+FFFD.
std::string utf8_to_ucs4(std::string_view text);

}  // namespace acie::io
