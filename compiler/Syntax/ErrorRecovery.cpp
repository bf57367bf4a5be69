#include "compiler/Syntax/ErrorRecovery.h"

#include "AcieParser.h"
#include "compiler/Syntax/Nesting.h"

namespace acie::syntax {
namespace {

using P = grammar::AcieParser;

/// The `{` of a context whose statements stand in it, or null.
antlr4::Token* opening_of(antlr4::RuleContext* context) {
  auto* rule = dynamic_cast<antlr4::ParserRuleContext*>(context);
  if (rule == nullptr) return nullptr;
  switch (rule->getRuleIndex()) {
    case P::RuleModelBody: case P::RuleInterventionDecl: case P::RuleConstraintDecl: case P::RuleQueryDecl:
    case P::RuleFitDecl: case P::RuleWorldStmt: case P::RuleBlock:
      for (antlr4::tree::ParseTree* child : rule->children) {
        auto* leaf = dynamic_cast<antlr4::tree::TerminalNode*>(child);
        if (leaf != nullptr && leaf->getSymbol()->getType() == P::LBRACE) return leaf->getSymbol();
      }
      return nullptr;
    default:
      return nullptr;
  }
}

}  // namespace

antlr4::misc::IntervalSet ErrorRecovery::behind(antlr4::tree::ParseTree* statement) {
  antlr4::misc::IntervalSet types;
  const auto add = [&](std::initializer_list<size_t> more) {
    for (const size_t type : more) types.add(static_cast<ssize_t>(type));
  };
  // Down to the innermost rule that ended here.
  for (auto* rule = dynamic_cast<antlr4::ParserRuleContext*>(statement); rule != nullptr && !rule->children.empty();
       rule = dynamic_cast<antlr4::ParserRuleContext*>(rule->children.back())) {
    if (auto* var = dynamic_cast<P::VarStmtContext*>(rule); var != nullptr && var->ASSIGN() == nullptr && var->TILDE() == nullptr) {
      add({P::ASSIGN, P::TILDE});
      if (var->type() == nullptr) add({P::COLON});
    }
    if (dynamic_cast<P::PostfixContext*>(rule) != nullptr) add({P::PLUS, P::MINUS, P::STAR, P::SLASH, P::AND, P::OR, P::LPAREN});
    if (auto* comparison = dynamic_cast<P::ComparisonContext*>(rule); comparison != nullptr && comparison->range().size() == 1) {
      add({P::EQ, P::NE, P::LT, P::LE, P::GT, P::GE});
    }
  }
  return types;
}

void ErrorRecovery::report(antlr4::Parser& parser, antlr4::Token& offending, const antlr4::misc::IntervalSet& expected) {
  failed_ = true;
  const size_t at = offending.getTokenIndex();
  for (const auto& [first, last] : tokens_.damaged) {
    if (first <= at && at < last) return;
  }
  errors_.report(parser, offending, expected);
  // Expressions and types begin with `{` too: only a body's is meant.
  const auto expects = [&](size_t type) { return expected.contains(static_cast<ssize_t>(type)); };
  headless_ = headless_ || (expects(P::LBRACE) && !expects(P::FLOAT) && !expects(P::LAW_OF));
}

void ErrorRecovery::reportError(antlr4::Parser* parser, const antlr4::RecognitionException& error) {
  if (inErrorRecoveryMode(parser)) return;
  beginErrorCondition(parser);
  // Where a choice between rules failed, what was expected is only known if its first token is the wrong one.
  const auto* choice = dynamic_cast<const antlr4::NoViableAltException*>(&error);
  const bool later = choice != nullptr && choice->getStartToken() != error.getOffendingToken();
  antlr4::misc::IntervalSet expected = later ? antlr4::misc::IntervalSet() : error.getExpectedTokens();
  // A rule that ended just before could have gone on.
  antlr4::ParserRuleContext* context = parser->getContext();
  if (!later && !context->children.empty()) expected.addAll(behind(context->children.back()));
  report(*parser, *error.getOffendingToken(), expected);
}

antlr4::Token* ErrorRecovery::recoverInline(antlr4::Parser* parser) { throw antlr4::InputMismatchException(parser); }

void ErrorRecovery::skip(antlr4::Parser& parser, size_t depth, size_t start, bool stop_at_keyword) {
  while (true) {
    const size_t at = stream_.index();
    const size_t type = stream_.LA(1);
    if (type == antlr4::Token::EOF || tokens_.depth[at] < depth) break;
    if (tokens_.depth[at] == depth) {
      if (type == P::END || type == P::SEMI) break;
      const bool first_on_line = at > 0 && stream_.get(at)->getLine() > stream_.get(at - 1)->getLine();
      if (stop_at_keyword && at > start && first_on_line && begins_statement(type)) break;
    }
    stream_.consume();
  }
  endErrorCondition(&parser);
}

void ErrorRecovery::recover(antlr4::Parser* parser, std::exception_ptr error) {
  // A statement's own rule is a child of the body it stands in; everything below is left.
  antlr4::ParserRuleContext* context = parser->getContext();
  const size_t start = context->getStart()->getTokenIndex();
  // After these a separator must follow.
  const size_t rule = context->getRuleIndex();
  const bool separated = rule == P::RulePlainStmt || rule == P::RuleConstraintRow;
  auto* parent = dynamic_cast<antlr4::RuleContext*>(context->parent);
  if (parent == nullptr) {
    skip(*parser, 0, start, true);  // a declaration
  } else if (antlr4::Token* opening = opening_of(parent)) {
    skip(*parser, tokens_.depth[opening->getTokenIndex()] + 1, start, !separated);
  } else {
    std::rethrow_exception(error);
  }
}

void ErrorRecovery::sync(antlr4::Parser* parser) {
  antlr4::Token* opening = opening_of(parser->getContext());
  if (opening == nullptr) return;
  const auto& atn = parser->getATN();
  const antlr4::misc::IntervalSet& expected = atn.nextTokens(atn.states[parser->getState()]);
  while (!expected.contains(static_cast<ssize_t>(stream_.LA(1))) && stream_.LA(1) != antlr4::Token::EOF) {
    const size_t start = stream_.index();
    const size_t previous = stream_.LA(-1);
    const bool behind_statement = previous != P::END && previous != P::SEMI && previous != P::LBRACE && previous != P::RBRACE;
    antlr4::misc::IntervalSet possible = expected;
    if (behind_statement) {
      possible = behind(parser->getContext()->children.back());
      possible.add(static_cast<ssize_t>(P::END));
    }
    report(*parser, *stream_.LT(1), possible);
    skip(*parser, tokens_.depth[opening->getTokenIndex()] + 1, start, true);
    if (stream_.index() == start) break;
  }
}

void ErrorRecovery::skip_at_top(antlr4::Parser* parser, const antlr4::misc::IntervalSet& expected) {
  if (headless_) failed_ = true;
  else report(*parser, *stream_.LT(1), expected);
  skip(*parser, 0, stream_.index(), true);
}

}  // namespace acie::syntax
