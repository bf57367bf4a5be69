#include "compiler/lsp/MessageQueue.h"

namespace acie::lsp {

void MessageQueue::add(Incoming incoming) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(incoming));
  }
  arrived_.notify_one();
}

void MessageQueue::push(const std::string& body) {
  Json message = Json::parse(body, nullptr, false);
  if (message.is_discarded()) return push_malformed("this is not JSON");
  if (member(message, "method") == "$/cancelRequest") {
    const Json id = member(member(message, "params"), "id");
    const std::lock_guard lock(mutex_);
    for (Incoming& waiting : waiting_) {
      const bool request = waiting.kind == Incoming::Kind::Message && member(waiting.message, "method").is_string();
      if (request && !id.is_null() && member(waiting.message, "id") == id) waiting.kind = Incoming::Kind::Cancelled;
    }
    return;
  }
  add({Incoming::Kind::Message, std::move(message), ""});
}

void MessageQueue::push_malformed(std::string error) { add({Incoming::Kind::Malformed, Json(), std::move(error)}); }

void MessageQueue::end() { add({Incoming::Kind::End, Json(), ""}); }

std::optional<Incoming> MessageQueue::pop(std::optional<Clock::time_point> deadline) {
  std::unique_lock lock(mutex_);
  const auto some = [&] { return !waiting_.empty(); };
  if (!deadline) arrived_.wait(lock, some);
  else if (!arrived_.wait_until(lock, *deadline, some)) return std::nullopt;
  Incoming first = std::move(waiting_.front());
  waiting_.pop_front();
  return first;
}

}  // namespace acie::lsp
