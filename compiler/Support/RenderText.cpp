// The terminal's form of a diagnostic:
//
//   error[A0301]: `log_mas` is not a variable of `Galaxy`
//     --> galaxy.acie:12:11
//      |
//   12 |     given log_mas, metal
//      |           ^^^^^^^ did you mean `log_mass`?
//
// Labels of the same file are drawn under their lines, in the order of the lines; labels elsewhere follow with their own
// place.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/Support/Diagnostic.h"

namespace acie {
namespace {

std::string view(std::string_view text) { return std::string(text); }

/// Colours of the terminal, or nothing.
struct Paint {
  bool on;
  std::string operator()(const char* escape, std::string text) const {
    return on ? absl::StrCat("\033[", escape, "m", text, "\033[0m") : text;
  }
};

constexpr int kTab = 4;
constexpr int kWindow = 160;  // cells of a line that are shown

/// Cells that a code point takes on a terminal: 0 for combining marks and joiners, 2 for wide ones.
int cells(char32_t c) {
  const auto in = [c](char32_t low, char32_t high) { return c >= low && c <= high; };
  if (in(0x300, 0x36F) || in(0x200B, 0x200D) || in(0x20D0, 0x20FF) || in(0xFE00, 0xFE0F)) return 0;
  if (in(0x1100, 0x115F) || in(0x2E80, 0xA4CF) || in(0xAC00, 0xD7A3) || in(0xF900, 0xFAFF) || in(0xFE30, 0xFE6F) ||
      in(0xFF00, 0xFF60) || in(0xFFE0, 0xFFE6) || in(0x1F300, 0x1FAFF) || in(0x20000, 0x3FFFD)) {
    return 2;
  }
  return 1;
}

/// What could command the terminal or turn the direction of the text around it.
bool hidden(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/// A line as it is printed.
struct Printed {
  struct Glyph {
    std::string text;
    int cell;
    int width;
  };
  std::vector<Glyph> glyphs;
  std::vector<int> cell;  // at which each byte begins, and the end
  int width = 0;
};

Printed printed(std::string_view line) {
  Printed out;
  for (size_t i = 0; i < line.size();) {
    const auto lead = static_cast<unsigned char>(line[i]);
    size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    length = std::min(length, line.size() - i);
    std::string_view bytes = line.substr(i, length);
    char32_t c = lead;
    if (find_invalid_utf8(bytes) != std::string_view::npos) {
      bytes = line.substr(i, 1);
      c = 0;
    } else if (length > 1) {
      c = lead & (0x7F >> length);
      for (size_t k = 1; k < length; ++k) c = (c << 6) | (static_cast<unsigned char>(bytes[k]) & 0x3F);
    }
    const bool tab = lead == '\t';
    const std::string shown = tab ? std::string(kTab, ' ') : hidden(c) ? "\uFFFD" : std::string(bytes);
    const int width = tab ? kTab : hidden(c) ? 1 : cells(c);
    for (size_t k = 0; k < bytes.size(); ++k) out.cell.push_back(out.width);
    out.glyphs.push_back({shown, out.width, width});
    out.width += width;
    i += bytes.size();
  }
  out.cell.push_back(out.width);
  return out;
}

/// A text of our own, which may quote the program's.
std::string harmless(std::string_view text) {
  std::string out;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    for (const Printed::Glyph& glyph : printed(text.substr(begin, end - begin)).glyphs) out += glyph.text;
    if (end < text.size()) out += '\n';
    begin = end + 1;
  }
  return out;
}

/// The part of a line that is shown, beginning at cell `begin`; a long line is cut on both sides.
struct Window {
  int begin = 0;
  std::string text;
};

Window window(const Printed& line, int wanted) {
  Window out;
  if (line.width > kWindow) out.begin = std::clamp(wanted - kWindow / 4, 0, line.width - kWindow);
  const int end = out.begin + kWindow;
  for (const Printed::Glyph& glyph : line.glyphs) {
    if (glyph.cell < out.begin || glyph.cell + glyph.width > end) continue;
    const bool cut = (glyph.cell == out.begin && out.begin > 0) || (glyph.cell + 1 == end && end < line.width);
    out.text += cut ? "…" : glyph.text;
  }
  return out;
}

struct Mark {
  Span span;
  std::string text;
  bool primary;
};

class TextRenderer {
 public:
  TextRenderer(const SourceManager& sources, bool colour) : sources_(sources), paint_{colour} {}

