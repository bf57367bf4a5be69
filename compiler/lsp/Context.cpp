#include "compiler/lsp/Context.h"

#include "AcieLexer.h"

namespace acie::lsp {
namespace {

using L = grammar::AcieLexer;

bool is_word(const Token& token) { return token.kind == Token::Kind::Word || token.kind == Token::Kind::Keyword || token.kind == Token::Kind::Scalar; }

bool is_comment(const Token& token) { return token.kind == Token::Kind::Comment || token.kind == Token::Kind::DocComment; }

Body body_of(size_t keyword) {
  switch (keyword) {
    case L::MODEL: return Body::Model;
    case L::QUERY: return Body::Query;
    case L::INTERVENTION: return Body::Intervention;
    case L::CONSTRAINT: return Body::Constraint;
    case L::FIT: return Body::Fit;
    case L::FN: case L::MECHANISM: case L::GRAPH: return Body::Function;
    case L::WORLD: return Body::World;
    case L::OVER: return Body::Over;
    default: return Body::Other;
  }
}

bool begins_declaration(const Token& token) { return token.kind == Token::Kind::Keyword && token.type >= L::IMPORT && token.type <= L::EDITION; }

}  // namespace

Context context_at(std::string_view text, uint32_t offset) {
  Context context;
  context.tokens = tokenize_around(text, offset);
  const std::vector<Token>& tokens = context.tokens;
  context.declaration = tokens.size();
  context.word_begin = offset;
  size_t end = 0;  // tokens before the word
  while (end < tokens.size() && tokens[end].begin < offset) {
    const Token& token = tokens[end];
    const bool ends_at_line = token.type == L::LINE_COMMENT || token.type == L::DOC_COMMENT || token.type == L::UNCLOSED_STRING || token.type == L::UNCLOSED_COMMENT;
    const bool inside = offset < token.end || (ends_at_line && offset == token.end);
    context.in_comment = context.in_comment || (inside && (is_comment(token) || token.type == L::UNCLOSED_COMMENT));
    context.in_string = context.in_string || (inside && token.kind == Token::Kind::String);
    if (is_word(token) && offset <= token.end) {
      context.word_begin = token.begin;
      break;
    }
    ++end;
  }

  std::vector<Body> bodies;
  size_t statement = tokens.size();  // the keyword that the next `{` belongs to
  context.before = tokens.size();
  int parentheses = 0;
  for (size_t i = 0; i < end; ++i) {
    const Token& token = tokens[i];
    if (is_comment(token)) continue;
    const bool at_margin = token.begin == 0 || text[token.begin - 1] == '\n';
    if (begins_declaration(token) && (at_margin || (bodies.empty() && parentheses == 0))) {
      // A keyword at the margin begins a declaration whatever is open before it.
      bodies.clear();
      parentheses = 0;
      context.declaration = statement = i;
      context.name.clear();
      context.model.clear();
      if (i + 1 < tokens.size() && is_word(tokens[i + 1])) context.name = text.substr(tokens[i + 1].begin, tokens[i + 1].end - tokens[i + 1].begin);
      if (token.type == L::MODEL) context.model = context.name;
    } else if (token.type == L::WORLD || token.type == L::OVER) {
      statement = i;
    } else if (token.type == L::ON && i + 1 < end && is_word(tokens[i + 1])) {
      context.model = text.substr(tokens[i + 1].begin, tokens[i + 1].end - tokens[i + 1].begin);
    } else if (token.kind == Token::Kind::Open) {
      if (token.type == L::LBRACE) {
        bodies.push_back(statement < tokens.size() ? body_of(tokens[statement].type) : Body::Other);
        statement = tokens.size();
      } else {
        ++parentheses;
      }
    } else if (token.kind == Token::Kind::Close) {
      if (token.type != L::RBRACE) parentheses = std::max(0, parentheses - 1);
      else if (!bodies.empty()) bodies.pop_back();
      if (bodies.empty() && token.type == L::RBRACE) {
        context.declaration = tokens.size();
        context.model.clear();
        context.name.clear();
      }
    }
    context.before = i;
  }
  context.body = bodies.empty() ? Body::Top : bodies.back();
  const Token* previous = context.previous();
  context.starts_statement = previous == nullptr || previous->kind == Token::Kind::Newline || previous->type == L::LBRACE;
  return context;
}

CallSite call_around(const std::vector<Token>& tokens, std::string_view text, uint32_t offset) {
  CallSite site;
  int depth = 0;
  size_t i = token_before(tokens, offset);
  if (i == tokens.size()) return site;
  for (size_t next = i + 1; next-- > 0;) {
    const Token& token = tokens[next];
    if (token.kind == Token::Kind::Close && token.end <= offset) ++depth;
    if (token.kind == Token::Kind::Comma && depth == 0 && token.end <= offset) ++site.argument;
    if (token.kind == Token::Kind::Colon && depth == 0 && site.argument == 0 && site.argument_name.empty() && next > 0) {
      site.argument_name = text.substr(tokens[next - 1].begin, tokens[next - 1].end - tokens[next - 1].begin);
    }
    if (token.kind != Token::Kind::Open || token.end > offset) continue;
    if (depth-- > 0) continue;
    if (token.type != L::LPAREN) return site;
    if (next == 0 || tokens[next - 1].kind != Token::Kind::Word) {
      // A bracket around an expression: what encloses it goes on.
      site = {};
      depth = 0;
      continue;
    }
    site.name = next - 1;
    site.found = true;
    return site;
  }
  return site;
}

}  // namespace acie::lsp
