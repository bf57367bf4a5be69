// The formatter: canonical white space for programs without syntax errors. It moves white space, comments stay between the
// tokens they stand between, and of the tokens only a `;` that a line end makes needless goes: the tree of the result is
// the tree of the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"
#include "compiler/Support/Span.h"

namespace acie::syntax {

/// Lines are broken where they would pass this column, if the language lets them go on; comments are never broken.
inline constexpr uint32_t kFormatColumns = 100;

/// Puts `replacement` in the place of the text of `span`.
struct Edit {
  Span span;
  std::string replacement;

  bool operator==(const Edit&) const = default;
};

/// The edits that bring a loaded file into canonical form, in the order of the text, none touching another; none where it
/// is in that form. Each may be applied without the others. After errors, which are reported, nothing is to be changed.
std::optional<std::vector<Edit>> format(const SourceManager& sources, uint32_t file, DiagnosticEngine& diagnostics);

/// The same for what begins on the lines `first` to `last` (from 1, both included): what a selection in an editor needs.
std::optional<std::vector<Edit>> format_lines(const SourceManager& sources, uint32_t file, uint32_t first, uint32_t last,
                                              DiagnosticEngine& diagnostics);

/// `text` after `edits`, as format() returned them for it.
std::string apply_edits(std::string_view text, const std::vector<Edit>& edits);

}  // namespace acie::syntax
