#include "compiler/lsp/Server.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "compiler/lsp/Uri.h"

namespace acie::lsp {

Server::Server(std::string stdlib_dir, Dispatch::Send send) : dispatch_(std::move(send)) {
  workspace_.options.stdlib_dir = std::move(stdlib_dir);
  workspace_.options.include_dirs = sema::search_path({});
  register_lifecycle();
  register_documents();
  register_features();
}

void Server::handle(const Incoming& incoming, Clock::time_point now) {
  now_ = now;
  switch (incoming.kind) {
    case Incoming::Kind::Message: return dispatch_.handle(incoming.message);
    case Incoming::Kind::Cancelled: return dispatch_.cancelled(incoming.message);
    case Incoming::Kind::Malformed: return dispatch_.malformed(incoming.error);
    case Incoming::Kind::End: return;
  }
}

void Server::idle(Clock::time_point now) {
  now_ = now;
  for (const std::string& uri : debounce_.due(now)) {
    if (Document* document = workspace_.find(uri)) publish(*document);
  }
}

void Server::register_lifecycle() {
  dispatch_.request("initialize", [this](const Json& params) { return initialize(params); });
  dispatch_.notification("initialized", [](const Json&) {});
  dispatch_.notification("workspace/didChangeConfiguration", [this](const Json& params) {
    const Json& settings = member(params, "settings");
    configure(settings.is_object() && settings.contains("acie") ? settings.at("acie") : settings);
    for (Document* document : workspace_.documents()) {
      document->touch();
      debounce_.changed(document->uri(), now_);
    }
  });
}

absl::StatusOr<Json> Server::initialize(const Json& params) {
  // Columns count UTF-16 unless the client offers UTF-8, which needs no counting.
  for (const Json& offered : member(member(member(params, "capabilities"), "general"), "positionEncodings")) {
    if (offered == "utf-8") workspace_.encoding = Encoding::Utf8;
  }
  for (const Json& folder : member(params, "workspaceFolders")) workspace_.folders.push_back(path_of_uri(folder.at("uri").get_ref<const std::string&>()));
  if (const Json& root = member(params, "rootUri"); workspace_.folders.empty() && root.is_string()) workspace_.folders.push_back(path_of_uri(root.get_ref<const std::string&>()));
  configure(member(params, "initializationOptions"));
  return Json{{"capabilities", capabilities(workspace_.encoding)}, {"serverInfo", {{"name", "acie-lsp"}, {"version", ACIE_VERSION}}}};
}

void Server::configure(const Json& settings) {
  if (const Json& pedantic = member(settings, "pedantic"); pedantic.is_boolean()) workspace_.options.pedantic = pedantic.get<bool>();
  if (const Json& pause = member(settings, "debounce"); pause.is_number_unsigned()) debounce_.set_pause(std::chrono::milliseconds(std::min<uint64_t>(pause.get<uint64_t>(), 10'000)));
  if (const Json& folders = member(settings, "includeDirs"); folders.is_array()) {
    // One that is not absolute lies in the workspace.
    const std::filesystem::path root = workspace_.folders.empty() ? "" : workspace_.folders.front();
    std::vector<std::string> dirs;
    for (const Json& folder : folders) {
      if (folder.is_string()) dirs.push_back((root / folder.get<std::string>()).lexically_normal().string());
    }
    workspace_.options.include_dirs = sema::search_path(std::move(dirs));
  }
}

Document* Server::document_of(const Json& params) {
  return workspace_.find(params.at("textDocument").at("uri").get_ref<const std::string&>());
}

void Server::changed(const std::string& path, const std::string& now_open) {
  for (Document* document : workspace_.changed(path)) {
    if (document->uri() == now_open) publish(*document);
    else debounce_.changed(document->uri(), now_);
  }
}

void Server::register_documents() {
  dispatch_.notification("textDocument/didOpen", [this](const Json& params) {
    const Json& item = params.at("textDocument");
    const std::string uri = item.at("uri").get<std::string>();
    workspace_.open(uri, item.at("text").get<std::string>(), item.at("version").get<int64_t>());
    changed(path_of_uri(uri), uri);
  });
  dispatch_.notification("textDocument/didChange", [this](const Json& params) {
    Document* document = document_of(params);
    if (document == nullptr) return dispatch_.log("didChange of a document that is not open");
    const absl::Status done = document->change(params.at("contentChanges"), params.at("textDocument").at("version").get<int64_t>(), workspace_.encoding);
    if (!done.ok()) return dispatch_.log(std::string(done.message()));
    changed(document->path(), "");
  });
  dispatch_.notification("textDocument/didSave", [](const Json&) {});
  dispatch_.notification("textDocument/didClose", [this](const Json& params) {
    Document* document = document_of(params);
    if (document == nullptr) return;
    const std::string uri = document->uri(), path = document->path();
    debounce_.forget(uri);
    semantic_tokens_.forget(uri);
    std::set<std::string> clear = published_[uri];
    clear.insert(uri);
    published_.erase(uri);
    workspace_.close(uri);
    for (const std::string& other : clear) dispatch_.notify("textDocument/publishDiagnostics", {{"uri", other}, {"diagnostics", Json::array()}});
    changed(path, "");
  });
  dispatch_.notification("workspace/didChangeWatchedFiles", [this](const Json& params) {
    for (const Json& change : params.at("changes")) changed(path_of_uri(change.at("uri").get_ref<const std::string&>()), "");
  });
}

/// Other files of the program are reported on where they are not open themselves: then they do so.
void Server::publish(Document& document) {
  debounce_.forget(document.uri());
  std::set<std::string>& before = published_[document.uri()];
  std::set<std::string> now;
  for (auto& [path, diagnostics] : diagnostics_by_file(workspace_, workspace_.view(document))) {
    const bool own = path == document.path();
    const std::string uri = own ? document.uri() : workspace_.uri_of(path);
    if (!own && workspace_.find(uri) != nullptr) continue;
    Json params = {{"uri", uri}, {"diagnostics", std::move(diagnostics)}};
    if (own) params["version"] = document.version();
    else now.insert(uri);
    dispatch_.notify("textDocument/publishDiagnostics", std::move(params));
  }
  for (const std::string& uri : before) {
    if (!now.contains(uri) && workspace_.find(uri) == nullptr) dispatch_.notify("textDocument/publishDiagnostics", {{"uri", uri}, {"diagnostics", Json::array()}});
  }
  before = std::move(now);
}

void Server::on_document(const std::string& method, Feature feature, View (Workspace::*view)(Document&)) {
  dispatch_.request(method, [this, view, feature = std::move(feature)](const Json& params) -> Answer {
    const Json& item = member(params, "item");
    Document* document = item.is_null() ? document_of(params) : workspace_.find(item.at("uri").get_ref<const std::string&>());
    if (document == nullptr) return absl::InvalidArgumentError("the document is not open");
    return feature(workspace_, (workspace_.*view)(*document), params);
  });
}

void Server::register_features() {
  while_typing("textDocument/hover", hover);
  while_typing("textDocument/completion", completion);
  while_typing("textDocument/signatureHelp", signature_help);
  on_document("textDocument/definition", definition);
  on_document("textDocument/references", references);
  on_document("textDocument/documentHighlight", highlight);
  on_document("textDocument/prepareRename", prepare_rename);
  on_document("textDocument/rename", rename);
  on_document("textDocument/documentSymbol", document_symbols);
  on_document("textDocument/inlayHint", inlay_hints);
  on_document("textDocument/formatting", format_document);
  on_document("textDocument/rangeFormatting", format_range);
  on_document("textDocument/codeAction", code_actions);
  on_document("textDocument/foldingRange", folding_ranges);
  on_document("textDocument/selectionRange", selection_ranges);
  on_document("textDocument/prepareCallHierarchy", prepare_call_hierarchy);
  on_document("callHierarchy/incomingCalls", incoming_calls);
  on_document("callHierarchy/outgoingCalls", outgoing_calls);
  on_document("textDocument/codeLens", code_lenses);
  on_document("textDocument/documentLink", document_links);
  on_document("acie/graph", graph);
  on_document("textDocument/semanticTokens/full", [this](Workspace&, const View& view, const Json&) { return semantic_tokens_.full(view); });
  on_document("textDocument/semanticTokens/full/delta", [this](Workspace&, const View& view, const Json& params) { return semantic_tokens_.delta(view, params); });
  on_document("textDocument/semanticTokens/range", [](Workspace&, const View& view, const Json& params) { return SemanticTokens::range(view, params); });
  dispatch_.request("workspace/symbol", [this](const Json& params) { return workspace_symbols(workspace_, params); });
}

}  // namespace acie::lsp
