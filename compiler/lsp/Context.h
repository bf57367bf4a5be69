// What the cursor stands in, found from the tokens around it, so that it works while a statement is being typed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/lsp/Index.h"
#include "compiler/lsp/Tokens.h"

namespace acie::lsp {

/// Kinds of brackets and bodies that statements stand in.
enum class Body : uint8_t { Top, Model, Query, Intervention, Constraint, Fit, World, Over, Function, Other };

struct Context {
  std::vector<Token> tokens;
  uint32_t word_begin = 0;  // of the word that is being typed, up to the cursor; the cursor itself if there is none
  size_t before = 0;        // the last token before that word, comments left out; tokens.size() if there is none
  bool in_comment = false;
  bool in_string = false;
  Body body = Body::Top;    // innermost body around the cursor
  size_t declaration = 0;   // the keyword of the top-level declaration around it; tokens.size() if there is none
  std::string name;         // of that declaration
  std::string model;        // the model whose variables are names here, if any
  bool starts_statement = false;

  const Token* previous() const { return before < tokens.size() ? &tokens[before] : nullptr; }
};

Context context_at(std::string_view text, uint32_t offset);

/// The call that the cursor stands in: the token of the name called, how many arguments are complete, and the name of the
/// argument where it is written.
struct CallSite {
  size_t name = 0;  // index in tokens
  int argument = 0;
  std::string argument_name;
  bool found = false;
};
CallSite call_around(const std::vector<Token>& tokens, std::string_view text, uint32_t offset);

}  // namespace acie::lsp
