// The language server without its streams: messages in, messages out. Single-threaded; time is told to it.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "compiler/lsp/Debounce.h"
#include "compiler/lsp/Dispatch.h"
#include "compiler/lsp/Features/Features.h"
#include "compiler/lsp/Features/SemanticTokens.h"
#include "compiler/lsp/MessageQueue.h"
#include "compiler/lsp/Workspace.h"

namespace acie::lsp {

class Server {
 public:
  using Clock = Debounce::Clock;

  /// `stdlib_dir` is where std.* is found.
  Server(std::string stdlib_dir, Dispatch::Send send);

  void handle(const Incoming& incoming, Clock::time_point now);
  /// When idle() has something to do; nullopt: nothing waits.
  std::optional<Clock::time_point> deadline() const { return debounce_.deadline(); }
  /// Checks the documents that changed and have rested since, and publishes what was found.
  void idle(Clock::time_point now);

  bool exited() const { return dispatch_.exited(); }
  int exit_code() const { return dispatch_.exit_code(); }
  Workspace& workspace() { return workspace_; }

 private:
  void register_lifecycle();
  void register_documents();
  void register_features();
  /// A request about the document that params.textDocument names; of a hierarchy, params.item.
  using Feature = std::function<Answer(Workspace&, const View&, const Json&)>;
  void on_document(const std::string& method, Feature feature) { on_document(method, std::move(feature), &Workspace::view); }
  /// The same for what is asked while typing: answered without waiting for the text to be checked.
  void while_typing(const std::string& method, Feature feature) { on_document(method, std::move(feature), &Workspace::view_at_once); }
  void on_document(const std::string& method, Feature feature, View (Workspace::*view)(Document&));
  absl::StatusOr<Json> initialize(const Json& params);
  void configure(const Json& settings);
  Document* document_of(const Json& params);
  /// Documents that import what changed are checked again too.
  void changed(const std::string& path, const std::string& now_open);
  void publish(Document& document);

  Dispatch dispatch_;
  Workspace workspace_;
  Debounce debounce_;
  SemanticTokens semantic_tokens_;
  Clock::time_point now_{};
  std::map<std::string, std::set<std::string>> published_;  // by document: the other files it published diagnostics of
};

/// What the server can do: the same whatever the client says it can.
Json capabilities(Encoding encoding);
std::string_view encoding_name(Encoding encoding);

}  // namespace acie::lsp
