#include "compiler/Syntax/Tokens.h"

#include <string>

#include "AcieLexer.h"
#include "AcieParser.h"
#include "absl/strings/str_cat.h"

namespace acie::syntax {
namespace {

using Lexer = grammar::AcieLexer;
using Parser = grammar::AcieParser;

constexpr size_t kMaximumDepth = 256;
// A chain of operators becomes a tree as deep as it is long.
constexpr size_t kMaximumChain = 2000;

bool is_binary_operator(size_t type) {
  switch (type) {
    case Lexer::ARROW: case Lexer::PIPE: case Lexer::DOTDOT: case Lexer::EQ: case Lexer::NE: case Lexer::LE:
    case Lexer::GE: case Lexer::PLUS_ASSIGN: case Lexer::LT: case Lexer::GT: case Lexer::ASSIGN: case Lexer::TILDE:
    case Lexer::PLUS: case Lexer::MINUS: case Lexer::STAR: case Lexer::SLASH: case Lexer::AT_SIGN: case Lexer::CARET:
    case Lexer::BAR: case Lexer::AND: case Lexer::OR:
      return true;
    default:
      return false;
  }
}

bool is_bracket(size_t type) {
  return type == Lexer::LPAREN || type == Lexer::LBRACKET || type == Lexer::LBRACE;
}

/// After these a line goes on.
bool continues_after(size_t type) {
  switch (type) {
    case Lexer::COMMA: case Lexer::LPAREN: case Lexer::LBRACKET: case Lexer::LBRACE: case Lexer::COLON: case Lexer::DOT:
    case Lexer::NOT: case Lexer::IF: case Lexer::THEN: case Lexer::ELSE: case Lexer::STREAM_OF: case Lexer::LAW_OF:
      return true;
    default:
      return is_binary_operator(type);
  }
}

/// Before these the line before goes on.
bool continues_before(size_t type) {
  switch (type) {
    case Lexer::COMMA: case Lexer::DOT: case Lexer::RPAREN: case Lexer::RBRACKET: case Lexer::THEN: case Lexer::ELSE:
    case Lexer::AS: case Lexer::AS_UNIT:
      return true;
    default:
      return is_binary_operator(type);
  }
}

/// Counts what makes the parser, and every later walk of the tree, recurse.
class DepthCounter {
 public:
  /// Returns false where the nesting passes the limit.
  bool add(size_t type, size_t previous) {
    Level& level = levels_.back();
    const bool prefix = previous == 0 || continues_after(previous);
    if (is_bracket(type)) {
      levels_.push_back({});
    } else if (type == Lexer::RPAREN || type == Lexer::RBRACKET || type == Lexer::RBRACE) {
      if (levels_.size() > 1) {
        sum_ -= levels_.back().depth();
        levels_.pop_back();
      }
      return chain();
    } else if (type == Parser::END || type == Lexer::SEMI || type == Lexer::COMMA) {
      sum_ -= level.depth();
      level = {};
      return true;
    } else if (type == Lexer::IF || (type == Lexer::BAR && prefix)) {
      ++level.conditionals;
      ++sum_;
    } else if (type == Lexer::NOT || type == Lexer::CARET || (type == Lexer::MINUS && prefix)) {
      ++level.unary;
      ++sum_;
    } else if (is_binary_operator(type) || type == Lexer::THEN || type == Lexer::ELSE) {
      sum_ -= level.unary;
      level.unary = 0;
      return chain();
    } else if (type == Lexer::DOT || type == Lexer::AS || type == Lexer::AS_UNIT) {
      return chain();
    }
    return levels_.size() + sum_ <= kMaximumDepth;
  }

 private:
  struct Level {
    size_t conditionals = 0, unary = 0, chain = 0;
    size_t depth() const { return conditionals + unary; }
  };
  bool chain() { return ++levels_.back().chain <= kMaximumChain; }

  std::vector<Level> levels_{1};
  size_t sum_ = 0;
};

class Filter {
 public:
  Filter(uint32_t file, const ByteOffsets& offsets, DiagnosticEngine& diagnostics, Tokens& out)
      : file_(file), offsets_(offsets), diagnostics_(diagnostics), out_(out) {}

  bool run(std::vector<std::unique_ptr<antlr4::Token>> tokens) {
    for (auto& token : tokens) {
      if (token->getChannel() == Lexer::DOC) {
        out_.docs.push_back(std::move(token));
      } else if (token->getChannel() != 0) {
        continue;
      } else if (token->getType() == Lexer::NEWLINE) {
        if (newline_ == nullptr) newline_ = std::move(token);
      } else {
        if (!lexical_check(*token)) ok_ = false;
        if (!push(std::move(token))) return false;
      }
    }
    if (newline_ != nullptr && !push_end()) return false;
    return ok_;
  }

 private:
  Span span(const antlr4::Token& token) const {
    return {file_, offsets_[token.getStartIndex()], offsets_[token.getStopIndex() + 1]};
  }

