#include "compiler/lsp/Dispatch.h"

#include <algorithm>
#include <exception>

#include "absl/strings/str_cat.h"

namespace acie::lsp {

void Dispatch::fail(const Json& id, ErrorCode code, const std::string& message) {
  send_({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", static_cast<int>(code)}, {"message", message}}}});
}

void Dispatch::answer(const Json& id, absl::StatusOr<Json> result) {
  if (result.ok()) {
    send_({{"jsonrpc", "2.0"}, {"id", id}, {"result", *std::move(result)}});
    return;
  }
  const ErrorCode code = result.status().code() == absl::StatusCode::kInvalidArgument      ? ErrorCode::InvalidParams
                         : result.status().code() == absl::StatusCode::kFailedPrecondition ? ErrorCode::RequestFailed
                                                                                           : ErrorCode::InternalError;
  fail(id, code, std::string(result.status().message()));
}

void Dispatch::malformed(const std::string& what) { fail(nullptr, ErrorCode::ParseError, what); }

void Dispatch::cancelled(const Json& message) { fail(member(message, "id"), ErrorCode::RequestCancelled, "cancelled"); }

void Dispatch::notify(const std::string& method, Json params) {
  send_({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

void Dispatch::log(const std::string& message) { notify("window/logMessage", {{"type", 1}, {"message", message}}); }

/// Parameters that are not of the protocol's form make the JSON library throw: here, and nowhere else, that is caught.
absl::StatusOr<Json> Dispatch::call(const Request& handler, const Json& params) {
  try {
    return handler(params);
  } catch (const nlohmann::json::exception& error) {
    const std::string what = error.what();  // "[json.exception.type_error.302] type must be string, …"
    return absl::InvalidArgumentError(absl::StrCat("these are no params of this method: ", what.substr(std::min(what.find("] ") + 2, what.size()))));
  } catch (const std::invalid_argument& error) {
    return absl::InvalidArgumentError(error.what());
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

void Dispatch::handle(const Json& message) {
  const Json& method = member(message, "method");
  const Json& id = member(message, "id");
  const bool has_id = message.is_object() && message.contains("id");
  const bool valid_id = id.is_string() || id.is_number_integer();
  if (!message.is_object() || member(message, "jsonrpc") != "2.0" || (message.contains("method") && !method.is_string()) || (has_id && !valid_id && !id.is_null())) {
    return fail(valid_id ? id : Json(), ErrorCode::InvalidRequest, "this is no message of JSON-RPC 2.0");
  }
  if (!message.contains("method")) {
    // An answer to a request of ours; this server makes none.
    if (!message.contains("result") && !message.contains("error")) fail(valid_id ? id : Json(), ErrorCode::InvalidRequest, "this message has no method");
    return;
  }
  const std::string& name = method.get_ref<const std::string&>();
  const Json& params = member(message, "params");
  if (!params.is_null() && !params.is_structured()) {
    if (has_id) fail(id, ErrorCode::InvalidParams, "params is an object or an array");
    return;
  }

  if (!has_id) {
    if (name == "exit") {
      exited_ = true;
      return;
    }
    const auto handler = notifications_.find(name);
    if (state_ != State::Running || handler == notifications_.end()) return;
    const absl::StatusOr<Json> done = call([&](const Json& p) -> absl::StatusOr<Json> { handler->second(p); return Json(); }, params);
    if (!done.ok()) log(absl::StrCat(name, ": ", std::string(done.status().message())));
    return;
  }

  if (id.is_null()) return fail(nullptr, ErrorCode::InvalidRequest, "the id of a request is a number or a string");
  if (state_ == State::Starting && name != "initialize") return fail(id, ErrorCode::ServerNotInitialized, "the first request is initialize");
  if (state_ == State::ShutDown) return fail(id, ErrorCode::InvalidRequest, "the server was shut down");
  if (state_ == State::Running && name == "initialize") return fail(id, ErrorCode::InvalidRequest, "the server was initialized already");
  if (name == "shutdown") {
    state_ = State::ShutDown;
    return answer(id, Json());
  }
  const auto handler = requests_.find(name);
  if (handler == requests_.end()) return fail(id, ErrorCode::MethodNotFound, absl::StrCat("there is no method ", name));
  absl::StatusOr<Json> result = call(handler->second, params);
  if (name == "initialize" && result.ok()) state_ = State::Running;
  answer(id, std::move(result));
}

}  // namespace acie::lsp
