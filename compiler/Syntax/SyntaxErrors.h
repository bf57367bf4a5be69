// Syntax errors in plain words.
#pragma once

#include "antlr4-runtime.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Syntax/Tokens.h"

namespace acie::syntax {

/// Says what was expected, what was found and where; names the common slips and their fixes.
class SyntaxErrors {
 public:
  SyntaxErrors(uint32_t file, const SourceManager& sources, const ByteOffsets& offsets, antlr4::TokenStream& stream,
               DiagnosticEngine& diagnostics)
      : file_(file), sources_(sources), offsets_(offsets), stream_(stream), diagnostics_(diagnostics) {}

  /// `offending` cannot stand where it does; one of `expected` could (empty if that is not known).
  void report(antlr4::Parser& parser, antlr4::Token& offending, const antlr4::misc::IntervalSet& expected);

 private:
  struct Found;
  bool out_of_place(const Found& found);
  /// The comparison in the same statement and brackets that stands before a token.
  std::optional<size_t> comparison_before(size_t index) const;
  bool slip_in_operators(const Found& found);
  bool slip_in_numbers(const Found& found);
  bool keyword_as_name(const Found& found);
  void plain(antlr4::Parser& parser, const Found& found);

  std::string describe(const Found& found) const;
  Span span(const antlr4::Token& token) const { return span_of(token, file_, offsets_); }
  std::string text(Span at) const { return std::string(sources_.text(at)); }

  uint32_t file_;
  const SourceManager& sources_;
  const ByteOffsets& offsets_;
  antlr4::TokenStream& stream_;
  DiagnosticEngine& diagnostics_;
};

}  // namespace acie::syntax
