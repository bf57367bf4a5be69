#include "compiler/lsp/Text.h"

#include <algorithm>

namespace acie::lsp {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Code units of the character that begins with `lead`.
uint32_t units(char lead, Encoding encoding) {
  const auto byte = static_cast<unsigned char>(lead);
  switch (encoding) {
    case Encoding::Utf8: return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    case Encoding::Utf16: return byte < 0xF0 ? 1 : 2;  // four bytes of UTF-8 are a pair of UTF-16
    case Encoding::Utf32: return 1;
  }
  return 1;
}

}  // namespace

Text::Text(std::string text) : text_(std::move(text)) { find_lines(); }

void Text::find_lines() {
  lines_.assign(1, 0);
  for (size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n' || (text_[i] == '\r' && (i + 1 == text_.size() || text_[i + 1] != '\n'))) {
      lines_.push_back(static_cast<uint32_t>(i + 1));
    }
  }
}

uint32_t Text::line_of(uint32_t offset) const {
  return static_cast<uint32_t>(std::upper_bound(lines_.begin(), lines_.end(), offset) - lines_.begin() - 1);
}

uint32_t Text::line_end(uint32_t line) const {
  uint32_t end = line + 1 < lines_.size() ? lines_[line + 1] : size();
  while (end > lines_[line] && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
  return end;
}

TextPosition Text::position(uint32_t offset, Encoding encoding) const {
  offset = std::min(offset, size());
  const uint32_t line = line_of(offset);
  offset = std::min(offset, line_end(line));
  uint32_t character = 0;
  if (encoding == Encoding::Utf8) return {line, offset - lines_[line]};
  for (uint32_t i = lines_[line]; i < offset; ++i) {
    if (!continues(text_[i])) character += units(text_[i], encoding);
  }
  return {line, character};
}

std::optional<uint32_t> Text::offset(TextPosition position, Encoding encoding) const {
  if (position.line == lines_.size()) return size();
  if (position.line > lines_.size()) return std::nullopt;
  const uint32_t end = line_end(position.line);
  uint32_t at = lines_[position.line], counted = 0;
  while (at < end) {
    counted += units(text_[at], encoding);
    if (counted > position.character) break;
    ++at;
    while (at < end && continues(text_[at])) ++at;
  }
  return at;
}

void Text::replace(uint32_t begin, uint32_t end, std::string_view replacement) {
  text_.replace(begin, end - begin, replacement);
  find_lines();
}

}  // namespace acie::lsp
