// The tokens of a text as an editor needs them: with comments, also of texts that do not parse.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace acie::lsp {

struct Token {
  enum class Kind : uint8_t { Keyword, Word, Number, String, Comment, DocComment, Operator, Open, Close, Comma, Dot, Colon, Unit, Scalar, Newline, Other };
  Kind kind = Kind::Other;
  size_t type = 0;  // of the lexer
  uint32_t begin = 0;
  uint32_t end = 0;
};

/// All tokens but blanks, in order. A keyword that stands where only a name can (behind a dot) is a Word.
std::vector<Token> tokenize(std::string_view text);

/// The tokens of the top-level declaration around `offset` alone, at their places in `text`.
std::vector<Token> tokenize_around(std::string_view text, uint32_t offset);

/// The last token that begins before `offset`; tokens.size() if there is none.
size_t token_before(const std::vector<Token>& tokens, uint32_t offset);

/// Whether `name` can stand for a name as it is; in back quotes nearly everything can.
bool is_plain_name(std::string_view name);
/// Every keyword and the names of the scalar types.
const std::vector<std::string_view>& keywords();

}  // namespace acie::lsp
