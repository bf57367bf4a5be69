// All uses of a name: references in every file of the workspace, highlights in this one.
#include "compiler/lsp/Features/Features.h"
#include "compiler/lsp/Uses.h"

namespace acie::lsp {

Answer references(Workspace& workspace, const View& view, const Json& params) {
  const auto offset = place_of(view, params);
  if (!offset.ok()) return offset.status();
  const Use* here = use_at(view, *offset);
  if (here == nullptr) return Json::array();
  const bool declaration = member(member(params, "context"), "includeDeclaration") != false;
  Json result = Json::array();
  for_each_use(workspace, view, here->symbol, [&](Json location, const Use& use, std::string_view) {
    if (declaration || use.role != Use::Role::Declaration) result.push_back(std::move(location));
  });
  const Symbol& symbol = view.analysis->index().symbol(here->symbol);
  if (declaration && is_library(workspace, *view.analysis, symbol) && symbol.kind != Symbol::Kind::Builtin) result.push_back(workspace.location(view, symbol.name_span));
  return result;
}

Answer highlight(Workspace& workspace, const View& view, const Json& params) {
  const auto offset = place_of(view, params);
  if (!offset.ok()) return offset.status();
  const Use* here = use_at(view, *offset);
  Json result = Json::array();
  if (here == nullptr) return result;
  for (const Use& use : view.analysis->index().uses_of(here->symbol)) {
    result.push_back({{"range", view.range(use.span)}, {"kind", use.role == Use::Role::Read ? 2 : 3}});
  }
  return result;
}

}  // namespace acie::lsp
