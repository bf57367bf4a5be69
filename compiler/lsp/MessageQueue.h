// Messages on their way from the thread that reads to the one that answers. A $/cancelRequest overtakes: the request it
// names, if it still waits, is answered as cancelled.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "compiler/lsp/Json.h"

namespace acie::lsp {

struct Incoming {
  enum class Kind { Message, Cancelled, Malformed, End };
  Kind kind = Kind::Message;
  Json message;       // Message; Cancelled: the request
  std::string error;  // Malformed
};

class MessageQueue {
 public:
  using Clock = std::chrono::steady_clock;

  /// `body` is the text of one message.
  void push(const std::string& body);
  void push_malformed(std::string error);
  /// No more will come.
  void end();
  /// Waits for the next message, until `deadline` if there is one: then nullopt.
  std::optional<Incoming> pop(std::optional<Clock::time_point> deadline);

 private:
  void add(Incoming incoming);

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Incoming> waiting_;
};

}  // namespace acie::lsp
