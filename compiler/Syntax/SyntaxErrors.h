// Syntax errors in plain words.
#pragma once

#include "antlr4-runtime.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Syntax/Tokens.h"

namespace acie::syntax {

/// Turns ANTLR's reports into diagnostics: what was expected, what was found, where. One report a statement: the parser
/// resynchronises inside it and what it then says is a consequence of the first error.
class SyntaxErrors : public antlr4::BaseErrorListener {
 public:
  SyntaxErrors(uint32_t file, const ByteOffsets& offsets, DiagnosticEngine& diagnostics)
      : file_(file), offsets_(offsets), diagnostics_(diagnostics) {}

  void syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending, size_t line, size_t column,
                   const std::string& message, std::exception_ptr exception) override;

 private:
  Span span(const antlr4::Token& token) const;

  uint32_t file_;
  const ByteOffsets& offsets_;
  DiagnosticEngine& diagnostics_;
  size_t silent_until_ = 0;  // token index
  bool any_ = false;
};

}  // namespace acie::syntax
