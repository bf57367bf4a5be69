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

/// Cells that a code point takes on a terminal: 0 for combining marks and joiners, 2 for wide ones.
int cells(char32_t c) {
  const auto in = [c](char32_t low, char32_t high) { return c >= low && c <= high; };
  if (in(0x300, 0x36F) || in(0x200B, 0x200F) || in(0x20D0, 0x20FF) || in(0xFE00, 0xFE0F)) return 0;
  if (in(0x1100, 0x115F) || in(0x2E80, 0xA4CF) || in(0xAC00, 0xD7A3) || in(0xF900, 0xFAFF) || in(0xFE30, 0xFE6F) ||
      in(0xFF00, 0xFF60) || in(0xFFE0, 0xFFE6) || in(0x1F300, 0x1FAFF) || in(0x20000, 0x3FFFD)) {
    return 2;
  }
  return 1;
}

/// Terminal cells before byte `offset` of `line`; tabs count as four (they are printed as four spaces). Bytes that are
/// not UTF-8 count one each.
int cells_before(std::string_view line, size_t offset) {
  int count = 0;
  for (size_t i = 0; i < std::min(offset, line.size());) {
    const auto lead = static_cast<unsigned char>(line[i]);
    const int length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    char32_t c = length == 1 ? lead : lead & (0x7F >> length);
    for (int k = 1; k < length && i + k < line.size(); ++k) c = (c << 6) | (static_cast<unsigned char>(line[i + k]) & 0x3F);
    count += lead == '\t' ? 4 : cells(c);
    i += length;
  }
  return count;
}

std::string printable(std::string_view line) {
  std::string out;
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\t') out += "    ";
    else if (byte < 0x20 || byte == 0x7F) out += '?';
    else out += c;
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
                      paint_("1", absl::StrCat(": ", d.message)) + "\n";
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
      const std::string_view text = sources_.line(place.file, line);
      out += absl::StrCat(gutter(absl::StrCat(line)), " ", printable(text), "\n");
      // Rightmost first, so that each label's text is free to run on.
      std::stable_sort(on_line.begin(), on_line.end(),
                       [](const Mark& a, const Mark& b) { return a.span.begin > b.span.begin; });
      for (const Mark& mark : on_line) {
        const uint32_t begin = sources_.line_begin(place.file, line);
        const int from = cells_before(text, mark.span.begin - begin);
        const int to = cells_before(text, std::max(mark.span.end, mark.span.begin) - begin);
        const std::string carets(static_cast<size_t>(std::max(1, to - from)), mark.primary ? '^' : '-');
        const std::string words = mark.text.empty() ? "" : " " + mark.text;
        out += absl::StrCat(gutter(), " ", std::string(static_cast<size_t>(from), ' '),
                            paint_(mark.primary ? tint : "1;34", carets + words), "\n");
      }
    }
    return out;
  }

  std::string aside(const char* word, const std::string& text) {
    std::string indented;
    for (const char c : text) {
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
                        " ", paint_("32", printable(changed)), "\n");
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
