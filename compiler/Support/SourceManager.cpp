#include "compiler/Support/SourceManager.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace acie {

absl::StatusOr<uint32_t> SourceManager::load(const std::string& path) {
  if (const auto overlay = overlays_.find(path); overlay != overlays_.end()) return add(path, overlay->second);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
  std::string text;
  char block[1 << 16];
  while (text.size() <= kMaximumBytes && (in.read(block, sizeof block), in.gcount() > 0)) {
    text.append(block, static_cast<size_t>(in.gcount()));
  }
  if (in.bad() || errno == EISDIR) return absl::UnavailableError(absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
  return add(path, std::move(text));
}

uint32_t SourceManager::add(std::string path, std::string text) {
  File file{std::move(path), std::move(text), {0}, {}};
  uint32_t count = 0;
  for (size_t i = 0; i < file.text.size(); ++i) {
    if (i % kBlock == 0) file.code_points.push_back(count);
    if (file.text[i] == '\n') file.lines.push_back(static_cast<uint32_t>(i + 1));
    count += (static_cast<unsigned char>(file.text[i]) & 0xC0) != 0x80;
  }
  files_.push_back(std::move(file));
  return static_cast<uint32_t>(files_.size() - 1);
}

size_t SourceManager::code_points_before(const File& file, uint32_t offset) {
  if (file.code_points.empty()) return 0;
  const size_t block = std::min<size_t>(offset / kBlock, file.code_points.size() - 1);
  return file.code_points[block] + count_code_points(std::string_view(file.text).substr(block * kBlock, offset - block * kBlock));
}

std::string_view SourceManager::text(Span span) const {
  return text(span.file).substr(span.begin, span.end - span.begin);
}

Position SourceManager::position(uint32_t file, uint32_t offset) const {
  const File& f = files_[file];
  offset = std::min<uint32_t>(offset, static_cast<uint32_t>(f.text.size()));
  const auto next = std::upper_bound(f.lines.begin(), f.lines.end(), offset);
  const uint32_t begin = *(next - 1);
  const size_t column = code_points_before(f, offset) - code_points_before(f, begin);
  return {static_cast<uint32_t>(next - f.lines.begin()), static_cast<uint32_t>(column + 1)};
}

uint32_t SourceManager::utf16_column(uint32_t file, uint32_t offset) const {
  const std::string_view before = text({file, line_begin(file, position(file, offset).line), offset});
  // A code point of four bytes in UTF-8 is a pair in UTF-16.
  const auto pairs = std::count_if(before.begin(), before.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xF0; });
  return static_cast<uint32_t>(count_code_points(before) + static_cast<size_t>(pairs));
}

std::string_view SourceManager::line(uint32_t file, uint32_t line) const {
  const File& f = files_[file];
  const size_t begin = f.lines[line - 1];
  size_t end = line < f.lines.size() ? f.lines[line] - 1 : f.text.size();
  if (end > begin && f.text[end - 1] == '\r') --end;
  return std::string_view(f.text).substr(begin, end - begin);
}

uint32_t SourceManager::line_begin(uint32_t file, uint32_t line) const { return files_[file].lines[line - 1]; }

size_t find_invalid_utf8(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  size_t i = 0;
  while (i < text.size()) {
    const unsigned lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const int length = lead >= 0xC2 && lead <= 0xDF ? 2 : (lead & 0xF0) == 0xE0 ? 3 : lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
    if (length == 0) return i;
    for (int k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return i;
    }
    const unsigned second = byte(i + 1);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second >= 0xA0;
    const bool beyond = lead == 0xF4 && second >= 0x90;
    if (overlong || surrogate || beyond) return i;
    i += length;
  }
  return std::string_view::npos;
}

size_t count_code_points(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

}  // namespace acie
