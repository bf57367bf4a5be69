// What travels on a connection: frames of a size (4, little-endian), a kind (1) and a body.
//
//   hello    version (2), program (32), session (16), nonce (16), messages received so far (8), sizes and
//   names of sender and
//            receiver (1 + …, 1 + …)
//   message  sequence (8), size of the type (2), type, payload
//   ack      messages received so far (8)
//   bye      messages sent in all (8)
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace acie::parties {

enum class FrameKind : uint8_t { Hello = 1, Message = 2, Ack = 3, Bye = 4 };

struct Frame {
  FrameKind kind;
  std::string body;
};

inline constexpr uint16_t kProtocol = 1;

using SessionId = std::array<char, 16>;

struct Hello {
  std::array<char, 32> program{};  // fingerprint of what both run
  SessionId session{};             // zeros: none yet
  SessionId nonce{};
  uint64_t received = 0;
  std::string from, to;
};

struct Message {
  uint64_t sequence = 0;
  std::string type, payload;
};

/// Whole frames, ready to be sent.
std::string encode(const Hello& hello);
std::string encode(const Message& message);
std::string encode_count(FrameKind kind, uint64_t count);  // ack, bye

/// Bodies. Nothing where one is not what encode() makes.
std::optional<Hello> decode_hello(std::string_view body);
std::optional<Message> decode_message(std::string_view body);
std::optional<uint64_t> decode_count(std::string_view body);

/// Cuts a stream into frames. Memory grows with what has come, never with what a size promises.
class FrameReader {
 public:
  /// Frames of larger bodies are refused.
  explicit FrameReader(size_t largest_body) : largest_(largest_body) {}

  /// Refused: a frame too large or of no known kind. After that nothing more is read.
  absl::Status feed(std::string_view bytes);

  /// The next whole frame, if there is one.
  std::optional<Frame> take();

  /// Memory of frames that were not taken yet, and of the one that is coming.
  size_t waiting() const { return waiting_; }

 private:
  size_t largest_;
  std::string head_;
  std::deque<Frame> frames_;  // the last one is coming as long as missing_ > 0
  size_t missing_ = 0, waiting_ = 0;
  bool coming_ = false, refused_ = false;
};

}  // namespace acie::parties
