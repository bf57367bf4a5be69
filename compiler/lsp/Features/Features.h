// Every feature the server has: one file each, one function per method, from a view of a document and the request's
// parameters to the result. A function reads and never changes anything.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compiler/lsp/Json.h"
#include "compiler/lsp/Workspace.h"

namespace acie::lsp {

using Answer = absl::StatusOr<Json>;

/// The offset of params.position in the current text; InvalidArgument outside it.
absl::StatusOr<uint32_t> place_of(const View& view, const Json& params);

/// What a name in the text means: its symbol in view.analysis->index(), and the name's place there. Null if there is no
/// name, or no tree.
const Use* use_at(const View& view, uint32_t offset_now);

/// Whether the text of a span of view.analysis still stands where edits since have moved it.
bool unchanged(const View& view, Span span);

// Diagnostics.cpp
/// Of the text as it is, in the protocol's form, by the path of the file they are in.
std::map<std::string, Json> diagnostics_by_file(Workspace& workspace, const View& view);

Answer hover(Workspace& workspace, const View& view, const Json& params);
Answer definition(Workspace& workspace, const View& view, const Json& params);
Answer references(Workspace& workspace, const View& view, const Json& params);
Answer highlight(Workspace& workspace, const View& view, const Json& params);
Answer prepare_rename(Workspace& workspace, const View& view, const Json& params);
Answer rename(Workspace& workspace, const View& view, const Json& params);
Answer document_symbols(Workspace& workspace, const View& view, const Json& params);
Answer completion(Workspace& workspace, const View& view, const Json& params);
Answer signature_help(Workspace& workspace, const View& view, const Json& params);
Answer inlay_hints(Workspace& workspace, const View& view, const Json& params);
Answer format_document(Workspace& workspace, const View& view, const Json& params);
Answer format_range(Workspace& workspace, const View& view, const Json& params);
Answer code_actions(Workspace& workspace, const View& view, const Json& params);
Answer folding_ranges(Workspace& workspace, const View& view, const Json& params);
Answer selection_ranges(Workspace& workspace, const View& view, const Json& params);
Answer prepare_call_hierarchy(Workspace& workspace, const View& view, const Json& params);
Answer incoming_calls(Workspace& workspace, const View& view, const Json& params);
Answer outgoing_calls(Workspace& workspace, const View& view, const Json& params);
Answer code_lenses(Workspace& workspace, const View& view, const Json& params);
Answer document_links(Workspace& workspace, const View& view, const Json& params);
Answer graph(Workspace& workspace, const View& view, const Json& params);
/// Over all documents and the files of the workspace's folders.
Answer workspace_symbols(Workspace& workspace, const Json& params);

/// The protocol's SymbolKind.
int symbol_kind(Symbol::Kind kind);

}  // namespace acie::lsp
