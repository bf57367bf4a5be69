#include "compiler/Syntax/SyntaxErrors.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "AcieLexer.h"
#include "AcieParser.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace acie::syntax {
namespace {

using Lexer = grammar::AcieLexer;
using Parser = grammar::AcieParser;

bool is_word(const std::string& text) { return !text.empty() && (std::isalpha(static_cast<unsigned char>(text[0])) != 0); }

/// How a token is called in a message.
std::string describe(const antlr4::Token& token) {
  switch (token.getType()) {
    case antlr4::Token::EOF: return "the end of the file";
    case Parser::END: return "the end of the line";
    case Lexer::STRING: return "a string";
    default: return absl::StrCat("`", token.getText(), "`");
  }
}

/// What the parser would have accepted, in words: classes of tokens first, single ones after.
std::string expectations(antlr4::Parser& parser, const antlr4::misc::IntervalSet& expected) {
  std::set<size_t> types;
  for (const ssize_t type : expected.toList()) types.insert(static_cast<size_t>(type));
  const auto has = [&](size_t type) { return types.count(type) > 0; };
  std::vector<std::string> words;
  const bool begins_expression = has(Lexer::FLOAT) && has(Lexer::MINUS);
  if (has(Lexer::MODEL) && has(Lexer::QUERY) && has(Lexer::FN)) words.push_back("a declaration (`model`, `query`, `fn`, …)");
  else if (has(Lexer::VAR) && has(Lexer::EXO) && !begins_expression) words.push_back("a statement of a model (`input`, `exo`, `var`, …)");
  else if (has(Lexer::GIVEN) && has(Lexer::RETURN)) words.push_back("a statement of a query (`given`, `do`, `world`, `return`, …)");
  else if (has(Lexer::OBSERVE) && has(Lexer::MINIMIZE) && !has(Lexer::IDENTIFIER)) words.push_back("a statement of a fit (`observe`, `minimize`, `with`, …)");
  else if (begins_expression) words.push_back("an expression");
  else if (has(Lexer::SCALAR_UNIT) && has(Lexer::LAW_OF)) words.push_back("a type");
  else if (has(Lexer::IDENTIFIER)) words.push_back("a name");
  if (words.empty() || !begins_expression) {
    // What may continue an expression would be a list of every operator: name the ones that end something instead.
    const bool continues = has(Lexer::PLUS) && has(Lexer::STAR);
    static const size_t kOperators[] = {Lexer::PLUS, Lexer::MINUS, Lexer::STAR, Lexer::SLASH, Lexer::AT_SIGN, Lexer::CARET,
                                        Lexer::EQ, Lexer::NE, Lexer::LT, Lexer::LE, Lexer::GT, Lexer::GE, Lexer::AND,
                                        Lexer::OR, Lexer::PIPE, Lexer::DOTDOT, Lexer::AS, Lexer::AS_UNIT, Lexer::DOT,
                                        Lexer::LPAREN, Lexer::LBRACKET};
    if (continues) {
      for (const size_t type : kOperators) types.erase(type);
    }
    std::vector<std::string> singles;
    for (const size_t type : types) {
      if (type == Parser::END) singles.push_back("the end of the line");
      else if (type == Lexer::SEMI || type == Lexer::IDENTIFIER) continue;
      else if (type == antlr4::Token::EOF) continue;
      else {
        const std::string literal(parser.getVocabulary().getLiteralName(type));
        if (!literal.empty() && !(is_word(literal.substr(1)) && !words.empty())) {
          singles.push_back(absl::StrCat("`", literal.substr(1, literal.size() - 2), "`"));
        }
      }
    }
    if (singles.size() <= 6) words.insert(words.end(), singles.begin(), singles.end());
    if (continues && words.size() > 4) words.assign({"an operator", "the end of the line"});
  }
  if (words.empty()) return "";
  if (words.size() == 1) return words[0];
  const std::string last = words.back();
  words.pop_back();
  return absl::StrCat(absl::StrJoin(words, ", "), " or ", last);
}

/// The construct being read, for "in …".
std::string construct(antlr4::Parser& parser) {
  static const std::map<size_t, const char*> kNames = {
      {Parser::RuleImportDecl, "an import"}, {Parser::RuleUnitDecl, "a unit declaration"}, {Parser::RuleDimDecl, "a dimension"},
      {Parser::RuleTypeDecl, "a type declaration"}, {Parser::RuleConstDecl, "a constant"}, {Parser::RuleParamDecl, "a parameter declaration"},
      {Parser::RuleFnDecl, "a function"}, {Parser::RuleMechanismDecl, "a mechanism"}, {Parser::RuleModelDecl, "a model"},
      {Parser::RuleInterventionDecl, "an intervention"}, {Parser::RuleConstraintDecl, "a constraint"}, {Parser::RuleQueryDecl, "a query"},
      {Parser::RuleFitDecl, "a fit"}, {Parser::RulePartyDecl, "a party declaration"}, {Parser::RuleKeyDecl, "a key declaration"},
      {Parser::RuleGraphDecl, "a graph"}, {Parser::RuleInputStmt, "an `input`"}, {Parser::RuleExoStmt, "an `exo`"},
      {Parser::RuleVarStmt, "a `var`"}, {Parser::RuleLearnStmt, "a `learn`"}, {Parser::RuleLetStmt, "a `let`"},
      {Parser::RuleDoStmt, "a `do`"}, {Parser::RuleWorldStmt, "a world"}, {Parser::RuleGivenStmt, "a `given`"},
      {Parser::RuleReturnStmt, "a `return`"}, {Parser::RuleByStmt, "a `by`"}};
  for (antlr4::RuleContext* context = parser.getContext(); context != nullptr;
       context = dynamic_cast<antlr4::RuleContext*>(context->parent)) {
    if (const auto found = kNames.find(context->getRuleIndex()); found != kNames.end()) return found->second;
  }
  return "";
}

bool is_comparison(size_t type) {
  return type == Lexer::EQ || type == Lexer::NE || type == Lexer::LT || type == Lexer::LE || type == Lexer::GT || type == Lexer::GE;
}

}  // namespace

