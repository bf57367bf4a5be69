#include "compiler/lsp/Uses.h"

#include "absl/strings/match.h"
#include "compiler/lsp/Uri.h"

namespace acie::lsp {

SymbolKey key_of(const Analysis& analysis, const Symbol& symbol) {
  return {analysis.sources().path(symbol.name_span.file), symbol.kind, symbol.name,
          symbol.parent >= 0 ? analysis.index().symbol(symbol.parent).name : ""};
}

bool is_visible_outside(const Analysis& analysis, const Symbol& symbol) {
  if (symbol.kind == Symbol::Kind::Builtin || symbol.kind == Symbol::Kind::Module) return false;
  if (symbol.parent < 0) return symbol.kind != Symbol::Kind::Step;
  const Symbol::Kind owner = analysis.index().symbol(symbol.parent).kind;
  return owner == Symbol::Kind::Model || symbol.kind == Symbol::Kind::Parameter || symbol.kind == Symbol::Kind::Alternative;
}

bool is_library(const Workspace& workspace, const Analysis& analysis, const Symbol& symbol) {
  if (symbol.kind == Symbol::Kind::Builtin) return true;
  const std::string& path = analysis.sources().path(symbol.name_span.file);
  return !workspace.options.stdlib_dir.empty() && path.starts_with(workspace.options.stdlib_dir + "/");
}

void for_each_use(Workspace& workspace, const View& view, int id, const std::function<void(Json, const Use&, std::string_view)>& visit) {
  const Symbol& symbol = view.analysis->index().symbol(id);
  for (const Use& use : view.analysis->index().uses_of(id)) visit(workspace.location(view, use.span), use, view.analysis->sources().text(use.span));
  if (!is_visible_outside(*view.analysis, symbol)) return;
  const SymbolKey key = key_of(*view.analysis, symbol);
  const auto same = [&](const Analysis& analysis) {
    std::vector<Use> uses;
    for (const Use& use : analysis.index().uses()) {
      const Symbol& other = analysis.index().symbol(use.symbol);
      if (other.kind == symbol.kind && other.name == symbol.name && key_of(analysis, other) == key) uses.push_back(use);
    }
    return uses;
  };
  for (Document* document : workspace.documents()) {
    if (document == &view.document) continue;
    const View other = workspace.view(*document);
    if (other.analysis == nullptr) continue;
    for (const Use& use : same(*other.analysis)) visit(workspace.location(other, use.span), use, other.analysis->sources().text(use.span));
  }
  for (const std::string& path : workspace.closed_files()) {
    SourceManager disk;
    const auto file = disk.load(path);
    if (!file.ok() || !absl::StrContains(std::string(disk.text(*file)), symbol.name)) continue;
    const Analysis analysis(path, std::string(disk.text(*file)), workspace.texts(), workspace.options);
    if (!analysis.has_tree()) continue;
    for (const Use& use : same(analysis)) {
      visit({{"uri", uri_of_path(path)}, {"range", range_of(analysis.text(), use.span.begin, use.span.end, workspace.encoding)}}, use, analysis.sources().text(use.span));
    }
  }
}

}  // namespace acie::lsp
