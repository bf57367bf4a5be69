// What the formatter arranges: tokens and comments, with what their places in the syntax tree say about white space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"

namespace acie::syntax {

struct Atom {
  enum class Comment { None, Line, Block, Doc };
  /// Plain: ( [ and the braces of records. Body: the braces of declarations and of statements. Inner: those of a block
  /// that is an expression.
  enum class Bracket { None, Plain, Body, Inner };
  /// Of a `;` between statements: where its line ends it goes, unless the next line would go on without it.
  enum class Separator { None, Needless, OnOneLine, Needed };
  static constexpr size_t kNone = SIZE_MAX;

  size_t type = 0;          // the lexer's
  size_t character = 0;     // its first, in code points: how the parser's tokens are found
  uint32_t begin = 0;       // bytes; a comment ends before its trailing blanks
  uint32_t end = 0;
  size_t newlines = 0;      // in the white space before it
  Comment comment = Comment::None;

  Bracket bracket = Bracket::None;
  bool opens = false;
  size_t partner = kNone;   // of a bracket
  bool tight_before = false;
  bool tight_after = false;
  bool starts = false;      // a statement or declaration
  bool header = false;      // starts one that has a body
  Separator separator = Separator::None;
  bool closes_type = false; // the `>` of law<…>
  size_t first_item = kNone;  // of a comma outside brackets: the first item of its list
  int break_before = -1;    // how much a line break there disturbs, from 0; -1: never one
  int break_after = -1;

  bool is_separator() const { return separator != Separator::None; }
  bool is_comment() const { return comment != Comment::None; }
  bool is_body() const { return bracket == Bracket::Body || bracket == Bracket::Inner; }
};

/// The atoms of a file in the order of the text; nothing after errors, which are reported.
std::optional<std::vector<Atom>> atoms_of(const SourceManager& sources, uint32_t file, DiagnosticEngine& diagnostics);

}  // namespace acie::syntax
