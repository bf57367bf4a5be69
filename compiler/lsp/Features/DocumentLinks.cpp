// From an import to the file it reads.
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {

namespace {

/// The module that an import reads; null if it brings in no name.
const sema::Module* module_of(const syntax::Decl& import, const sema::Module& main) {
  if (import.alias) {
    const auto found = main.aliases.find(import.alias->text);
    return found == main.aliases.end() ? nullptr : found->second;
  }
  for (const auto& [name, meanings] : main.imported) {
    for (const sema::Module::Imported& meaning : meanings) {
      if (meaning.by == &import) return meaning.owner;
      for (const syntax::ImportedName& item : import.imported) {
        if (meaning.by == &item) return meaning.owner;
      }
    }
  }
  return nullptr;
}

}  // namespace

Answer document_links(Workspace& workspace, const View& view, const Json& params) {
  Json links = Json::array();
  if (view.analysis == nullptr || view.analysis->modules() == nullptr) return links;
  for (const syntax::Decl* decl : view.analysis->tree().declarations) {
    const sema::Module* module = decl->kind == syntax::Decl::Kind::Import ? module_of(*decl, *view.analysis->modules()->main) : nullptr;
    if (module == nullptr) continue;
    const Span span = decl->file ? decl->name.span : decl->path.span;
    const std::string& path = view.analysis->sources().path(module->file->file_id);
    links.push_back({{"range", view.range(span)}, {"target", workspace.uri_of(path)}, {"tooltip", path}});
  }
  return links;
}

}  // namespace acie::lsp
