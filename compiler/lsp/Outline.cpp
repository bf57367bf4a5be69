#include "compiler/lsp/Outline.h"

#include "AcieLexer.h"
#include "compiler/lsp/Tokens.h"

namespace acie::lsp {
namespace {

using L = grammar::AcieLexer;

bool begins_declaration(const Token& token) {
  return token.kind == Token::Kind::DocComment || (token.type >= L::IMPORT && token.type <= L::EDITION) || token.type == L::LET;
}

}  // namespace

std::vector<OutlineItem> outline(std::string_view text) {
  std::vector<OutlineItem> items;
  int depth = 0;
  bool documented = false;  // the doc comment before has begun the item
  for (const Token& token : tokenize(text)) {
    const bool at_margin = token.begin == 0 || text[token.begin - 1] == '\n';
    if (at_margin && begins_declaration(token)) {
      if (!documented) {
        if (!items.empty()) {
          items.back().end = token.begin;
          items.back().complete = items.back().complete && depth == 0;
        }
        items.push_back({token.begin, static_cast<uint32_t>(text.size()), true});
        depth = 0;
      }
      documented = token.kind == Token::Kind::DocComment;
    }
    if (token.kind == Token::Kind::Open) ++depth;
    if (token.kind == Token::Kind::Close && --depth < 0) {
      if (!items.empty()) items.back().complete = false;
      depth = 0;
    }
  }
  if (!items.empty()) items.back().complete = items.back().complete && depth == 0;
  return items;
}

}  // namespace acie::lsp
