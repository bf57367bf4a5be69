// What the language's own words mean: keywords, operations of the prelude, and names that stand for no declaration.
#pragma once

#include <string>
#include <string_view>

#include "runtime/units/UnitTable.h"

namespace acie::lsp {

/// How a word is written in use, and what it means.
struct Word {
  std::string_view word;
  std::string_view form;     // "given x, y = 1"
  std::string_view meaning;  // a sentence or two of Markdown
};

/// Null for words that need no explanation.
const Word* word_of(std::string_view word);

/// The unit under `offset` in the token `text`, a number or type with a unit or a unit alone: its size in SI units, as Markdown.
/// Empty where there is none. `begin` and `end` are set to its place in `text`.
std::string unit_text(std::string_view text, uint32_t offset, const units::UnitTable& table, uint32_t& begin, uint32_t& end);

}  // namespace acie::lsp
