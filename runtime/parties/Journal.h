// The record of one channel: what was sent and received, so that a connection, or with a folder a process,
// may die.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/parties/Frame.h"

namespace acie::parties {

class Journal {
 public:
  virtual ~Journal() = default;

  /// In memory: messages are forgotten once they were acknowledged, or taken.
  static std::unique_ptr<Journal> in_memory();

  /// In `folder` (mode 0700, made if missing), one file a message, each whole or absent. What an earlier
  /// process recorded there is found again. Everything is kept until discard(): the program will ask for it
  /// again.
  static absl::StatusOr<std::unique_ptr<Journal>> in_folder(const std::string& folder);

  /// The session both parties agreed on; zeros before.
  virtual const SessionId& session() const = 0;
  virtual absl::Status set_session(const SessionId& session) = 0;

  /// Messages recorded.
  virtual uint64_t sent() const = 0;
  virtual uint64_t received() const = 0;

  /// The next message of either direction; its sequence is sent() or received().
  virtual absl::Status record_sent(Message message) = 0;
  virtual absl::Status record_received(Message message) = 0;

  /// A recorded message. Errors: forgotten (run).
  virtual absl::StatusOr<Message> sent_message(uint64_t sequence) const = 0;
  /// Taken in order, each once by a process.
  virtual absl::StatusOr<Message> take_received(uint64_t sequence) = 0;

  /// The peer has everything before `count`.
  virtual void acknowledged(uint64_t count) = 0;

  /// The session is over: nothing needs to be resumed.
  virtual void discard() = 0;
};

}  // namespace acie::parties
