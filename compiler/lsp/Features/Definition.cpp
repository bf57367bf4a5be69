// Where a name is declared: in this file, an imported one or the library.
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {

Answer definition(Workspace& workspace, const View& view, const Json& params) {
  const auto offset = place_of(view, params);
  if (!offset.ok()) return offset.status();
  const Use* use = use_at(view, *offset);
  if (use == nullptr) return Json();
  const Symbol& symbol = view.analysis->index().symbol(use->symbol);
  if (symbol.kind == Symbol::Kind::Builtin) return Json();
  if (const sema::Module* module = view.analysis->index().alias(use->symbol); module != nullptr && use->role != Use::Role::Declaration) {
    return workspace.location(view, symbol.name_span);
  } else if (module != nullptr) {
    return workspace.location(view, {module->file->file_id, 0, 0});
  }
  return workspace.location(view, symbol.name_span);
}

}  // namespace acie::lsp
