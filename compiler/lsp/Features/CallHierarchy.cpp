// Causes and effects as a hierarchy of calls: what an equation mentions, its parents, is what it calls; its children are
// its callers. Functions and constants take part, so that the way through a function can be followed.
#include <algorithm>
#include <set>

#include "compiler/lsp/Describe.h"
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {
namespace {

bool takes_part(const Symbol& symbol) {
  switch (symbol.kind) {
    case Symbol::Kind::Function: case Symbol::Kind::Mechanism: case Symbol::Kind::Const: case Symbol::Kind::Param: case Symbol::Kind::Intervention:
    case Symbol::Kind::Constraint: case Symbol::Kind::Query: case Symbol::Kind::Learn: return true;
    default: return symbol.is_variable();
  }
}

/// Its text, in which mentions count.
Span text_of(const Symbol& symbol) { return symbol.stmt != nullptr ? symbol.stmt->span : symbol.span; }

/// The symbol in whose text a use stands: a variable's equation, else the declaration.
int owner_of(const Index& index, uint32_t file, const Use& use) {
  int best = -1;
  for (int id = 0; id < static_cast<int>(index.symbols().size()); ++id) {
    const Symbol& symbol = index.symbol(id);
    if (!takes_part(symbol) || symbol.name_span.file != file) continue;
    const Span text = text_of(symbol);
    if (text.begin > use.span.begin || use.span.end > text.end) continue;
    if (best < 0 || text.end - text.begin < text_of(index.symbol(best)).end - text_of(index.symbol(best)).begin) best = id;
  }
  return best;
}

/// The symbol that an item of an earlier answer stands for, in the view it belongs to.
int symbol_of(const View& view, const Json& item) {
  const auto offset = offset_of(view.document.text(), item.at("selectionRange").at("start"), view.encoding);
  if (!offset) return -1;
  const Use* use = use_at(view, *offset);
  return use == nullptr ? -1 : use->symbol;
}

Json item(Workspace& workspace, const View& view, int id) {
  const Symbol& symbol = view.analysis->index().symbol(id);
  const Json name = workspace.location(view, symbol.name_span);
  return {{"name", symbol.name}, {"kind", symbol_kind(symbol.kind)}, {"detail", type_text(*view.analysis, symbol)}, {"uri", name.at("uri")},
          {"range", workspace.location(view, text_of(symbol)).at("range")}, {"selectionRange", name.at("range")}};
}

}  // namespace

Answer prepare_call_hierarchy(Workspace& workspace, const View& view, const Json& params) {
  const auto offset = place_of(view, params);
  if (!offset.ok()) return offset.status();
  const Use* use = use_at(view, *offset);
  if (use == nullptr || !takes_part(view.analysis->index().symbol(use->symbol))) return Json();
  return Json::array({item(workspace, view, use->symbol)});
}

Answer incoming_calls(Workspace& workspace, const View& view, const Json& params) {
  const int id = symbol_of(view, params.at("item"));
  Json result = Json::array();
  if (id < 0) return result;
  const Index& index = view.analysis->index();
  std::vector<std::pair<int, Json>> callers;
  for (const Use& use : index.uses_of(id)) {
    if (use.role == Use::Role::Declaration) continue;
    const int owner = owner_of(index, view.analysis->file(), use);
    if (owner < 0 || owner == id) continue;
    auto known = std::find_if(callers.begin(), callers.end(), [&](const auto& caller) { return caller.first == owner; });
    if (known == callers.end()) known = callers.insert(callers.end(), {owner, Json::array()});
    known->second.push_back(view.range(use.span));
  }
  for (auto& [owner, ranges] : callers) result.push_back({{"from", item(workspace, view, owner)}, {"fromRanges", std::move(ranges)}});
  return result;
}

Answer outgoing_calls(Workspace& workspace, const View& view, const Json& params) {
  const int id = symbol_of(view, params.at("item"));
  Json result = Json::array();
  if (id < 0) return result;
  const Index& index = view.analysis->index();
  const Symbol& symbol = index.symbol(id);
  if (symbol.name_span.file != view.analysis->file()) return result;
  const Span text = text_of(symbol);
  std::vector<std::pair<int, Json>> callees;
  for (const Use& use : index.uses()) {
    if (use.role == Use::Role::Declaration || use.symbol == id || use.span.begin < text.begin || use.span.end > text.end) continue;
    if (!takes_part(index.symbol(use.symbol))) continue;
    auto known = std::find_if(callees.begin(), callees.end(), [&](const auto& callee) { return callee.first == use.symbol; });
    if (known == callees.end()) known = callees.insert(callees.end(), {use.symbol, Json::array()});
    known->second.push_back(view.range(use.span));
  }
  for (auto& [callee, ranges] : callees) result.push_back({{"to", item(workspace, view, callee)}, {"fromRanges", std::move(ranges)}});
  return result;
}

}  // namespace acie::lsp