  bool push(std::unique_ptr<antlr4::Token> token) {
    const size_t type = token->getType();
    if (newline_ != nullptr) {
      if (continues_before(type)) newline_.reset();
      else if (!push_end()) return false;
    }
    if (is_bracket(type) || type == Lexer::STREAM_OF || type == Lexer::LAW_OF) {
      brackets_.push_back(type);
    } else if (type == Lexer::RPAREN || type == Lexer::RBRACKET || type == Lexer::RBRACE) {
      while (!brackets_.empty() && !is_bracket(brackets_.back())) brackets_.pop_back();
      if (!brackets_.empty()) brackets_.pop_back();
    }
    size_t seen = type;
    // The `>` that closes a type ends it: the line does not go on.
    if (type == Lexer::GT && !brackets_.empty() && !is_bracket(brackets_.back())) {
      brackets_.pop_back();
      seen = Lexer::RBRACKET;
    }
    return append(std::move(token), seen);
  }

  /// A newline is due: it ends a statement unless something is open.
  bool push_end() {
    auto newline = std::move(newline_);
    const bool inside = !brackets_.empty() && brackets_.back() != Lexer::LBRACE;
    if (inside || previous_ == 0 || previous_ == Parser::END || previous_ == Lexer::SEMI || continues_after(previous_)) {
      return true;
    }
    auto end = std::make_unique<antlr4::CommonToken>(newline.get());
    end->setType(Parser::END);
    return append(std::move(end), Parser::END);
  }

  bool append(std::unique_ptr<antlr4::Token> token, size_t seen) {
    if (!depth_.add(token->getType(), previous_)) {
      diagnostics_
          .report(Code::A0002, span(*token), "this is nested too deeply to read")
          .note(absl::StrCat("brackets, conditionals and prefix operators may nest ", kMaximumDepth,
                             " deep, and one expression may chain ", kMaximumChain,
                             " operators; name the inner parts with `let`"));
      return false;
    }
    previous_ = seen;
    out_.all.push_back(std::move(token));
    return true;
  }

  bool lexical_check(const antlr4::Token& token) {
    const Span at = span(token);
    switch (token.getType()) {
      case Lexer::UNCLOSED_STRING:
        diagnostics_.report(Code::A0004, at, "this string has no closing `\"`")
            .note("a string ends on the line it begins on; write a line break as \\n");
        return false;
      case Lexer::UNCLOSED_COMMENT:
        diagnostics_.report(Code::A0005, {at.file, at.begin, at.begin + 2}, "this comment is never closed")
            .note("`/*` comments end at the first `*/`");
        return false;
      case Lexer::FOREIGN:
        return foreign(token.getText(), at);
      case Lexer::OTHER:
        diagnostics_.report(Code::A0006, at, absl::StrCat("`", token.getText(), "` is not part of the language"));
        return false;
      default:
        return true;
    }
  }

  /// Operators of other languages: say what they are called here.
  bool foreign(const std::string& text, Span at) {
    static const struct {
      const char* foreign;
      const char* ours;
    } kWords[] = {{":=", "="}, {"&&", "and"}, {"||", "or"}, {"!", "not "}, {"**", "^"}};
    for (const auto& word : kWords) {
      if (text != word.foreign) continue;
      diagnostics_.report(Code::A0007, at, absl::StrCat("`", text, "` is written `", word.ours, "` here"))
          .fix(at, word.ours, absl::StrCat("write `", word.ours, "`"), Applicability::MachineApplicable);
      return false;
    }
    auto report = diagnostics_.report(Code::A0006, at, absl::StrCat("`", text, "` is not part of the language"));
    if (text == "#") report.note("comments begin with //");
    if (text == "%") report.note("percent is a unit, `5<%>`; a remainder is `mod(a, b)`");
    return false;
  }

  uint32_t file_;
  const ByteOffsets& offsets_;
  DiagnosticEngine& diagnostics_;
  Tokens& out_;
  std::vector<size_t> brackets_;
  std::unique_ptr<antlr4::Token> newline_;
  DepthCounter depth_;
  size_t previous_ = 0;
  bool ok_ = true;
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

bool tokenize(const SourceManager& sources, uint32_t file, const ByteOffsets& offsets, antlr4::CharStream& input,
              DiagnosticEngine& diagnostics, Tokens& tokens) {
  Lexer lexer(&input);
  lexer.removeErrorListeners();  // every character is a token: OTHER
  auto all = lexer.getAllTokens();
  if (!Filter(file, offsets, diagnostics, tokens).run(std::move(all))) return false;
  auto end = std::make_unique<antlr4::CommonToken>(antlr4::Token::EOF);
  end->setStartIndex(input.size());
  end->setStopIndex(input.size() - 1);
  tokens.all.push_back(std::move(end));
  return true;
}

}  // namespace acie::syntax
