// How the parser goes on after a syntax error: one report a statement, then the next statement.
#pragma once

#include "antlr4-runtime.h"
#include "compiler/Syntax/SyntaxErrors.h"
#include "compiler/Syntax/Tokens.h"

namespace acie::syntax {

/// ANTLR's own strategy inserts and deletes tokens and then reports what follows from its guesses. This one leaves every
/// rule up to the statement the error is in, and skips the rest of that statement. It relies on brackets that pair
/// (Tokens): the end of a statement is the next separator that no further bracket encloses.
class ErrorRecovery : public antlr4::DefaultErrorStrategy {
 public:
  ErrorRecovery(const Tokens& tokens, antlr4::TokenStream& stream, SyntaxErrors& errors)
      : tokens_(tokens), stream_(stream), errors_(errors) {}

  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& error) override;
  void recover(antlr4::Parser* parser, std::exception_ptr error) override;
  antlr4::Token* recoverInline(antlr4::Parser* parser) override;
  void sync(antlr4::Parser* parser) override;

  /// A declaration begins.
  void enter() { headless_ = false; }

  /// Between declarations: reports the present token as out of place and skips to the next separator.
  void skip_at_top(antlr4::Parser* parser, const antlr4::misc::IntervalSet& expected);

  /// How the innermost rules that ended with `statement` could have gone on.
  static antlr4::misc::IntervalSet behind(antlr4::tree::ParseTree* statement);

  /// Whether any error was seen since the last call, reported or not.
  bool take_failed() { return std::exchange(failed_, false); }

 private:
  void report(antlr4::Parser& parser, antlr4::Token& offending, const antlr4::misc::IntervalSet& expected);
  /// Skips to what ends the statement at bracket depth `depth`: a separator, the bracket around it, or, if wanted, a
  /// keyword after token `start` that begins a line.
  void skip(antlr4::Parser& parser, size_t depth, size_t start, bool stop_at_keyword);

  const Tokens& tokens_;
  antlr4::TokenStream& stream_;
  SyntaxErrors& errors_;
  bool failed_ = false;
  bool headless_ = false;  // a declaration's `{` was missing: its body lies open, and says nothing new
};

}  // namespace acie::syntax
