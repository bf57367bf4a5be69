#include "compiler/lsp/Features/SemanticTokens.h"

#include <algorithm>

#include "AcieLexer.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "compiler/lsp/Tokens.h"
#include "compiler/lsp/Uses.h"

namespace acie::lsp {
namespace {

enum Type : uint32_t { Keyword, Comment, String, Number, Operator, TypeName, Function, Variable, Parameter, Property, EnumMember, Namespace, Class, Event, kTypes };
constexpr const char* kTypeNames[] = {"keyword", "comment", "string", "number", "operator", "type", "function", "variable", "parameter", "property", "enumMember", "namespace", "class", "event"};
static_assert(std::size(kTypeNames) == kTypes);

enum Modifier : uint32_t { Declaration = 1, ReadOnly = 2, Modification = 4, DefaultLibrary = 8, Documentation = 16 };
constexpr const char* kModifierNames[] = {"declaration", "readonly", "modification", "defaultLibrary", "documentation"};

Type type_of(Symbol::Kind kind) {
  switch (kind) {
    case Symbol::Kind::Module: case Symbol::Kind::Party: return Namespace;
    case Symbol::Kind::Unit: case Symbol::Kind::Type: return TypeName;
    case Symbol::Kind::Alternative: return EnumMember;
    case Symbol::Kind::Function: case Symbol::Kind::Mechanism: case Symbol::Kind::Intervention: case Symbol::Kind::Builtin: case Symbol::Kind::Graph: return Function;
    case Symbol::Kind::Model: return Class;
    case Symbol::Kind::Query: case Symbol::Kind::Fit: case Symbol::Kind::Constraint: return Event;
    case Symbol::Kind::World: return Namespace;
    case Symbol::Kind::Parameter: case Symbol::Kind::Generic: return Parameter;
    case Symbol::Kind::Input: case Symbol::Kind::Exo: case Symbol::Kind::Var: case Symbol::Kind::Latent: case Symbol::Kind::Learn: return Property;
    default: return Variable;
  }
}

struct Coloured {
  uint32_t begin, end;
  uint32_t type, modifiers;
};

uint32_t modifiers_of(const View& view, const Use& use) {
  const Symbol& symbol = view.analysis->index().symbol(use.symbol);
  uint32_t modifiers = 0;
  if (use.role == Use::Role::Declaration) modifiers |= Declaration;
  if (use.role == Use::Role::Write) modifiers |= Modification;
  switch (symbol.kind) {
    case Symbol::Kind::Const: case Symbol::Kind::Dim: case Symbol::Kind::Input: case Symbol::Kind::Exo: modifiers |= ReadOnly; break;
    case Symbol::Kind::Builtin: modifiers |= DefaultLibrary; break;
    default: break;
  }
  return modifiers;
}

std::vector<Coloured> colours(const View& view) {
  const std::string_view text = view.document.text().str();
  absl::flat_hash_map<uint32_t, const Use*> uses;
  if (view.analysis != nullptr) {
    for (const Use& use : view.analysis->index().uses()) {
      const Span now = view.document.drift().forward(use.span);
      if (now.end <= text.size() && text.substr(now.begin, now.end - now.begin) == view.analysis->sources().text(use.span)) uses.emplace(now.begin, &use);
    }
  }
  std::vector<Coloured> result;
  const auto units = [&](uint32_t begin, uint32_t end) {
    if (begin < end) result.push_back({begin, end, TypeName, 0});
  };
  for (const Token& token : tokenize(text)) {
    const auto used = uses.find(token.begin);
    const bool named = used != uses.end() && used->second->span.end - used->second->span.begin == token.end - token.begin;
    if (named && (token.kind == Token::Kind::Word || token.kind == Token::Kind::Keyword)) {
      const Use& use = *used->second;
      result.push_back({token.begin, token.end, type_of(view.analysis->index().symbol(use.symbol).kind), modifiers_of(view, use)});
      continue;
    }
    switch (token.kind) {
      case Token::Kind::Keyword: result.push_back({token.begin, token.end, Keyword, 0}); break;
      case Token::Kind::Comment: result.push_back({token.begin, token.end, Comment, 0}); break;
      case Token::Kind::DocComment: result.push_back({token.begin, token.end, Comment, Documentation}); break;
      case Token::Kind::String: result.push_back({token.begin, token.end, String, 0}); break;
      case Token::Kind::Operator: result.push_back({token.begin, token.end, Operator, 0}); break;
      case Token::Kind::Scalar: result.push_back({token.begin, token.end, TypeName, DefaultLibrary}); break;
      case Token::Kind::Unit: {
        const auto bracket = static_cast<uint32_t>(text.find('<', token.begin));
        if (bracket > token.begin) result.push_back({token.begin, token.begin + 2, Keyword, 0});  // as <kpc>
        units(bracket, token.end);
        break;
      }
      case Token::Kind::Number: {
        const uint32_t unit = std::min(token.end, static_cast<uint32_t>(std::min(text.find('<', token.begin), text.size())));
        result.push_back({token.begin, unit, Number, 0});
        units(unit, token.end);
        break;
      }
      default: break;
    }
  }
  return result;
}

/// The protocol's form: five numbers a token, relative to the one before; what spans lines is cut at their ends.
std::vector<uint32_t> encode(const View& view, const std::vector<Coloured>& tokens) {
  const Text& text = view.document.text();
  std::vector<uint32_t> data;
  TextPosition last;
  const auto add = [&](uint32_t begin, uint32_t end, const Coloured& token) {
    const TextPosition from = text.position(begin, view.encoding), to = text.position(end, view.encoding);
    if (from.character == to.character) return;
    data.insert(data.end(), {from.line - last.line, from.line == last.line ? from.character - last.character : from.character, to.character - from.character, token.type, token.modifiers});
    last = from;
  };
  for (const Coloured& token : tokens) {
    const uint32_t first = text.line_of(token.begin), end_line = text.line_of(token.end > token.begin ? token.end - 1 : token.begin);
    for (uint32_t line = first; line <= end_line; ++line) {
      add(std::max(token.begin, text.line_begin(line)), std::min(token.end, text.line_end(line)), token);
    }
  }
  return data;
}

}  // namespace

Json semantic_legend() { return {{"tokenTypes", kTypeNames}, {"tokenModifiers", kModifierNames}}; }

std::string SemanticTokens::remember(const std::string& uri, std::vector<uint32_t> data) {
  std::string id = absl::StrCat(next_id_++);
  sent_[uri] = {id, std::move(data)};
  return id;
}

Answer SemanticTokens::full(const View& view) {
  std::vector<uint32_t> data = encode(view, colours(view));
  Json json = {{"data", data}};
  json["resultId"] = remember(view.document.uri(), std::move(data));
  return json;
}

Answer SemanticTokens::delta(const View& view, const Json& params) {
  const auto before = sent_.find(view.document.uri());
  if (before == sent_.end() || member(params, "previousResultId") != before->second.id) return full(view);
  const std::vector<uint32_t> old = std::move(before->second.data);
  std::vector<uint32_t> data = encode(view, colours(view));
  const size_t shorter = std::min(old.size(), data.size());
  size_t head = 0, tail = 0;
  while (head < shorter && old[head] == data[head]) ++head;
  while (tail < shorter - head && old[old.size() - 1 - tail] == data[data.size() - 1 - tail]) ++tail;
  Json edits = Json::array();
  if (head + tail < old.size() || head + tail < data.size()) {
    edits.push_back({{"start", head}, {"deleteCount", old.size() - head - tail}, {"data", std::vector<uint32_t>(data.begin() + static_cast<ptrdiff_t>(head), data.end() - static_cast<ptrdiff_t>(tail))}});
  }
  return Json{{"resultId", remember(view.document.uri(), std::move(data))}, {"edits", std::move(edits)}};
}

Answer SemanticTokens::range(const View& view, const Json& params) {
  const auto begin = offset_of(view.document.text(), params.at("range").at("start"), view.encoding);
  const auto end = offset_of(view.document.text(), params.at("range").at("end"), view.encoding);
  if (!begin || !end) return absl::InvalidArgumentError("the range lies outside the document");
  std::vector<Coloured> tokens = colours(view);
  std::erase_if(tokens, [&](const Coloured& token) { return token.end <= *begin || token.begin >= *end; });
  return Json{{"data", encode(view, tokens)}};
}

}  // namespace acie::lsp