  std::string render(const Diagnostic& d) {
    const char* tint = d.severity == Severity::Error ? "1;31" : d.severity == Severity::Warning ? "1;33" : "1;36";
    const char* word = d.severity == Severity::Error ? "error" : d.severity == Severity::Warning ? "warning" : "note";
    std::string out = paint_(tint, absl::StrCat(word, "[", view(code_name(d.code)), "]")) +
                      paint_("1", absl::StrCat(": ", harmless(d.message))) + "\n";
    std::vector<Mark> marks;
    for (const Label& label : d.labels) marks.push_back({label.span, label.text, label.span == d.span});
    if (std::none_of(marks.begin(), marks.end(), [](const Mark& m) { return m.primary; })) {
      marks.insert(marks.begin(), Mark{d.span, "", true});
    }
    std::map<uint32_t, std::vector<Mark>> by_file;
    for (const Mark& mark : marks) by_file[mark.span.file].push_back(mark);

    width_ = 1;
    for (const Mark& mark : marks) {
      width_ = std::max(width_, absl::StrCat(sources_.position(mark.span.file, mark.span.begin).line).size());
    }
    if (d.span.file < sources_.size()) {
      out += excerpt("-->", d.span, by_file[d.span.file], tint);
      for (const auto& [file, others] : by_file) {
        if (file != d.span.file) out += excerpt(":::", others.front().span, others, tint);
      }
    }
    for (const std::string& note : d.notes) out += aside("note", note);
    for (const Fix& fix : d.fixes) out += help(fix);
    return out;
  }

 private:
  std::string gutter(const std::string& number = "") {
    return paint_("1;34", absl::StrCat(std::string(width_ - number.size(), ' '), number, " |"));
  }

  std::string excerpt(const char* arrow, Span place, std::vector<Mark> marks, const char* tint) {
    const Position at = sources_.position(place.file, place.begin);
    std::string out = absl::StrCat(std::string(width_, ' '), paint_("1;34", arrow), " ", sources_.path(place.file), ":",
                                   at.line, ":", at.column, "\n", gutter(), "\n");
    std::map<uint32_t, std::vector<Mark>> by_line;
    for (const Mark& mark : marks) by_line[sources_.position(mark.span.file, mark.span.begin).line].push_back(mark);
    uint32_t last = 0;
    for (auto& [line, on_line] : by_line) {
      if (last != 0 && line > last + 1) out += paint_("1;34", "...") + "\n";
      last = line;
      const Printed text = printed(sources_.line(place.file, line));
      const uint32_t begin = sources_.line_begin(place.file, line);
      const auto cell = [&](uint32_t offset) { return text.cell[std::min<size_t>(offset - begin, text.cell.size() - 1)]; };
      const auto shown_mark = std::find_if(on_line.begin(), on_line.end(), [](const Mark& m) { return m.primary; });
      const Window shown = window(text, cell((shown_mark != on_line.end() ? *shown_mark : on_line.front()).span.begin));
      out += absl::StrCat(gutter(absl::StrCat(line)), " ", shown.text, "\n");
      // Rightmost first, so that each label's text is free to run on.
      std::stable_sort(on_line.begin(), on_line.end(),
                       [](const Mark& a, const Mark& b) { return a.span.begin > b.span.begin; });
      for (const Mark& mark : on_line) {
        const int from = std::clamp(cell(mark.span.begin) - shown.begin, 0, kWindow);
        const int to = std::clamp(cell(std::max(mark.span.end, mark.span.begin)) - shown.begin, 0, kWindow);
        const std::string carets(static_cast<size_t>(std::max(1, to - from)), mark.primary ? '^' : '-');
        const std::string words = mark.text.empty() ? "" : " " + harmless(mark.text);
        out += absl::StrCat(gutter(), " ", std::string(static_cast<size_t>(from), ' '),
                            paint_(mark.primary ? tint : "1;34", carets + words), "\n");
      }
    }
    return out;
  }

  std::string aside(const char* word, const std::string& text) {
    std::string indented;
    for (const char c : harmless(text)) {
      indented += c;
      if (c == '\n') indented += std::string(width_ + 3 + std::string_view(word).size() + 2, ' ');
    }
    return absl::StrCat(std::string(width_, ' '), paint_("1;34", " = "), paint_("1", word), ": ", indented, "\n");
  }

  /// The fix as the line would read with it.
  std::string help(const Fix& fix) {
    if (fix.span.file >= sources_.size()) return aside("help", fix.title);
    const Position at = sources_.position(fix.span.file, fix.span.begin);
    const std::string_view line = sources_.line(fix.span.file, at.line);
    const size_t begin = fix.span.begin - sources_.line_begin(fix.span.file, at.line);
    const size_t end = fix.span.end - sources_.line_begin(fix.span.file, at.line);
    std::string out = aside("help", fix.title);
    if (begin > line.size() || end > line.size()) return out;  // over several lines: the title says enough
    const std::string changed =
        absl::StrCat(view(line.substr(0, begin)), fix.replacement, view(line.substr(end)));
    if (changed.find('\n') != std::string::npos) return out;
    const size_t width = std::max(width_, absl::StrCat(at.line).size());
    return absl::StrCat(out, paint_("1;34", absl::StrCat(std::string(width - absl::StrCat(at.line).size(), ' '), at.line, " |")),
                        " ", paint_("32", window(printed(changed), printed(changed).cell[begin]).text), "\n");
  }

  const SourceManager& sources_;
  Paint paint_;
  size_t width_ = 1;
};

}  // namespace

std::string render_text(const Diagnostic& diagnostic, const SourceManager& sources, bool colour) {
  return TextRenderer(sources, colour).render(diagnostic);
}

}  // namespace acie
