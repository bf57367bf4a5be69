#include "compiler/Syntax/Tokens.h"

#include <algorithm>
#include <optional>

#include "AcieLexer.h"
#include "AcieParser.h"
#include "absl/strings/str_cat.h"
#include "compiler/Syntax/LexicalErrors.h"
#include "compiler/Syntax/Nesting.h"

namespace acie::syntax {
namespace {

using Lexer = grammar::AcieLexer;
using P = grammar::AcieParser;

/// A parse tree takes over a kilobyte a token; this bounds it for one declaration.
constexpr size_t kMaximumDeclaration = 500'000;

bool is_bracket(size_t type) { return type == P::LPAREN || type == P::LBRACKET || type == P::LBRACE; }

size_t closer_of(size_t type) {
  return type == P::LPAREN ? P::RPAREN : type == P::LBRACKET ? P::RBRACKET : P::RBRACE;
}

const char* spelling(size_t type) {
  switch (type) {
    case P::LPAREN: return "(";
    case P::LBRACKET: return "[";
    case P::LBRACE: return "{";
    case P::RPAREN: return ")";
    case P::RBRACKET: return "]";
    default: return "}";
  }
}

class Filter {
 public:
  Filter(uint32_t file, const ByteOffsets& offsets, antlr4::CharStream& input, DiagnosticEngine& diagnostics, Tokens& out)
      : file_(file), offsets_(offsets), input_(input), diagnostics_(diagnostics), out_(out) {}

  bool run(std::vector<std::unique_ptr<antlr4::Token>> tokens) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      auto& token = tokens[i];
      if (token->getChannel() == Lexer::DOC) {
        out_.docs.push_back(std::move(token));
      } else if (token->getChannel() != 0) {
        continue;
      } else if (token->getType() == P::NEWLINE) {
        if (newline_ == nullptr) newline_ = std::move(token);
      } else if (!take(std::move(token), i + 1 < tokens.size() ? tokens[i + 1].get() : nullptr)) {
        return false;
      }
    }
    return finish();
  }

 private:
  struct Bracket {
    size_t type;
    size_t index;         // in out_.all
    Span span;
    size_t line, indent;  // of the line it stands on
  };

  bool take(std::unique_ptr<antlr4::Token> token, const antlr4::Token* next) {
    if (is_lexical_error(token->getType())) {
      const Span at = span_of(*token, file_, offsets_);
      const bool joined = last_unknown_ == at.begin && token->getType() == P::OTHER;
      last_unknown_ = token->getType() == P::OTHER ? at.end : UINT32_MAX;
      if (diagnostics_.full()) return false;
      const size_t after = token->getStopIndex() + 1;
      const std::string following = after < input_.size() ? input_.getText({static_cast<ssize_t>(after), static_cast<ssize_t>(after)}) : "";
      comment_unclosed_ = comment_unclosed_ || token->getType() == P::UNCLOSED_COMMENT;
      const size_t type = joined ? 0 : report_lexical_error(*token, at, following.empty() ? '\0' : following[0], diagnostics_).type;
      if (type == 0) {
        if (!damage_) damage_ = out_.all.size();
        return true;
      }
      static_cast<antlr4::CommonToken&>(*token).setType(type);
      // What was meant is a guess: if it does not fit there is no second report.
      out_.damaged.emplace_back(out_.all.size(), out_.all.size() + 2);
    }
    if (token->getType() == P::DOT && unfinished_number(*token)) return true;
    const size_t type = token->getType();
    const bool first_on_line = newline_ != nullptr || out_.all.empty();
    if (first_on_line) indent_ = token->getCharPositionInLine();
    if (first_on_line && begins_statement(type) && (next == nullptr || next->getType() != P::COLON)) {
      if (!close_forgotten(begins_declaration(type))) return false;
    }
    if (type == P::RPAREN || type == P::RBRACKET || type == P::RBRACE) return close(std::move(token), first_on_line);
    if (!newline(type)) return false;
    if (is_bracket(type)) {
      brackets_.push_back({type, out_.all.size(), span_of(*token, file_, offsets_), token->getLine(), indent_});
    } else if (type == P::STREAM_OF || type == P::LAW_OF) {
      brackets_.push_back({type, out_.all.size(), {}, 0, 0});
    } else if (type == P::GT && !brackets_.empty() && !is_bracket(brackets_.back().type)) {
      // The `>` that closes a type ends it: the line does not go on.
      brackets_.pop_back();
      return append(std::move(token), P::RBRACKET);
    }
    return append(std::move(token), type);
  }

  /// `1.` without more digits; the point is left out.
  bool unfinished_number(const antlr4::Token& point) {
    if (out_.all.empty() || out_.all.back()->getType() != P::INTEGER) return false;
    if (out_.all.back()->getStopIndex() + 1 != point.getStartIndex()) return false;
    const Span at = cover(span_of(*out_.all.back(), file_, offsets_), span_of(point, file_, offsets_));
    if (!diagnostics_.full()) {
      diagnostics_.report(Code::A0107, at, "a number needs digits on both sides of its point")
          .fix({file_, at.end, at.end}, "0", "write a digit after the point", Applicability::MachineApplicable);
    }
    if (!damage_) damage_ = out_.all.size();
    return true;
  }

