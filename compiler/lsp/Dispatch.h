// Methods by name, and the rules of JSON-RPC and of the server's life: what is answered before initialize, to unknown
// methods, to what is no message at all.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/lsp/Json.h"

namespace acie::lsp {

/// Error codes of LSP 3.17.
enum class ErrorCode : int {
  ParseError = -32700,
  InvalidRequest = -32600,
  MethodNotFound = -32601,
  InvalidParams = -32602,
  InternalError = -32603,
  ServerNotInitialized = -32002,
  RequestFailed = -32803,
  ContentModified = -32801,
  RequestCancelled = -32800,
};

class Dispatch {
 public:
  /// InvalidArgument is answered as InvalidParams, FailedPrecondition as RequestFailed, all else as InternalError.
  using Request = std::function<absl::StatusOr<Json>(const Json& params)>;
  using Notification = std::function<void(const Json& params)>;
  using Send = std::function<void(const Json& message)>;

  explicit Dispatch(Send send) : send_(std::move(send)) {}

  void request(const std::string& method, Request handler) { requests_[method] = std::move(handler); }
  void notification(const std::string& method, Notification handler) { notifications_[method] = std::move(handler); }

  /// One message of the client, whatever it is.
  void handle(const Json& message);
  /// Answers a request that was cancelled before its turn came.
  void cancelled(const Json& message);
  /// Answers bytes that are no message.
  void malformed(const std::string& what);

  void notify(const std::string& method, Json params);
  /// Tells the user's log.
  void log(const std::string& message);

  bool exited() const { return exited_; }
  /// 0 if `shutdown` came before `exit`.
  int exit_code() const { return state_ == State::ShutDown ? 0 : 1; }

 private:
  enum class State { Starting, Running, ShutDown };

  void answer(const Json& id, absl::StatusOr<Json> result);
  void fail(const Json& id, ErrorCode code, const std::string& message);
  absl::StatusOr<Json> call(const Request& handler, const Json& params);

  Send send_;
  std::map<std::string, Request> requests_;
  std::map<std::string, Notification> notifications_;
  State state_ = State::Starting;
  bool exited_ = false;
};

}  // namespace acie::lsp
