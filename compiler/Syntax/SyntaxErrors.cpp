#include "compiler/Syntax/SyntaxErrors.h"

#include <array>
#include <set>
#include <string>
#include <vector>

#include "AcieParser.h"
#include "absl/strings/str_cat.h"
#include "compiler/Support/NearestName.h"
#include "compiler/Syntax/Expectations.h"

namespace acie::syntax {
namespace {

using P = grammar::AcieParser;

constexpr std::array<std::string_view, 7> kReservedWords = {"state", "event", "when", "serve", "pub", "match", "subject"};

bool is_comparison(size_t type) {
  return type == P::EQ || type == P::NE || type == P::LT || type == P::LE || type == P::GT || type == P::GE;
}

bool is_number(size_t type) { return type == P::INTEGER || type == P::FLOAT || type == P::QUANTITY; }

bool is_word(const std::string& text) { return !text.empty() && (std::isalpha(static_cast<unsigned char>(text[0])) != 0 || text[0] == '_'); }

/// After these an expression is complete.
bool ends_operand(size_t type) {
  return is_number(type) || type == P::IDENTIFIER || type == P::STRING || type == P::TRUE || type == P::FALSE ||
         type == P::RPAREN || type == P::RBRACKET || type == P::SCALAR;
}

const std::vector<std::string>& statement_words() {
  static const std::vector<std::string> kWords = {
      "import", "unit", "type", "const", "param", "model", "intervention", "constraint", "query", "input", "exo", "var",
      "learn", "let", "return", "given", "world", "observe", "minimize", "with", "weight"};
  return kWords;
}

}  // namespace

/// The place of an error, and what the parser knew there.
struct SyntaxErrors::Found {
  const antlr4::Token& token;
  const antlr4::Token* before;  // null at the start of the file
  const antlr4::Token* after;   // null at its end
  size_t type;
  std::string text;
  Span at;              // of the token, or the place after `before` where nothing stands there or another line begins
  bool next_line;       // the token begins a line that was to go on
  bool statement_start; // nothing of the statement was read
  std::set<size_t> expected;
  antlr4::RuleContext* context;

