// Above each query: run it, show its graph; above each model: show its graph. The commands are the client's.
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {

Answer code_lenses(Workspace& workspace, const View& view, const Json& params) {
  Json lenses = Json::array();
  if (view.analysis == nullptr) return lenses;
  const auto add = [&](const syntax::Decl& decl, const char* title, const char* command) {
    const Json place = {{"uri", view.document.uri()}, {"name", decl.name.text}, {"position", view.range(decl.name.span).at("start")}};
    lenses.push_back({{"range", view.range(decl.name.span)}, {"command", {{"title", title}, {"command", command}, {"arguments", {place}}}}});
  };
  for (const syntax::Decl* decl : view.analysis->tree().declarations) {
    if (decl->kind == syntax::Decl::Kind::Query) add(*decl, "run", "acie.runQuery");
    if (decl->kind == syntax::Decl::Kind::Query || decl->kind == syntax::Decl::Kind::Model || decl->kind == syntax::Decl::Kind::Intervention) add(*decl, "show graph", "acie.showGraph");
  }
  return lenses;
}

}  // namespace acie::lsp
