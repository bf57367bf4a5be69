// The source files of one compilation: text, and the way from byte offsets to lines and columns.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/Support/Span.h"

namespace acie {

/// A place as people and editors name it; both count from 1. Columns count code points.
struct Position {
  uint32_t line = 1;
  uint32_t column = 1;
};

class SourceManager {
 public:
  /// Larger files are refused by the parser (A0003).
  static constexpr size_t kMaximumBytes = 10 * 1000 * 1000;

  /// Reads `path` and returns the file's number; of a file that is too large only as much as shows that it is. NotFound
  /// and other I/O errors name the path.
  absl::StatusOr<uint32_t> load(const std::string& path);
  /// From now on load(path) gives this text, not the file's: an editor's, that is not saved yet.
  void overlay(std::string path, std::string text) { overlays_[std::move(path)] = std::move(text); }
  /// Adds text that is already in memory, under the name diagnostics show.
  uint32_t add(std::string path, std::string text);

  size_t size() const { return files_.size(); }
  const std::string& path(uint32_t file) const { return files_[file].path; }
  std::string_view text(uint32_t file) const { return files_[file].text; }
  std::string_view text(Span span) const;

  Position position(uint32_t file, uint32_t offset) const;
  /// Code units of UTF-16 before `offset` on its line, from 0: what the language server protocol counts.
  uint32_t utf16_column(uint32_t file, uint32_t offset) const;
  /// The text of line `line` (from 1), without its line end.
  std::string_view line(uint32_t file, uint32_t line) const;
  uint32_t line_begin(uint32_t file, uint32_t line) const;

 private:
  struct File {
    std::string path;
    std::string text;
    std::vector<uint32_t> lines;        // offset of each line's first byte
    std::vector<uint32_t> code_points;  // before every kBlock-th byte, so that long lines cost nothing
  };
  static constexpr size_t kBlock = 4096;
  static size_t code_points_before(const File& file, uint32_t offset);

  std::deque<File> files_;
  std::map<std::string, std::string> overlays_;
};

/// Offset of the first byte that is not valid UTF-8 (overlong forms, surrogates and values over U+10FFFF are not), or
/// npos.
size_t find_invalid_utf8(std::string_view text);

/// Number of code points in valid UTF-8.
size_t count_code_points(std::string_view text);

}  // namespace acie
