// A text formatted for a test, and what formatting must leave as it is.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "AcieLexer.h"
#include "antlr4-runtime.h"
#include "compiler/Syntax/Format/Format.h"
#include "tests/unit/syntax/Parsed.h"

namespace acie::syntax {

struct Formatted {
  explicit Formatted(std::string text) {
    const uint32_t id = sources.add("test.acie", std::move(text));
    if (const auto all = format(sources, id, diagnostics)) {
      ok = true;
      edits = *all;
      result = apply_edits(sources.text(id), edits);
    }
  }

  SourceManager sources;
  DiagnosticEngine diagnostics;
  bool ok = false;
  std::vector<Edit> edits;
  std::string result;
};

inline std::string formatted(const std::string& text) {
  const Formatted it(text);
  return it.ok ? it.result : "errors";
}

/// What a program says: its tree with doc comments, its tokens but for `;` and line ends, and its comments, in order. Empty
/// after syntax errors.
class Meaning {
 public:
  static std::string of(const std::string& text) {
    const Parsed parsed(text);
    if (parsed.file == nullptr) return "";
    Meaning meaning;
    meaning.out_ = print(*parsed.file);
    for (const Decl* decl : parsed.file->declarations) meaning.docs(*decl);
    antlr4::ANTLRInputStream input(text);
    grammar::AcieLexer lexer(&input);
    for (const auto& token : lexer.getAllTokens()) {
      if (token->getChannel() == antlr4::Token::HIDDEN_CHANNEL || token->getType() == grammar::AcieLexer::NEWLINE) continue;
      std::string word = token->getText();
      if (word == ";") continue;
      if (token->getChannel() != 0) word.erase(word.find_last_not_of(" \t\f") + 1);
      meaning.out_ += word + "\n";
    }
    return meaning.out_;
  }

 private:
  void docs(const Decl& decl) {
    out_ += "doc: " + decl.doc + "\n";
    docs(decl.body);
    if (decl.block != nullptr) docs(decl.block->statements);
  }
  void docs(const std::vector<Stmt*>& statements) {
    for (const Stmt* stmt : statements) {
      out_ += "doc: " + stmt->doc + "\n";
      docs(stmt->body);
      if (stmt->declaration != nullptr) docs(*stmt->declaration);
    }
  }

  std::string out_;
};

/// The laws of formatting, for one program: its meaning stays, a second run changes nothing, nor does any choice of the
/// edits change the meaning. Returns false, and fails nothing, if the program has syntax errors.
inline bool obeys_laws(const std::string& text, std::mt19937& random) {
  const std::string meaning = Meaning::of(text);
  if (meaning.empty() && !Parsed(text).file) return false;
  const Formatted once(text);
  EXPECT_TRUE(once.ok) << text;
  EXPECT_EQ(Meaning::of(once.result), meaning) << "----\n" << text << "---- became\n" << once.result;
  const Formatted twice(once.result);
  EXPECT_TRUE(twice.ok && twice.edits.empty()) << "----\n" << text << "---- became\n" << once.result << "---- then\n" << twice.result;
  std::vector<Edit> some;
  for (const Edit& edit : once.edits) {
    if (random() % 2 == 0) some.push_back(edit);
  }
  const std::string partly = apply_edits(text, some);
  EXPECT_EQ(Meaning::of(partly), meaning) << "----\n" << text << "---- in part became\n" << partly;
  return true;
}

}  // namespace acie::syntax
