// What a declaration does not say: inferred types with units and shapes, and how a noise is recovered.
#include "absl/strings/str_cat.h"
#include "compiler/lsp/Describe.h"
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {

Answer inlay_hints(Workspace& workspace, const View& view, const Json& params) {
  const auto begin = offset_of(view.document.text(), params.at("range").at("start"), view.encoding);
  const auto end = offset_of(view.document.text(), params.at("range").at("end"), view.encoding);
  // Editors ask to the end of their window or beyond the last line: what lies there has no hints, and the rest does.
  if (!begin) return absl::InvalidArgumentError("the range lies outside the document");
  Json hints = Json::array();
  if (view.analysis == nullptr) return hints;
  const auto add = [&](uint32_t at, const std::string& label, int kind) {
    const uint32_t now = view.document.drift().forward(at);
    if (now < *begin || now > end.value_or(now)) return;
    Json hint = {{"position", view.range_now(now, now).at("start")}, {"label", label}, {"paddingLeft", kind != 1}};
    if (kind == 1) hint["kind"] = 1;
    hints.push_back(std::move(hint));
  };
  std::vector<const Symbol*> declared;
  for (const Symbol& symbol : view.analysis->index().symbols()) {
    if (symbol.kind != Symbol::Kind::Builtin && symbol.name_span.file == view.analysis->file()) declared.push_back(&symbol);
  }
  std::sort(declared.begin(), declared.end(), [](const Symbol* a, const Symbol* b) { return a->name_span.begin < b->name_span.begin; });
  for (const Symbol* symbol : declared) {
    switch (symbol->kind) {
      case Symbol::Kind::Const: case Symbol::Kind::Let: case Symbol::Kind::Var: case Symbol::Kind::Exo: case Symbol::Kind::Learn:
        if (symbol->type == nullptr && (symbol->stmt == nullptr || symbol->stmt->names.size() == 1)) {
          if (const std::string type = type_text(*view.analysis, *symbol); !type.empty()) add(symbol->name_span.end, absl::StrCat(" : ", type), 1);
        }
        break;
      default: break;
    }
    const bool noisy = symbol->kind == Symbol::Kind::Exo || (symbol->kind == Symbol::Kind::Var && symbol->stmt != nullptr && symbol->stmt->law != nullptr);
    if (!noisy || symbol->stmt == nullptr) continue;
    if (const std::string method = recovery_method(*view.analysis, *symbol); !method.empty()) add(symbol->stmt->span.end, absl::StrCat("noise ", method), 0);
  }
  return hints;
}

}  // namespace acie::lsp
