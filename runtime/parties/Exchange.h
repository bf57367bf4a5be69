// Messages between parties, whatever carries them: TLS over TCP, files in a folder, or memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace acie::parties {

/// What a peer may cost: larger messages are refused before memory is asked for, and waiting ends.
struct Limits {
  size_t message = size_t{1} << 30;  // bytes of one payload
  size_t waiting = size_t{4} << 30;  // bytes of messages from one peer that nobody has asked for yet
  std::chrono::milliseconds connect{
      60'000};  // until a peer is there, at first and after a connection was lost
  std::chrono::milliseconds answer{3'600'000};  // until a message that is awaited has come whole
};

/// The messages between this party and one other. Each direction has its own sequence, from 0; a message
/// arrives once, whole, in order, or not at all.
///
/// A session may be resumed by running the same program again from its beginning: what was received before is
/// received again from the session's record, and what was sent before is not sent twice (the first version of
/// it stands).
class Channel {
 public:
  virtual ~Channel() = default;

  /// The next message, of type `type`: any text of at most 1000 bytes both parties agree on (the plan's name
  /// and type of the value). Returns when the message is recorded, not when it has arrived. Errors: a payload
  /// over the limit (usage), a peer that is gone (run).
  virtual absl::Status send(std::string_view type, std::string_view payload) = 0;

  /// The payload of the next message. Errors: one of another type, a sequence that was tampered with
  /// (refused); a peer that is gone or silent (run).
  virtual absl::StatusOr<std::string> receive(std::string_view type) = 0;

  /// Waits until the peer has everything, or can fetch it when this party is gone. Errors: messages that
  /// nobody received (refused), a peer that is gone (run).
  virtual absl::Status finish() = 0;
};

/// All channels of one party.
class Exchange {
 public:
  virtual ~Exchange() = default;

  /// The channel to `peer`, connected when it is first used. Errors: no such peer (usage).
  virtual absl::StatusOr<Channel*> channel(const std::string& peer) = 0;

  /// finish() on every channel.
  virtual absl::Status finish() = 0;
};

inline constexpr size_t kLongestType = 1000;

}  // namespace acie::parties