  /// A closing bracket: pairs it with what it closes, and reports what stands between.
  bool close(std::unique_ptr<antlr4::Token> token, bool first_on_line) {
    const size_t type = token->getType();
    const auto opens = std::find_if(brackets_.rbegin(), brackets_.rend(),
                                    [&](const Bracket& b) { return is_bracket(b.type) && closer_of(b.type) == type; });
    drop_types();
    const Span at = span_of(*token, file_, offsets_);
    if (opens == brackets_.rend()) {
      if (!brackets_.empty() && brackets_.back().type != P::LBRACE && type != P::RBRACE) {
        const Bracket& open = brackets_.back();
        const char* right = spelling(closer_of(open.type));
        diagnostics_.report(Code::A0102, at, absl::StrCat("expected `", right, "`, found `", spelling(type), "`"))
            .label(open.span, absl::StrCat("`", spelling(open.type), "` is closed by `", right, "`"))
            .fix(at, right, absl::StrCat("write `", right, "`"));
        static_cast<antlr4::CommonToken&>(*token).setType(closer_of(open.type));
        return close(std::move(token), first_on_line);
      }
      if (!diagnostics_.full()) diagnostics_.report(Code::A0102, at, absl::StrCat("this `", spelling(type), "` closes nothing"));
      if (!damage_) damage_ = out_.all.size();
      return !diagnostics_.full();
    }
    while (closer_of(brackets_.back().type) != type) {
      if (!put_in_closer(true)) return false;
    }
    if (!newline(type)) return false;
    // The grammar wants every statement ended, the last one of a body too.
    const bool ended = previous_ == P::LBRACE || previous_ == P::END || previous_ == P::SEMI || continues_after(previous_);
    if (type == P::RBRACE && !ended && !append(ending(), P::END)) return false;
    const Bracket open = brackets_.back();
    if (type == P::RBRACE && first_on_line && open.line != token->getLine() && open.indent != indent_ && !askew_) {
      askew_ = {open.span, at};
    }
    brackets_.pop_back();
    drop_types();
    if (brackets_.empty()) askew_.reset();
    return append(std::move(token), type);
  }

  /// A line begins with a word that begins a statement: no `(` or `[` around it can be meant to go on; before a
  /// declaration no `{` either.
  bool close_forgotten(bool declaration) {
    drop_types();
    while (!brackets_.empty() && brackets_.back().type != P::LBRACE) {
      if (!put_in_closer(true)) return false;
    }
    return !declaration || close_braces("a declaration begins here, inside it");
  }

  /// Closes every brace that is open. One report: at the brace that the indentation speaks against, else the innermost.
  bool close_braces(const char* reason) {
    drop_types();
    if (brackets_.empty()) return true;
    const Bracket open = brackets_.back();
    const Span here = newline_ != nullptr ? span_of(*newline_, file_, offsets_) : end();
    if (comment_unclosed_) {
      // The comment took the brackets with it.
    } else if (askew_) {
      diagnostics_.report(Code::A0102, askew_->first, "this `{` is never closed")
          .label(askew_->second, "this `}` is indented like one further out");
    } else {
      diagnostics_.report(Code::A0102, open.span, "this `{` is never closed").label(here, reason);
    }
    out_.damaged.emplace_back(brackets_.front().index, out_.all.size());
    askew_.reset();
    while (!brackets_.empty()) {
      if (!put_in_closer(false)) return false;
    }
    return newline_ != nullptr || append(ending(), P::END);
  }

  bool put_in_closer(bool report) {
    drop_types();
    const Bracket open = brackets_.back();
    if (report && !diagnostics_.full()) {
      diagnostics_.report(Code::A0102, open.span, absl::StrCat("this `", spelling(open.type), "` is never closed"))
          .label(end(), absl::StrCat("expected `", spelling(closer_of(open.type)), "`"));
    }
    const bool ended = previous_ == P::LBRACE || previous_ == P::END || previous_ == P::SEMI || continues_after(previous_);
    if (open.type == P::LBRACE && !ended && !append(ending(), P::END)) return false;
    brackets_.pop_back();
    drop_types();
    auto closer = std::make_unique<antlr4::CommonToken>(closer_of(open.type));
    if (!out_.all.empty()) place(*closer);
    return append(std::move(closer), closer_of(open.type));
  }

  /// Puts an empty token right after the last one.
  void place(antlr4::CommonToken& token) const {
    const antlr4::Token& last = *out_.all.back();
    const size_t at = last.getType() == P::END ? last.getStartIndex() : last.getStopIndex() + 1;
    token.setStartIndex(at);
    token.setStopIndex(at - 1);
    token.setLine(last.getLine());
  }

  std::unique_ptr<antlr4::Token> ending() const {
    auto token = std::make_unique<antlr4::CommonToken>(P::END);
    if (!out_.all.empty()) place(*token);
    return token;
  }

