// From the lexer's tokens to those the parser sees: newlines that end a statement, and the checks that must come before a
// recursive parser runs (encoding, size, nesting, characters that are not the language's).
#pragma once

#include <memory>
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

struct Tokens {
  std::vector<std::unique_ptr<antlr4::Token>> all;  // default channel, with END where a statement ends, then EOF
  std::vector<std::unique_ptr<antlr4::Token>> docs; // /// comments, in order
};

/// The rule of language.md section 1: a newline ends a statement unless a bracket `(` or `[` is open, the line ends in
/// something that cannot end a statement, or the next begins with something that cannot begin one.
/// Reports lexical errors; returns false if the parser must not run.
bool tokenize(const SourceManager& sources, uint32_t file, const ByteOffsets& offsets, antlr4::CharStream& input,
              DiagnosticEngine& diagnostics, Tokens& tokens);

}  // namespace acie::syntax
