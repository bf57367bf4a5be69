// What `initialize` announces. Everything is announced statically: clients that do not know a feature do not ask for it.
#include "compiler/lsp/Server.h"

namespace acie::lsp {

std::string_view encoding_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::Utf8: return "utf-8";
    case Encoding::Utf16: return "utf-16";
    case Encoding::Utf32: return "utf-32";
  }
  return "";
}

Json capabilities(Encoding encoding) {
  return {
      {"positionEncoding", std::string(encoding_name(encoding))},
      {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", true}}},
      {"hoverProvider", true},
      {"completionProvider", {{"triggerCharacters", {".", "<", "~"}}, {"resolveProvider", false}}},
      {"signatureHelpProvider", {{"triggerCharacters", {"(", ","}}}},
      {"definitionProvider", true},
      {"referencesProvider", true},
      {"documentHighlightProvider", true},
      {"renameProvider", {{"prepareProvider", true}}},
      {"documentSymbolProvider", true},
      {"workspaceSymbolProvider", true},
      {"semanticTokensProvider", {{"legend", semantic_legend()}, {"full", {{"delta", true}}}, {"range", true}}},
      {"inlayHintProvider", true},
      {"documentFormattingProvider", true},
      {"documentRangeFormattingProvider", true},
      {"codeActionProvider", {{"codeActionKinds", {"quickfix", "source.fixAll.acie"}}}},
      {"foldingRangeProvider", true},
      {"selectionRangeProvider", true},
      {"callHierarchyProvider", true},
      {"codeLensProvider", {{"resolveProvider", false}}},
      {"documentLinkProvider", {{"resolveProvider", false}}},
      {"experimental", {{"acieGraph", true}}},
  };
}

}  // namespace acie::lsp
