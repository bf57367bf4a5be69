#include "compiler/Syntax/LexicalErrors.h"

#include <string>
#include <string_view>

#include "AcieParser.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace acie::syntax {
namespace {

using P = grammar::AcieParser;

struct Replacement {
  std::string_view text;
  std::string_view ours;
  size_t type;
};

// Operators of other languages, and characters that word processors put in their place.
constexpr Replacement kReplacements[] = {
    {":=", "=", P::ASSIGN},    {"&&", "and", P::AND},     {"||", "or", P::OR},      {"!", "not", P::NOT},
    {"**", "^", P::CARET},     {"::", ".", P::DOT},       {"−", "-", P::MINUS},     {"–", "-", P::MINUS},
    {"×", "*", P::STAR},       {"·", "*", P::STAR},       {"⋅", "*", P::STAR},      {"÷", "/", P::SLASH},
    {"≤", "<=", P::LE},        {"≥", ">=", P::GE},        {"≠", "!=", P::NE},       {"→", "->", P::ARROW},
    {"∼", "~", P::TILDE},      {"²", "^2", 0},            {"³", "^3", 0},           {"√", "sqrt", 0},
    {"∞", "inf", P::IDENTIFIER},
};

Mended replace(const Replacement& replacement, Span at, char next, DiagnosticEngine& diagnostics) {
  // `!x` becomes `not x`, not `notx`.
  const bool word = replacement.type == P::NOT && next != ' ';
  const std::string ours = absl::StrCat(std::string(replacement.ours), word ? " " : "");
  diagnostics
      .report(Code::A0007, at, absl::StrCat("`", std::string(replacement.text), "` is written `", std::string(replacement.ours), "` here"))
      .fix(at, ours, absl::StrCat("write `", std::string(replacement.ours), "`"), Applicability::MachineApplicable);
  return {replacement.type};
}

Mended unknown(const std::string& text, Span at, DiagnosticEngine& diagnostics) {
  const auto byte = static_cast<unsigned char>(text[0]);
  if (byte < 0x20 || byte == 0x7F) {
    auto report = diagnostics.report(Code::A0006, at, absl::StrFormat("the control character U+%04X is not part of the language", byte));
    if (byte == '\r') report.note("a line ends with a line feed, or a carriage return and a line feed");
    return {};
  }
  auto report = diagnostics.report(Code::A0006, at, absl::StrCat("`", text, "` is not part of the language"));
  if (text == "#") report.note("comments begin with `//`; annotations `#[...]` are kept for later");
  if (text == "%") report.note("percent is a unit, `5<%>`; a remainder is written `mod(a, b)`");
  if (text == "'") report.note("text stands in double quotes");
  if (text == "`") report.note("a name in back quotes needs both of them, on one line");
  if (text == "“" || text == "”" || text == "„" || text == "‘" || text == "’") report.note("text stands in plain double quotes `\"`");
  if (text == "%") return {P::STAR};
  if (text == "&") return {P::AND};
  return {};
}

}  // namespace

bool is_lexical_error(size_t type) {
  return type == P::UNCLOSED_STRING || type == P::UNCLOSED_COMMENT || type == P::FOREIGN || type == P::OTHER;
}

Mended report_lexical_error(const antlr4::Token& token, Span at, char next, DiagnosticEngine& diagnostics) {
  if (token.getType() == P::UNCLOSED_STRING) {
    diagnostics.report(Code::A0004, at, "this string has no closing `\"`")
        .note("a string ends on the line it begins on; write a line break as \\n");
    return {P::STRING};
  }
  if (token.getType() == P::UNCLOSED_COMMENT) {
    diagnostics.report(Code::A0005, {at.file, at.begin, at.begin + 2}, "this comment is never closed")
        .note("a `/*` comment ends at the first `*/`");
    return {};
  }
  const std::string text = token.getText();
  for (const Replacement& replacement : kReplacements) {
    if (text == replacement.text) return replace(replacement, at, next, diagnostics);
  }
  return unknown(text, at, diagnostics);
}

}  // namespace acie::syntax
