// What the parser would have accepted, in words.
#pragma once

#include <set>
#include <string>

#include "antlr4-runtime.h"

namespace acie::syntax {

/// "a name", "`=` or `~`", "an operator or the end of the line"; empty where that would be a mere list.
std::string in_words(const antlr4::Parser& parser, const std::set<size_t>& expected);

/// The innermost construct being read: "in a `var`"; empty at the top.
std::string construct(antlr4::RuleContext* context);

/// The declarations in which a statement of keyword `type` may stand, "a query or a fit"; empty if it is none.
std::string home_of(size_t type);

/// The body being read, "a model", with the statements it takes, "`input`, `exo`, …"; empty outside one.
struct Body {
  std::string name;
  std::string statements;
};
Body body_of(antlr4::RuleContext* context);

}  // namespace acie::syntax
