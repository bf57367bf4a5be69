// From an import to the file it reads.
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {

Answer document_links(Workspace& workspace, const View& view, const Json& params) {
  Json links = Json::array();
  if (view.analysis == nullptr || view.analysis->modules() == nullptr) return links;
  for (const auto& [decl, module] : view.analysis->modules()->main->import_declarations) {
    const Span span = decl->file ? decl->name.span : decl->path.span;
    const std::string& path = view.analysis->sources().path(module->file->file_id);
    links.push_back({{"range", view.range(span)}, {"target", workspace.uri_of(path)}, {"tooltip", path}});
  }
  return links;
}

}  // namespace acie::lsp
