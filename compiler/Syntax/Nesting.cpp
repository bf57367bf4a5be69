#include "compiler/Syntax/Nesting.h"

#include "AcieParser.h"

namespace acie::syntax {
namespace {

using P = grammar::AcieParser;

bool is_operator(size_t type) {
  switch (type) {
    case P::ARROW: case P::PIPE: case P::DOTDOT: case P::EQ: case P::NE: case P::LE: case P::GE: case P::PLUS_ASSIGN:
    case P::LT: case P::GT: case P::ASSIGN: case P::TILDE: case P::PLUS: case P::MINUS: case P::STAR: case P::SLASH:
    case P::AT_SIGN: case P::CARET: case P::BAR: case P::AND: case P::OR:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool continues_after(size_t type) {
  switch (type) {
    case P::COMMA: case P::LPAREN: case P::LBRACKET: case P::LBRACE: case P::COLON: case P::DOT: case P::NOT: case P::IF:
    case P::THEN: case P::ELSE: case P::STREAM_OF: case P::LAW_OF:
      return true;
    default:
      return is_operator(type);
  }
}

bool continues_before(size_t type) {
  switch (type) {
    case P::COMMA: case P::DOT: case P::RPAREN: case P::RBRACKET: case P::THEN: case P::ELSE: case P::AS: case P::AS_UNIT:
      return true;
    default:
      return is_operator(type);
  }
}

bool begins_declaration(size_t type) {
  switch (type) {
    case P::IMPORT: case P::CONST: case P::MECHANISM: case P::MODEL: case P::INTERVENTION: case P::CONSTRAINT:
    case P::QUERY: case P::FIT:
      return true;
    default:
      return false;
  }
}

bool begins_statement(size_t type) {
  switch (type) {
    case P::EXO: case P::VAR: case P::LEARN: case P::LET: case P::RETURN: case P::DO: case P::DO_ASK: case P::GIVEN:
    case P::FN:
      return true;
    default:
      return begins_declaration(type);
  }
}

void NestingCounter::restart() {
  sum_ -= levels_.back().depth();
  levels_.back() = {};
}

bool NestingCounter::add(size_t type, size_t previous) {
  Level& level = levels_.back();
  const bool prefix = previous == 0 || previous == P::END || previous == P::SEMI || continues_after(previous);
  switch (type) {
    case P::LPAREN: case P::LBRACKET: case P::LBRACE:
      levels_.push_back({});
      break;
    case P::RPAREN: case P::RBRACKET: case P::RBRACE:
      if (levels_.size() > 1) {
        restart();
        levels_.pop_back();
      }
      return chain();
    // What stands on two sides of these is no chain.
    case P::END: case P::SEMI: case P::COMMA: case P::ASSIGN: case P::TILDE: case P::PLUS_ASSIGN:
    case P::ARROW:
      restart();
      return true;
    case P::STREAM_OF: case P::LAW_OF:
      ++level.types;
      ++sum_;
      break;
    case P::IF:
      ++level.conditionals;
      ++sum_;
      break;
    case P::NOT: case P::CARET:
      ++level.unary;
      ++sum_;
      break;
    default:
      if ((type == P::BAR || type == P::MINUS) && prefix) {
        ++(type == P::BAR ? level.conditionals : level.unary);
        ++sum_;
      } else if (is_operator(type) || type == P::THEN || type == P::ELSE) {
        sum_ -= level.unary;
        level.unary = 0;
        return chain();
      } else if (type == P::DOT || type == P::AS || type == P::AS_UNIT) {
        return chain();
      }
  }
  return levels_.size() + sum_ <= kMaximumDepth;
}

}  // namespace acie::syntax
