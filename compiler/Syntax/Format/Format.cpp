#include "compiler/Syntax/Format/Format.h"

#include "compiler/Syntax/Format/Atoms.h"
#include "compiler/Syntax/Format/Layout.h"

namespace acie::syntax {
namespace {

/// The line end of the file: that of its first line.
std::string_view line_end(std::string_view text) {
  const size_t at = text.find('\n');
  return at != std::string_view::npos && at > 0 && text[at - 1] == '\r' ? "\r\n" : "\n";
}

std::string with_line_ends(std::string_view blank, std::string_view end) {
  std::string out;
  for (const char c : blank) {
    if (c == '\n') out += end;
    else out += c;
  }
  return out;
}

/// Edits from one gap between atoms that are written to the next. A gap belongs to the line on which the atom after it
/// begins; `wanted` says which lines count.
template <class Wanted>
std::vector<Edit> edits(std::string_view text, uint32_t file, const std::vector<Atom>& atoms, const Wanted& wanted) {
  const std::vector<Placed> layout = lay_out(text, atoms);
  const std::string_view end = line_end(text);
  std::vector<Edit> result;
  uint32_t from = text.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
  const auto gap = [&](uint32_t to, std::string_view blank) {
    std::string replacement = with_line_ends(blank, end);
    if (text.substr(from, to - from) != replacement && wanted(to)) result.push_back({{file, from, to}, std::move(replacement)});
  };
  for (size_t i = 0; i < atoms.size(); ++i) {
    if (!layout[i].written) continue;
    gap(atoms[i].begin, layout[i].before);
    from = atoms[i].end;
  }
  gap(static_cast<uint32_t>(text.size()), atoms.empty() ? "" : "\n");
  return result;
}

}  // namespace

std::optional<std::vector<Edit>> format(const SourceManager& sources, uint32_t file, DiagnosticEngine& diagnostics) {
  const auto atoms = atoms_of(sources, file, diagnostics);
  if (!atoms) return std::nullopt;
  return edits(sources.text(file), file, *atoms, [](uint32_t) { return true; });
}

std::optional<std::vector<Edit>> format_lines(const SourceManager& sources, uint32_t file, uint32_t first, uint32_t last,
                                              DiagnosticEngine& diagnostics) {
  const auto atoms = atoms_of(sources, file, diagnostics);
  if (!atoms) return std::nullopt;
  return edits(sources.text(file), file, *atoms, [&](uint32_t offset) {
    const uint32_t line = sources.position(file, offset).line;
    return first <= line && line <= last;
  });
}

std::string apply_edits(std::string_view text, const std::vector<Edit>& edits) {
  std::string out;
  size_t from = 0;
  for (const Edit& edit : edits) {
    out += text.substr(from, edit.span.begin - from);
    out += edit.replacement;
    from = edit.span.end;
  }
  out += text.substr(from);
  return out;
}

}  // namespace acie::syntax
