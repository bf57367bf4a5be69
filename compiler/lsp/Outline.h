// Where the top-level declarations of a text lie, found without parsing: also in texts that do not parse.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace acie::lsp {

struct OutlineItem {
  uint32_t begin = 0;      // of the line on which it begins, its doc comment included
  uint32_t end = 0;        // where the next one begins
  bool complete = true;    // its brackets pair
};

/// Declarations begin on lines that start, without a blank, with a keyword of declarations or a doc comment. A bracket that
/// is never closed ends with the declaration: one broken declaration does not swallow the others.
std::vector<OutlineItem> outline(std::string_view text);

}  // namespace acie::lsp
