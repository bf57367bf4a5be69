// From the lexer's tokens to those the parser sees: newlines that end a statement, brackets in pairs, and the checks that
// must come before a recursive parser runs (nesting, length, characters that are not the language's).
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "antlr4-runtime.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"

namespace acie::syntax {

/// Offsets of ANTLR's characters (code points) in the UTF-8 text.
class ByteOffsets {
 public:
  explicit ByteOffsets(std::string_view text);
  uint32_t operator[](size_t code_point) const;

 private:
  std::vector<uint32_t> offsets_;  // empty where the text is ASCII: then they are equal
  uint32_t end_;
};

/// The text of `token`; where it has none (a bracket put in, the end of the file) the empty place it stands at.
Span span_of(const antlr4::Token& token, uint32_t file, const ByteOffsets& offsets);

struct Tokens {
  /// Default channel only, with END where a statement ends, then EOF. Brackets always pair: what is missing was reported
  /// and put in (empty), what closes nothing was reported and left out.
  std::vector<std::unique_ptr<antlr4::Token>> all;
  std::vector<uint32_t> depth;  // per token: the brackets around it; a bracket itself stands outside its own pair
  std::vector<std::unique_ptr<antlr4::Token>> docs;  // `///` comments, in order
  /// Ranges [first, last) of `all` where an error was reported already and the parser's would be a consequence of it.
  std::vector<std::pair<size_t, size_t>> damaged;
};

/// Runs the lexer and applies the rule of language.md section 1: a newline ends a statement unless a bracket `(` or `[`
/// is open, the line ends in something that cannot end a statement, or the next begins with something that cannot begin
/// one. Reports lexical errors; returns false only if the parser must not run (nesting, length).
bool tokenize(uint32_t file, const ByteOffsets& offsets, antlr4::CharStream& input, DiagnosticEngine& diagnostics,
              Tokens& tokens);

}  // namespace acie::syntax
