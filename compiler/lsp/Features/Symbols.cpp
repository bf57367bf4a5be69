// Outlines: the declarations of a document with what they hold, and those of the whole workspace by name.
#include <algorithm>
#include <cctype>

#include "compiler/Syntax/Parser.h"
#include "compiler/lsp/Describe.h"
#include "compiler/lsp/Features/Features.h"
#include "compiler/lsp/Uri.h"

namespace acie::lsp {

int symbol_kind(Symbol::Kind kind) {
  enum { Module = 2, Namespace = 3, Class = 5, Property = 7, Field = 8, Enum = 10, Function = 12, Variable = 13, Constant = 14, Key = 20, EnumMember = 22, Struct = 23, Event = 24, Operator = 25, TypeParameter = 26 };
  switch (kind) {
    case Symbol::Kind::Module: return Module;
    case Symbol::Kind::Unit: case Symbol::Kind::Const: case Symbol::Kind::Dim: case Symbol::Kind::Builtin: return Constant;
    case Symbol::Kind::Type: return Enum;
    case Symbol::Kind::Alternative: return EnumMember;
    case Symbol::Kind::Function: case Symbol::Kind::Mechanism: case Symbol::Kind::Graph: return Function;
    case Symbol::Kind::Model: return Class;
    case Symbol::Kind::Intervention: return Operator;
    case Symbol::Kind::Constraint: return Property;
    case Symbol::Kind::Query: case Symbol::Kind::Fit: return Event;
    case Symbol::Kind::Party: return Namespace;
    case Symbol::Kind::Key: return Key;
    case Symbol::Kind::World: return Struct;
    case Symbol::Kind::Generic: return TypeParameter;
    case Symbol::Kind::Input: case Symbol::Kind::Exo: case Symbol::Kind::Var: case Symbol::Kind::Latent: case Symbol::Kind::Learn: return Field;
    default: return Variable;
  }
}

namespace {

Json document_symbol(const View& view, const Symbol& symbol) {
  return {{"name", symbol.name},
          {"detail", type_text(*view.analysis, symbol)},
          {"kind", symbol_kind(symbol.kind)},
          {"range", view.range(symbol.span)},
          {"selectionRange", view.range(symbol.name_span)}};
}

bool is_listed(const Symbol& symbol) {
  return symbol.kind != Symbol::Kind::Parameter && symbol.kind != Symbol::Kind::Generic && symbol.kind != Symbol::Kind::Step && symbol.kind != Symbol::Kind::Builtin;
}

/// Whether the letters of `query` come in `name`, in order.
bool matches(const std::string& query, const std::string& name) {
  size_t at = 0;
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  for (const char c : name) {
    if (at < query.size() && lower(c) == lower(query[at])) ++at;
  }
  return at == query.size();
}

}  // namespace

Answer document_symbols(Workspace& workspace, const View& view, const Json& params) {
  Json result = Json::array();
  if (view.analysis == nullptr) return result;
  const Index& index = view.analysis->index();
  std::map<int, Json> children;
  std::vector<int> order;
  for (int id = 0; id < static_cast<int>(index.symbols().size()); ++id) {
    const Symbol& symbol = index.symbol(id);
    if (symbol.kind == Symbol::Kind::Builtin || symbol.name_span.file != view.analysis->file() || !is_listed(symbol)) continue;
    if (symbol.parent < 0) order.push_back(id);
    else children[symbol.parent].push_back(document_symbol(view, symbol));
  }
  std::sort(order.begin(), order.end(), [&](int a, int b) { return index.symbol(a).name_span.begin < index.symbol(b).name_span.begin; });
  for (const int id : order) {
    Json json = document_symbol(view, index.symbol(id));
    if (const auto inner = children.find(id); inner != children.end()) json["children"] = inner->second;
    result.push_back(std::move(json));
  }
  return result;
}

Answer workspace_symbols(Workspace& workspace, const Json& params) {
  const std::string& query = params.at("query").get_ref<const std::string&>();
  Json result = Json::array();
  const auto add = [&](const Index& index, uint32_t file, const std::function<Json(Span)>& location) {
    for (const Symbol& symbol : index.symbols()) {
      if (symbol.kind == Symbol::Kind::Builtin || symbol.name_span.file != file || !is_listed(symbol) || !matches(query, symbol.name)) continue;
      Json json = {{"name", symbol.name}, {"kind", symbol_kind(symbol.kind)}, {"location", location(symbol.name_span)}};
      if (symbol.parent >= 0) json["containerName"] = index.symbol(symbol.parent).name;
      result.push_back(std::move(json));
    }
  };
  for (Document* document : workspace.documents()) {
    const View view = workspace.view(*document);
    if (view.analysis != nullptr) add(view.analysis->index(), view.analysis->file(), [&](Span span) { return workspace.location(view, span); });
  }
  for (const std::string& path : workspace.closed_files()) {
    // Names alone: nothing is checked.
    SourceManager sources;
    syntax::AstContext context;
    DiagnosticEngine diagnostics;
    const auto file = sources.load(path);
    const syntax::File* tree = file.ok() ? syntax::parse(sources, *file, context, diagnostics) : nullptr;
    if (tree == nullptr) continue;
    const Text text{std::string(sources.text(*file))};
    add(Index(*tree, nullptr), *file, [&](Span span) { return Json{{"uri", uri_of_path(path)}, {"range", range_of(text, span.begin, span.end, workspace.encoding)}}; });
  }
  return result;
}

}  // namespace acie::lsp
