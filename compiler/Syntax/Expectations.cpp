#include "compiler/Syntax/Expectations.h"

#include <map>
#include <vector>

#include "AcieParser.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace acie::syntax {
namespace {

using P = grammar::AcieParser;

/// What may go on behind an expression: one word for all of them.
bool is_operator(size_t type) {
  switch (type) {
    case P::PLUS: case P::MINUS: case P::STAR: case P::SLASH: case P::AT_SIGN: case P::CARET: case P::EQ: case P::NE:
    case P::LT: case P::LE: case P::GT: case P::GE: case P::AND: case P::OR: case P::PIPE: case P::DOTDOT: case P::AS:
    case P::AS_UNIT: case P::DOT: case P::LPAREN: case P::LBRACKET:
      return true;
    default:
      return false;
  }
}

std::string listed(std::vector<std::string> words) {
  if (words.empty()) return "";
  const std::string last = words.back();
  words.pop_back();
  return words.empty() ? last : absl::StrCat(absl::StrJoin(words, ", "), " or ", last);
}

}  // namespace

std::string in_words(const antlr4::Parser& parser, const std::set<size_t>& expected) {
  const auto has = [&](size_t type) { return expected.count(type) > 0; };
  const bool expression = has(P::FLOAT) && has(P::MINUS);
  const bool operators = has(P::PLUS) && has(P::STAR) && !expression;
  const bool end = has(P::END);
  std::vector<std::string> words;
  if (expression) words.push_back("an expression");
  else if (has(P::SCALAR_UNIT) && has(P::LAW_OF)) words.push_back("a type");
  else if (has(P::IDENTIFIER) && !end) words.push_back("a name");
  const bool words_are_names = !words.empty() || end;
  if (operators) words.push_back("an operator");
  size_t singles = 0;
  for (const size_t type : expected) {
    if (type == antlr4::Token::EOF || type == P::END || type == P::SEMI || expression) continue;
    if (operators && is_operator(type)) continue;
    const std::string literal(parser.getVocabulary().getLiteralName(type));
    if (literal.size() < 3) continue;
    const std::string spelling = literal.substr(1, literal.size() - 2);
    // Where a name or a new statement may stand, nearly every keyword may: only those in the middle of one are news.
    const bool word = std::isalpha(static_cast<unsigned char>(spelling[0])) != 0;
    const bool inner = type == P::FROM || type == P::TOLERANCE || type == P::IF || type == P::BY || type == P::ON || type == P::IN;
    if (word && words_are_names && !(inner && end && has(P::ASSIGN))) continue;
    if ((type == P::RBRACE || type == P::LBRACE || type == P::QUESTION) && end) continue;
    if (type == P::LBRACE && has(P::LAW_OF)) continue;  // a record: a type too
    words.push_back(absl::StrCat("`", spelling, "`"));
    ++singles;
  }
  if (singles > 6) return "";
  if (end) words.push_back("the end of the line");
  return listed(std::move(words));
}

std::string construct(antlr4::RuleContext* context) {
  static const std::map<size_t, const char*> kNames = {
      {P::RuleImportDecl, "an import"}, {P::RuleUnitDecl, "a unit declaration"}, {P::RuleDimDecl, "a dimension"},
      {P::RuleTypeDecl, "a type declaration"}, {P::RuleConstDecl, "a constant"}, {P::RuleParamDecl, "a `param`"},
      {P::RuleFnDecl, "a function"}, {P::RuleMechanismDecl, "a mechanism"}, {P::RuleModelDecl, "a model"},
      {P::RuleInterventionDecl, "an intervention"}, {P::RuleConstraintDecl, "a constraint"}, {P::RuleQueryDecl, "a query"},
      {P::RuleFitDecl, "a fit"}, {P::RulePartyDecl, "a party declaration"}, {P::RuleKeyDecl, "a key declaration"},
      {P::RuleGraphDecl, "a graph"}, {P::RuleInputStmt, "an `input`"}, {P::RuleExoStmt, "an `exo`"},
      {P::RuleVarStmt, "a `var`"}, {P::RuleLearnStmt, "a `learn`"}, {P::RuleLetStmt, "a `let`"}, {P::RuleDoStmt, "a `do`"},
      {P::RuleDoAskStmt, "a `do?`"}, {P::RuleWorldStmt, "a world"}, {P::RuleGivenStmt, "a `given`"},
      {P::RuleReturnStmt, "a `return`"}, {P::RuleByStmt, "a `by`"}, {P::RuleConstraintRow, "a row of a constraint"},
      {P::RuleObserveStmt, "an `observe`"}, {P::RuleWithStmt, "a `with`"}};
  for (; context != nullptr; context = dynamic_cast<antlr4::RuleContext*>(context->parent)) {
    if (const auto found = kNames.find(context->getRuleIndex()); found != kNames.end()) return absl::StrCat("in ", found->second);
  }
  return "";
}

std::string home_of(size_t type) {
  switch (type) {
    case P::INPUT: case P::VAR: case P::LATENT: case P::OVER: case P::ABDUCT: case P::ENFORCE: return "a model";
    case P::EXO: case P::LEARN: return "a model or a function";
    case P::GIVEN: return "a query";
    case P::DO: case P::DO_ASK: return "a query, a fit, a world or an intervention";
    case P::WORLD: case P::BY: case P::WEIGHT: return "a query or a fit";
    case P::RETURN: return "a query or a function";
    case P::OBSERVE: case P::MINIMIZE: case P::WITH: case P::FREEZE: case P::TRAIN: case P::MONITOR: return "a fit";
    case P::MODEL: case P::QUERY: case P::INTERVENTION: case P::CONSTRAINT: case P::FIT: case P::IMPORT: case P::MECHANISM:
    case P::CONST: case P::FN: return "the program, outside other declarations";
    default: return "";
  }
}

Body body_of(antlr4::RuleContext* context) {
  if (context == nullptr) return {};
  switch (context->getRuleIndex()) {
    case P::RuleModelBody: return {"a model", "`input`, `exo`, `var`, `learn` and `let`"};
    case P::RuleInterventionDecl: return {"an intervention", "`do` and `let`"};
    case P::RuleQueryDecl: return {"a query", "`given`, `do`, `world`, `let`, `by`, `weight` and `return`"};
    case P::RuleFitDecl: return {"a fit", "`observe`, `minimize`, `with`, `by`, `world`, `do`, `let`, `freeze`, `train` and `monitor`"};
    case P::RuleWorldStmt: return {"a world", "`do`"};
    case P::RuleConstraintDecl: return {"a constraint", "comparisons and `let`"};
    case P::RuleBlock: return {"a function", "`let`, `exo`, `return` and expressions"};
    default: return {};
  }
}

}  // namespace acie::syntax