  /// The empty place after the last token.
  Span end() const {
    if (out_.all.empty()) return {file_, 0, 0};
    const uint32_t at = span_of(*out_.all.back(), file_, offsets_).end;
    return {file_, at, at};
  }

  /// Types that were not closed before something that ends them: the parser speaks of those.
  void drop_types() {
    while (!brackets_.empty() && !is_bracket(brackets_.back().type)) brackets_.pop_back();
  }

  /// A newline is due before a token of type `next`: it ends a statement unless something is open.
  bool newline(size_t next) {
    if (newline_ == nullptr) return true;
    auto newline = std::move(newline_);
    const bool inside = !brackets_.empty() && brackets_.back().type != P::LBRACE;
    if (continues_before(next) || inside || previous_ == 0 || previous_ == P::END || previous_ == P::SEMI ||
        continues_after(previous_)) {
      return true;
    }
    auto end = std::make_unique<antlr4::CommonToken>(newline.get());
    end->setType(P::END);
    return append(std::move(end), P::END);
  }

  bool append(std::unique_ptr<antlr4::Token> token, size_t seen) {
    if (!nesting_.add(token->getType(), previous_)) {
      diagnostics_.report(Code::A0002, span_of(*token, file_, offsets_), "this is nested too deeply to read")
          .note(absl::StrCat("brackets, conditionals and prefix operators may nest ", NestingCounter::kMaximumDepth,
                             " deep, and one expression may chain ", NestingCounter::kMaximumChain,
                             " operators; name the inner parts with `let`"));
      return false;
    }
    const size_t depth = static_cast<size_t>(std::count_if(brackets_.begin(), brackets_.end(), [](const Bracket& b) { return is_bracket(b.type); }));
    out_.depth.push_back(static_cast<uint32_t>(depth - (is_bracket(token->getType()) ? 1 : 0)));
    if (seen == P::END) {
      if (damage_) out_.damaged.emplace_back(*std::exchange(damage_, std::nullopt), out_.all.size() + 1);
      if (brackets_.empty()) declaration_ = out_.all.size();
    }
    if (out_.all.size() - declaration_ > kMaximumDeclaration) {
      diagnostics_.report(Code::A0003, span_of(*token, file_, offsets_),
                          absl::StrCat("this declaration is longer than ", kMaximumDeclaration, " words"))
          .note("keep data in a table that the program reads");
      return false;
    }
    previous_ = seen;
    out_.all.push_back(std::move(token));
    return true;
  }

  bool finish() {
    drop_types();
    while (!brackets_.empty() && brackets_.back().type != P::LBRACE) {
      if (!put_in_closer(!comment_unclosed_)) return false;
    }
    if (newline_ != nullptr && !newline(P::END)) return false;
    if (!close_braces("the file ends here")) return false;
    if (damage_) out_.damaged.emplace_back(*damage_, SIZE_MAX);
    auto eof = std::make_unique<antlr4::CommonToken>(antlr4::Token::EOF);
    eof->setStartIndex(input_.size());
    eof->setStopIndex(input_.size() - 1);
    out_.all.push_back(std::move(eof));
    out_.depth.push_back(0);
    return true;
  }

  uint32_t file_;
  const ByteOffsets& offsets_;
  antlr4::CharStream& input_;
  DiagnosticEngine& diagnostics_;
  Tokens& out_;
  std::vector<Bracket> brackets_;  // with STREAM_OF and LAW_OF, which only matter to newlines
  std::optional<std::pair<Span, Span>> askew_;  // a `{` and the `}` that closes it from another column
  std::unique_ptr<antlr4::Token> newline_;      // seen, and not yet decided on
  NestingCounter nesting_;
  size_t indent_ = 0;
  size_t previous_ = 0;
  size_t declaration_ = 0;  // where the present one begins
  std::optional<size_t> damage_;
  uint32_t last_unknown_ = UINT32_MAX;
  bool comment_unclosed_ = false;
};

}  // namespace

ByteOffsets::ByteOffsets(std::string_view text) : end_(static_cast<uint32_t>(text.size())) {
  bool ascii = true;
  for (const char c : text) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
  if (ascii) return;
  for (uint32_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) offsets_.push_back(i);
  }
}

uint32_t ByteOffsets::operator[](size_t code_point) const {
  if (offsets_.empty()) return static_cast<uint32_t>(std::min<size_t>(code_point, end_));
  return code_point < offsets_.size() ? offsets_[code_point] : end_;
}

Span span_of(const antlr4::Token& token, uint32_t file, const ByteOffsets& offsets) {
  const uint32_t begin = offsets[token.getStartIndex()];
  return {file, begin, std::max(begin, offsets[token.getStopIndex() + 1])};
}

bool tokenize(uint32_t file, const ByteOffsets& offsets, antlr4::CharStream& input, DiagnosticEngine& diagnostics,
              Tokens& tokens) {
  Lexer lexer(&input);
  lexer.removeErrorListeners();  // every character is a token: OTHER
  return Filter(file, offsets, input, diagnostics, tokens).run(lexer.getAllTokens());
}

}  // namespace acie::syntax
