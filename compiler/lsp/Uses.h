// The uses of a symbol wherever they are: in its own document, in others that are open, in files of the workspace.
#pragma once

#include <functional>
#include <string>

#include "compiler/lsp/Workspace.h"

namespace acie::lsp {

/// What is the same symbol in the analyses of different documents.
struct SymbolKey {
  std::string path;
  Symbol::Kind kind;
  std::string name;
  std::string parent;  // the declaration it is a part of

  bool operator==(const SymbolKey&) const = default;
};

SymbolKey key_of(const Analysis& analysis, const Symbol& symbol);
/// Whether other files can name it: declarations, and members of models.
bool is_visible_outside(const Analysis& analysis, const Symbol& symbol);
/// Whether its declaration is in the standard library, or nowhere.
bool is_library(const Workspace& workspace, const Analysis& analysis, const Symbol& symbol);

/// Calls `visit` with the location ({"uri", "range"}) and the text of every use, the view's own document first. The text is
/// another than the symbol's name where an import renames it.
void for_each_use(Workspace& workspace, const View& view, int symbol, const std::function<void(Json location, const Use&, std::string_view text)>& visit);

}  // namespace acie::lsp