Span SyntaxErrors::span(const antlr4::Token& token) const {
  if (token.getType() == antlr4::Token::EOF) {
    const uint32_t end = offsets_[token.getStartIndex()];
    return {file_, end, end};
  }
  return {file_, offsets_[token.getStartIndex()], offsets_[token.getStopIndex() + 1]};
}

void SyntaxErrors::syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending, size_t, size_t,
                               const std::string&, std::exception_ptr exception) {
  auto& parser = *static_cast<antlr4::Parser*>(recognizer);
  auto& stream = *parser.getTokenStream();
  if (any_ && offending->getTokenIndex() <= silent_until_) return;
  any_ = true;
  silent_until_ = offending->getTokenIndex();
  while (silent_until_ + 1 < stream.size() && stream.get(silent_until_)->getType() != Parser::END &&
         stream.get(silent_until_)->getType() != Lexer::SEMI) {
    ++silent_until_;
  }

  const antlr4::misc::IntervalSet expected = parser.getExpectedTokens();
  const Span at = span(*offending);
  const size_t found = offending->getType();
  const antlr4::Token* before = offending->getTokenIndex() > 0 ? stream.get(offending->getTokenIndex() - 1) : nullptr;

  if (is_comparison(found) && expected.contains(static_cast<ssize_t>(Lexer::AND))) {
    diagnostics_.report(Code::A0103, at, "comparisons do not chain")
        .note("write `a < b and b < c`");
    return;
  }
  if (found == Lexer::EQ && expected.contains(static_cast<ssize_t>(Lexer::ASSIGN))) {
    diagnostics_.report(Code::A0007, at, "`==` compares; a definition is written with `=`")
        .fix(at, "=", "write `=`", Applicability::MachineApplicable);
    return;
  }
  if (found == antlr4::Token::EOF) {
    // Name the bracket that is still open.
    std::vector<const antlr4::Token*> open;
    for (size_t i = 0; i < offending->getTokenIndex(); ++i) {
      const antlr4::Token* token = stream.get(i);
      const size_t type = token->getType();
      if (type == Lexer::LPAREN || type == Lexer::LBRACKET || type == Lexer::LBRACE) open.push_back(token);
      if ((type == Lexer::RPAREN || type == Lexer::RBRACKET || type == Lexer::RBRACE) && !open.empty()) open.pop_back();
    }
    if (!open.empty()) {
      diagnostics_.report(Code::A0102, span(*open.back()), absl::StrCat("this `", open.back()->getText(), "` is never closed"))
          .label(at, "the file ends here");
      return;
    }
  }
  const std::string text = offending->getText();
  if (expected.contains(static_cast<ssize_t>(Lexer::IDENTIFIER)) && is_word(text) && found != Lexer::IDENTIFIER &&
      found != antlr4::Token::EOF && found != Parser::END && before != nullptr && span(*before).end < at.begin &&
      stream.get(offending->getTokenIndex() + 1)->getType() != Lexer::IDENTIFIER) {
    diagnostics_.report(Code::A0104, at, absl::StrCat("`", text, "` is a keyword and cannot be used as a name"))
        .fix(at, absl::StrCat("`", text, "`"), "put it in back quotes to use it as a name", Applicability::MaybeIncorrect);
    return;
  }
  std::string message = expectations(parser, expected);
  message = message.empty() ? absl::StrCat("unexpected ", describe(*offending)) : absl::StrCat("expected ", message, ", found ", describe(*offending));
  auto report = diagnostics_.report(Code::A0101, at, message);
  if (const std::string where = construct(parser); !where.empty()) report.label(at, absl::StrCat("in ", where));
}

}  // namespace acie::syntax
