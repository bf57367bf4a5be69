// A text as the protocol sees it: lines that end in \n, \r\n or \r, and columns in the code units that client and server
// agreed on. Offsets are bytes of UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace acie::lsp {

/// What a column counts.
enum class Encoding : uint8_t { Utf8, Utf16, Utf32 };

/// A place as the protocol has it; both count from 0.
struct TextPosition {
  uint32_t line = 0;
  uint32_t character = 0;

  bool operator==(const TextPosition&) const = default;
};

class Text {
 public:
  explicit Text(std::string text);

  const std::string& str() const { return text_; }
  uint32_t size() const { return static_cast<uint32_t>(text_.size()); }
  uint32_t line_count() const { return static_cast<uint32_t>(lines_.size()); }

  TextPosition position(uint32_t offset, Encoding encoding) const;
  /// The byte at a position: a column beyond the line's end means its end, one inside a character its beginning, as the
  /// protocol says. nullopt on a line that the text does not have (the one after the last means the end of the text).
  std::optional<uint32_t> offset(TextPosition position, Encoding encoding) const;
  uint32_t line_begin(uint32_t line) const { return lines_[line]; }
  /// Where the line's text ends, before its line end.
  uint32_t line_end(uint32_t line) const;
  uint32_t line_of(uint32_t offset) const;

  void replace(uint32_t begin, uint32_t end, std::string_view replacement);

 private:
  void find_lines();

  std::string text_;
  std::vector<uint32_t> lines_;  // where each begins
};

}  // namespace acie::lsp