  bool expects(size_t what) const { return expected.count(what) > 0; }
  bool expects_expression() const { return expects(P::FLOAT) && expects(P::MINUS); }
  bool touches_before() const { return before != nullptr && before->getStopIndex() + 1 == token.getStartIndex(); }
  size_t type_before() const { return before == nullptr ? 0 : before->getType(); }
};

std::string SyntaxErrors::describe(const Found& found) const {
  if (found.type == antlr4::Token::EOF) return "the end of the file";
  if (found.type == P::END) {
    const bool put_in = found.token.getStopIndex() + 1 == found.token.getStartIndex();
    return put_in && found.after != nullptr && found.after->getType() == P::RBRACE ? "`}`" : "the end of the line";
  }
  if (found.text.empty()) return "the end of the line";  // a bracket that was put in
  const std::string shown = found.text.size() > 40 ? "a string" : absl::StrCat("`", found.text, "`");
  return found.next_line ? absl::StrCat(shown, " on the next line") : shown;
}

void SyntaxErrors::report(antlr4::Parser& parser, antlr4::Token& offending, const antlr4::misc::IntervalSet& expected) {
  if (diagnostics_.full()) return;
  const size_t index = offending.getTokenIndex();
  const antlr4::Token* before = index > 0 ? stream_.get(index - 1) : nullptr;
  const antlr4::Token* after = offending.getType() == antlr4::Token::EOF ? nullptr : stream_.get(index + 1);
  const size_t type_before = before == nullptr ? 0 : before->getType();
  std::set<size_t> types;
  for (const ssize_t type : expected.toList()) types.insert(static_cast<size_t>(type));
  const bool start = before == nullptr || type_before == P::END || type_before == P::SEMI ||
                     ((type_before == P::LBRACE || type_before == P::RBRACE) && types.count(P::FLOAT) == 0 && types.size() > 4);
  const bool next_line = !start && before != nullptr && offending.getLine() > before->getLine() && offending.getType() != P::END;
  const bool nothing = offending.getType() == P::END || offending.getType() == antlr4::Token::EOF || offending.getText().empty();
  Span at = span(offending);
  if ((nothing || next_line) && before != nullptr && type_before != P::END) at = {file_, span(*before).end, span(*before).end};
  const Found found{offending, before, after, offending.getType(), nothing ? "" : offending.getText(), at, next_line, start,
                    std::move(types), parser.getContext()};
  if (out_of_place(found) || slip_in_operators(found) || slip_in_numbers(found) || keyword_as_name(found)) return;
  plain(parser, found);
}

/// A statement where it does not belong, or a word that begins none.
bool SyntaxErrors::out_of_place(const Found& found) {
  if (!found.statement_start || found.type == antlr4::Token::EOF) return false;
  const Body body = body_of(found.context);
  const bool top = found.context == nullptr || body.name.empty();
  if (top && found.context != nullptr && found.context->parent != nullptr) return false;
  const std::string takes = top ? "a program holds `model`, `query`, `intervention`, `constraint`, `fn`, `const` and other declarations"
                                : absl::StrCat(body.name, " holds ", body.statements);
  if (const std::string home = home_of(found.type); !home.empty()) {
    diagnostics_.report(Code::A0108, found.at, absl::StrCat("`", found.text, "` cannot stand ", top ? "outside a declaration" : "in " + body.name))
        .label(found.at, absl::StrCat("this belongs in ", home))
        .note(takes);
    return true;
  }
  for (const std::string_view word : kReservedWords) {
    if (found.text != word || found.after == nullptr || found.after->getType() == P::ASSIGN) continue;
    diagnostics_.report(Code::A0108, found.at, absl::StrCat("statements with `", found.text, "` are kept for a later version")).note(takes);
    return true;
  }
  auto report = diagnostics_.report(Code::A0101, found.at, absl::StrCat("expected ", top ? "a declaration" : "a statement of " + body.name, ", found ", describe(found)));
  report.note(takes);
  if (found.type == P::IDENTIFIER && found.after != nullptr && is_word(found.after->getText())) {
    if (const std::string near = nearest_name(found.text, statement_words()); !near.empty()) {
      report.fix(found.at, near, absl::StrCat("did you mean `", near, "`?"));
    }
  }
  return true;
}

std::optional<size_t> SyntaxErrors::comparison_before(size_t index) const {
  size_t depth = 0;
  while (index-- > 0) {
    const size_t type = stream_.get(index)->getType();
    if (type == P::RPAREN || type == P::RBRACKET || type == P::RBRACE) ++depth;
    else if ((type == P::LPAREN || type == P::LBRACKET || type == P::LBRACE) && depth-- == 0) return std::nullopt;
    else if (depth == 0 && is_comparison(type)) return index;
    else if (type == P::END) return std::nullopt;
  }
  return std::nullopt;
}

bool SyntaxErrors::slip_in_operators(const Found& found) {
  const bool again = is_comparison(found.type) && found.expects(P::AND) && !found.expects(P::LT);
  if (const auto index = again ? comparison_before(found.token.getTokenIndex()) : std::nullopt) {
    // What stands between is compared twice.
    const antlr4::Token& first = *stream_.get(*index);
    const std::string middle = text(cover(span(*stream_.get(*index + 1)), span(*found.before)));
    diagnostics_.report(Code::A0103, found.at, "comparisons do not chain")
        .label(span(first), "the first comparison")
        .fix({file_, found.at.begin, found.at.begin}, absl::StrCat("and ", middle, " "), absl::StrCat("compare `", middle, "` twice"),
             Applicability::MachineApplicable);
    return true;
  }
  if (found.type == P::EQ && found.expects(P::ASSIGN)) {
    diagnostics_.report(Code::A0007, found.at, "`==` compares; a definition is written with `=`")
        .fix(found.at, "=", "write `=`", Applicability::MachineApplicable);
    return true;
  }
  const bool arrow = found.type == P::ASSIGN && found.after != nullptr && found.after->getType() == P::GT &&
                     found.after->getStartIndex() == found.token.getStopIndex() + 1;
  if (arrow) {
    diagnostics_.report(Code::A0007, cover(found.at, span(*found.after)), "`=>` is not an operator")
        .note("a function of `x` is written `|x| e`; at least is written `>=`");
    return true;
  }
  if (found.type == P::ASSIGN && found.expects(P::PLUS) && !found.expects(P::ASSIGN) && !found.next_line) {
    diagnostics_.report(Code::A0007, found.at, "`=` defines; a comparison is written with `==`")
        .fix(found.at, "==", "write `==`", Applicability::MaybeIncorrect);
    return true;
  }
  const bool pair = found.touches_before() && found.expects_expression();
  if (pair && found.type == P::GT && found.type_before() == P::LT) {
    const Span both = cover(span(*found.before), found.at);
    diagnostics_.report(Code::A0007, both, "`<>` is not an operator").fix(both, "!=", "write `!=`", Applicability::MachineApplicable);
    return true;
  }
  if (pair && found.type == P::ASSIGN && found.before != nullptr && found.type_before() != P::ASSIGN) {
    const Span both = cover(span(*found.before), found.at);
    diagnostics_.report(Code::A0007, both, absl::StrCat("`", text(both), "` is not an operator"))
        .note("values do not change; in a world `do x += e` shifts a variable, and `do x = x * e` scales it");
    return true;
  }
  if (found.type == P::QUESTION && found.expects(P::PLUS)) {
    diagnostics_.report(Code::A0007, found.at, "`?` is not an operator").note("a choice is written `if condition then a else b`");
    return true;
  }
  return false;
}

bool SyntaxErrors::slip_in_numbers(const Found& found) {
  const bool number_before = is_number(found.type_before());
  if (found.type == P::UNIT_REF && found.expects(P::PLUS) && found.before != nullptr) {
    const Span gap{file_, span(*found.before).end, found.at.begin};
    auto report = diagnostics_.report(Code::A0107, found.at, "a unit belongs to a number and touches it");
    if (number_before && found.type_before() != P::QUANTITY) report.fix(gap, "", "close the gap", Applicability::MachineApplicable);
    else report.fix({file_, found.at.begin, found.at.begin}, found.touches_before() ? " as " : "as ", absl::StrCat("express the value in `", found.text, "`"));
    return true;
  }
  // `.5`; Tokens sees `1.`, where a line goes on
  if (found.type == P::DOT && found.expects_expression() && found.after != nullptr && found.after->getType() == P::INTEGER) {
    const Span at = cover(found.at, span(*found.after));
    diagnostics_.report(Code::A0107, at, "a number needs digits on both sides of its point")
        .fix({file_, at.begin, at.begin}, "0", absl::StrCat("write `0", text(at), "`"), Applicability::MachineApplicable);
    return true;
  }
  if (number_before && (found.type == P::IDENTIFIER || found.type == P::LPAREN) && found.expects(P::PLUS) && !found.next_line) {
    const std::string number = text(span(*found.before));
    auto report = diagnostics_.report(Code::A0101, found.at, absl::StrCat("expected an operator after `", number, "`, found ", describe(found)));
    report.fix({file_, span(*found.before).end, found.at.begin}, " * ", absl::StrCat("write `", number, " * ", found.text, "` to multiply"));
    if (found.type == P::IDENTIFIER) report.note(absl::StrCat("a number with a unit is written `", number, "<", found.text, ">`"));
    return true;
  }
  return false;
}

bool SyntaxErrors::keyword_as_name(const Found& found) {
  if (!found.expects(P::IDENTIFIER) || !is_word(found.text) || found.next_line) return false;
  if (found.type == P::IDENTIFIER || found.type == P::IF || found.type == P::NOT) return false;
  // Only where what follows would follow a name: `var let = 1`, not `x + return y`.
  const size_t next = found.after == nullptr ? 0 : found.after->getType();
  if (found.expects_expression() && (next == P::IDENTIFIER || is_number(next))) return false;
  if (next == P::IDENTIFIER || found.statement_start) return false;
  diagnostics_.report(Code::A0104, found.at, absl::StrCat("`", found.text, "` is a keyword and cannot be used as a name"))
      .fix(found.at, absl::StrCat("`", found.text, "`"), "put it in back quotes to use it as a name");
  return true;
}

void SyntaxErrors::plain(antlr4::Parser& parser, const Found& found) {
  std::string message;
  const bool equation = found.expects(P::ASSIGN) && found.expects(P::TILDE) && found.expects(P::END);
  const std::string words = equation ? found.expects(P::COLON) ? "`=`, `~` or `: type`" : "`=` or `~`" : in_words(parser, found.expected);
  const bool name_before = found.before != nullptr && !found.statement_start && !found.before->getText().empty() &&
                           found.before->getText().size() <= 40;
  const std::string behind = name_before ? absl::StrCat(" after `", found.before->getText(), "`") : "";
  if (!words.empty()) message = absl::StrCat("expected ", words, behind, ", found ", describe(found));
  else if (ends_operand(found.type_before()) && (ends_operand(found.type) || found.type == P::LBRACE)) message = absl::StrCat("expected an operator or the end of the statement", behind, ", found ", describe(found));
  else message = absl::StrCat("unexpected ", describe(found), behind);
  auto report = diagnostics_.report(Code::A0101, found.at, message);
  if (const std::string where = construct(found.context); !where.empty()) report.label(found.at, where);
  if (found.type == P::COMMA && found.expects(P::PLUS)) report.note("several statements on one line are separated by `;`");
}

}  // namespace acie::syntax
