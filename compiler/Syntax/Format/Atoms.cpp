#include "compiler/Syntax/Format/Atoms.h"

#include <string>

#include "AcieLexer.h"
#include "AcieParser.h"
#include "compiler/Syntax/Format/Roles.h"
#include "compiler/Syntax/Format/Separators.h"
#include "compiler/Syntax/Parser.h"
#include "compiler/Syntax/Tokens.h"

namespace acie::syntax {
namespace {

using Lexer = grammar::AcieLexer;
using P = grammar::AcieParser;

Atom::Comment comment_kind(size_t type) {
  switch (type) {
    case Lexer::LINE_COMMENT: return Atom::Comment::Line;
    case Lexer::BLOCK_COMMENT: return Atom::Comment::Block;
    case Lexer::DOC_COMMENT: return Atom::Comment::Doc;
    default: return Atom::Comment::None;
  }
}

std::vector<Atom> scan(std::string_view text) {
  const bool marked = text.substr(0, 3) == "\xEF\xBB\xBF";  // as in Parser.cpp
  antlr4::ANTLRInputStream input(std::string(marked ? " " : "") + std::string(text.substr(marked ? 3 : 0)));
  const ByteOffsets offsets(text);
  Lexer lexer(&input);
  lexer.removeErrorListeners();

  std::vector<Atom> atoms;
  size_t newlines = 0;
  for (const auto& token : lexer.getAllTokens()) {
    const size_t type = token->getType();
    if (type == P::NEWLINE) ++newlines;
    if (type == P::NEWLINE || token->getChannel() == antlr4::Token::HIDDEN_CHANNEL) continue;
    const Span span = span_of(*token, 0, offsets);
    Atom atom;
    atom.type = type;
    atom.character = token->getStartIndex();
    atom.begin = span.begin;
    atom.end = span.end;
    atom.comment = comment_kind(type);
    while (atom.is_comment() && (text[atom.end - 1] == ' ' || text[atom.end - 1] == '\t' || text[atom.end - 1] == '\f')) --atom.end;
    atom.newlines = newlines;
    atoms.push_back(atom);
    newlines = 0;
  }
  return atoms;
}

void pair_brackets(std::vector<Atom>& atoms) {
  std::vector<size_t> open;
  for (size_t i = 0; i < atoms.size(); ++i) {
    switch (atoms[i].type) {
      case P::LPAREN: case P::LBRACKET: case P::LBRACE:
        atoms[i].bracket = Atom::Bracket::Plain;
        atoms[i].opens = true;
        open.push_back(i);
        break;
      case P::RPAREN: case P::RBRACKET: case P::RBRACE:
        atoms[i].bracket = Atom::Bracket::Plain;
        atoms[i].partner = open.back();
        atoms[open.back()].partner = i;
        open.pop_back();
        break;
    }
  }
}

/// A method that follows its statement on the same line, `return P[y] by identify`, stays there: to the layout it is part
/// of that statement.
void join_methods(std::vector<Atom>& atoms) {
  for (size_t i = 1; i < atoms.size(); ++i) {
    Atom& atom = atoms[i];
    const Atom& before = atoms[i - 1];
    if (atom.type != P::BY || !atom.starts || atom.newlines > 0 || before.is_comment() || before.is_separator()) continue;
    if (before.opens && before.is_body()) continue;
    atom.starts = false;
    atom.break_before = 0;
  }
}

}  // namespace

std::optional<std::vector<Atom>> atoms_of(const SourceManager& sources, uint32_t file, DiagnosticEngine& diagnostics) {
  std::vector<Atom> atoms;
  AstContext context;
  const TreeVisitor visit = [&](antlr4::ParserRuleContext& declaration) {
    if (atoms.empty()) {
      atoms = scan(sources.text(file));
      pair_brackets(atoms);
    }
    assign_roles(declaration, atoms);
  };
  if (parse(sources, file, context, diagnostics, visit) == nullptr) return std::nullopt;
  if (atoms.empty()) atoms = scan(sources.text(file));  // no declaration
  for (Atom& atom : atoms) {
    if (atom.is_comment() || atom.type == P::SEMI) continue;
    if (atom.type == P::EDITION) atom.starts = true;  // no declaration begins with it
    break;
  }
  classify_separators(atoms);
  join_methods(atoms);
  return atoms;
}

}  // namespace acie::syntax
