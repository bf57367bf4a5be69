#include "compiler/lsp/Tokens.h"

#include <algorithm>
#include <string>

#include "AcieLexer.h"
#include "compiler/Syntax/Tokens.h"
#include "compiler/lsp/Outline.h"

namespace acie::lsp {
namespace {

using L = grammar::AcieLexer;

Token::Kind kind_of(size_t type) {
  if (type >= L::IMPORT && type <= L::FALSE) return Token::Kind::Keyword;
  switch (type) {
    case L::QUANTITY: case L::FLOAT: case L::INTEGER: return Token::Kind::Number;
    case L::SCALAR_UNIT: case L::SCALAR: return Token::Kind::Scalar;
    case L::AS_UNIT: case L::UNIT_REF: return Token::Kind::Unit;
    case L::STREAM_OF: case L::LAW_OF: return Token::Kind::Scalar;
    case L::STRING: case L::UNCLOSED_STRING: return Token::Kind::String;
    case L::IDENTIFIER: return Token::Kind::Word;
    case L::DOC_COMMENT: return Token::Kind::DocComment;
    case L::LINE_COMMENT: case L::BLOCK_COMMENT: case L::UNCLOSED_COMMENT: return Token::Kind::Comment;
    case L::LPAREN: case L::LBRACKET: case L::LBRACE: return Token::Kind::Open;
    case L::RPAREN: case L::RBRACKET: case L::RBRACE: return Token::Kind::Close;
    case L::COMMA: return Token::Kind::Comma;
    case L::DOT: return Token::Kind::Dot;
    case L::COLON: return Token::Kind::Colon;
    case L::NEWLINE: case L::SEMI: return Token::Kind::Newline;
    case L::OTHER: case L::FOREIGN: return Token::Kind::Other;
    default: return Token::Kind::Operator;
  }
}

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  // As in the parser: a byte order mark is no text.
  const bool marked = text.substr(0, 3) == "\xEF\xBB\xBF";
  antlr4::ANTLRInputStream input(std::string(marked ? " " : "") + std::string(text.substr(marked ? 3 : 0)));
  const syntax::ByteOffsets offsets(text);
  L lexer(&input);
  lexer.removeErrorListeners();
  std::vector<Token> tokens;
  for (const auto& token : lexer.getAllTokens()) {
    if (token->getChannel() == antlr4::Token::HIDDEN_CHANNEL) continue;
    const Span span = syntax::span_of(*token, 0, offsets);
    Token::Kind kind = kind_of(token->getType());
    if (kind == Token::Kind::Keyword && !tokens.empty() && tokens.back().kind == Token::Kind::Dot) kind = Token::Kind::Word;
    tokens.push_back({kind, token->getType(), span.begin, span.end});
  }
  return tokens;
}

std::vector<Token> tokenize_around(std::string_view text, uint32_t offset) {
  uint32_t begin = 0, end = static_cast<uint32_t>(text.size());
  for (const OutlineItem& item : outline(text)) {
    if (item.begin > offset) {
      end = item.begin;
      break;
    }
    begin = item.begin;
  }
  std::vector<Token> tokens = tokenize(text.substr(begin, end - begin));
  for (Token& token : tokens) {
    token.begin += begin;
    token.end += begin;
  }
  return tokens;
}

size_t token_before(const std::vector<Token>& tokens, uint32_t offset) {
  const auto after = std::lower_bound(tokens.begin(), tokens.end(), offset, [](const Token& token, uint32_t at) { return token.begin < at; });
  return after == tokens.begin() ? tokens.size() : static_cast<size_t>(after - tokens.begin() - 1);
}

bool is_plain_name(std::string_view name) {
  const std::vector<Token> tokens = tokenize(name);
  return tokens.size() == 1 && tokens[0].kind == Token::Kind::Word && tokens[0].end == name.size() && tokens[0].begin == 0;
}

const std::vector<std::string_view>& keywords() {
  static const std::vector<std::string_view> kAll = [] {
    std::vector<std::string_view> all = {"f64", "f32", "i64", "i32", "u8", "i8", "u16", "i16", "u32", "bool", "str"};
    static const std::vector<std::string> kLiterals = [] {
      antlr4::ANTLRInputStream empty("");
      const L lexer(&empty);
      std::vector<std::string> literals;
      for (size_t type = L::IMPORT; type <= L::FALSE; ++type) {
        const std::string literal = lexer.getVocabulary().getLiteralName(type);
        if (literal.size() > 2) literals.push_back(literal.substr(1, literal.size() - 2));
      }
      return literals;
    }();
    all.insert(all.end(), kLiterals.begin(), kLiterals.end());
    return all;
  }();
  return kAll;
}

}  // namespace acie::lsp
