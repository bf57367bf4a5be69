// Renaming what the user declared, in every file of the workspace.
#include "absl/strings/str_cat.h"
#include "compiler/lsp/Features/Features.h"
#include "compiler/lsp/Tokens.h"
#include "compiler/lsp/Uses.h"

namespace acie::lsp {
namespace {

/// The use at the place if it can be renamed; FailedPrecondition says why not.
absl::StatusOr<const Use*> renamable(const Workspace& workspace, const View& view, const Json& params) {
  const auto offset = place_of(view, params);
  if (!offset.ok()) return offset.status();
  if (!view.latest.has_tree()) return absl::FailedPreconditionError("names cannot be changed while the program has syntax errors");
  const Use* use = use_at(view, *offset);
  if (use == nullptr) return absl::FailedPreconditionError("there is no name here");
  const Symbol& symbol = view.analysis->index().symbol(use->symbol);
  if (is_library(workspace, *view.analysis, symbol)) return absl::FailedPreconditionError(absl::StrCat("`", symbol.name, "` belongs to the library"));
  return use;
}

/// How the name is written: in back quotes where it is no plain one. Empty if it can be no name at all.
std::string spelled(const std::string& name, const Symbol& symbol) {
  if (is_plain_name(name)) return name;
  const bool quotable = !name.empty() && name.find('`') == std::string::npos &&
                        std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  return quotable && symbol.kind != Symbol::Kind::Unit ? absl::StrCat("`", name, "`") : "";
}

/// What already has that name where the symbol is declared; null if nothing.
const Symbol* taken(const Index& index, const Symbol& symbol, const std::string& name) {
  int other = -1;
  if (symbol.kind == Symbol::Kind::Unit) other = index.unit(name);
  else if (symbol.parent < 0 || index.members(symbol.parent).contains(name)) {
    other = symbol.parent < 0 ? index.global(name) : index.members(symbol.parent).at(name);
  }
  if (other < 0 || index.symbol(other).kind == Symbol::Kind::Builtin || &index.symbol(other) == &symbol) return nullptr;
  return &index.symbol(other);
}

}  // namespace

Answer prepare_rename(Workspace& workspace, const View& view, const Json& params) {
  const auto use = renamable(workspace, view, params);
  if (!use.ok()) return use.status();
  return Json{{"range", view.range((*use)->span)}, {"placeholder", view.analysis->index().symbol((*use)->symbol).name}};
}

Answer rename(Workspace& workspace, const View& view, const Json& params) {
  const auto use = renamable(workspace, view, params);
  if (!use.ok()) return use.status();
  const Symbol& symbol = view.analysis->index().symbol((*use)->symbol);
  const std::string& name = params.at("newName").get_ref<const std::string&>();
  const std::string written = spelled(name, symbol);
  if (written.empty()) return absl::FailedPreconditionError(absl::StrCat("`", name, "` cannot be a name"));
  if (taken(view.analysis->index(), symbol, name) != nullptr) return absl::FailedPreconditionError(absl::StrCat("there is a `", name, "` already"));
  Json changes = Json::object();
  for_each_use(workspace, view, (*use)->symbol, [&](Json location, const Use&, std::string_view text) {
    if (text != symbol.name && text != absl::StrCat("`", symbol.name, "`")) return;  // renamed by an import
    changes[location.at("uri").get<std::string>()].push_back({{"range", location.at("range")}, {"newText", written}});
  });
  // Declared in a file that is neither open nor in a folder of the workspace.
  if (symbol.name_span.file != view.analysis->file()) {
    const Json declaration = workspace.location(view, symbol.name_span);
    if (!changes.contains(declaration.at("uri").get<std::string>())) {
      changes[declaration.at("uri").get<std::string>()].push_back({{"range", declaration.at("range")}, {"newText", written}});
    }
  }
  return Json{{"changes", std::move(changes)}};
}

}  // namespace acie::lsp
