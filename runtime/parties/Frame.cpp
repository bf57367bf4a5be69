#include "runtime/parties/Frame.h"

#include <algorithm>

#include "runtime/parties/Exchange.h"
#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

constexpr size_t kHead = 5, kLongestName = 255;

template <typename Integer>
void put(std::string& to, Integer value) {
  for (size_t i = 0; i < sizeof value; ++i) to += static_cast<char>(value >> 8 * i);
}

/// Takes fixed pieces off a body; everything after a failure fails.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(size_t size) {
    if (size > rest_.size()) failed_ = true;
    const std::string_view piece = failed_ ? std::string_view() : rest_.substr(0, size);
    rest_.remove_prefix(piece.size());
    return piece;
  }

  template <typename Integer>
  Integer number() {
    Integer value = 0;
    const std::string_view piece = take(sizeof value);
    for (size_t i = 0; i < piece.size(); ++i)
      value = static_cast<Integer>(
          value | static_cast<Integer>(static_cast<Integer>(static_cast<unsigned char>(piece[i])) << 8 * i));
    return value;
  }

  template <size_t Size>
  std::array<char, Size> bytes() {
    std::array<char, Size> all{};
    const std::string_view piece = take(Size);
    std::copy(piece.begin(), piece.end(), all.begin());
    return all;
  }

  std::string_view rest() { return take(rest_.size()); }
  bool failed() const { return failed_; }
  bool complete() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

std::string begin_frame(FrameKind kind, size_t body) {
  std::string frame;
  frame.reserve(kHead + body);
  put(frame, static_cast<uint32_t>(body));
  frame += static_cast<char>(kind);
  return frame;
}

}  // namespace

std::string encode(const Hello& hello) {
  std::string body;
  put(body, kProtocol);
  body.append(hello.program.data(), hello.program.size());
  body.append(hello.session.data(), hello.session.size());
  body.append(hello.nonce.data(), hello.nonce.size());
  put(body, hello.received);
  for (const std::string& name : {hello.from, hello.to}) {
    put(body, static_cast<uint8_t>(std::min(name.size(), kLongestName)));
    body += name.substr(0, kLongestName);
  }
  return begin_frame(FrameKind::Hello, body.size()) + body;
}

std::string encode(const Message& message) {
  std::string frame = begin_frame(FrameKind::Message, 10 + message.type.size() + message.payload.size());
  put(frame, message.sequence);
  put(frame, static_cast<uint16_t>(message.type.size()));
  frame += message.type;
  frame += message.payload;
  return frame;
}

std::string encode_count(FrameKind kind, uint64_t count) {
  std::string frame = begin_frame(kind, sizeof count);
  put(frame, count);
  return frame;
}

std::optional<Hello> decode_hello(std::string_view body) {
  Reader reader(body);
  if (reader.number<uint16_t>() != kProtocol) return std::nullopt;
  Hello hello;
  hello.program = reader.bytes<32>();
  hello.session = reader.bytes<16>();
  hello.nonce = reader.bytes<16>();
  hello.received = reader.number<uint64_t>();
  for (std::string* name : {&hello.from, &hello.to}) *name = reader.take(reader.number<uint8_t>());
  if (!reader.complete()) return std::nullopt;
  return hello;
}

std::optional<Message> decode_message(std::string_view body) {
  Reader reader(body);
  Message message;
  message.sequence = reader.number<uint64_t>();
  const size_t type = reader.number<uint16_t>();
  message.type = reader.take(type);
  message.payload = reader.rest();
  if (reader.failed() || type > kLongestType) return std::nullopt;
  return message;
}

std::optional<uint64_t> decode_count(std::string_view body) {
  Reader reader(body);
  const uint64_t count = reader.number<uint64_t>();
  if (!reader.complete()) return std::nullopt;
  return count;
}

absl::Status FrameReader::feed(std::string_view bytes) {
  if (refused_) return refused_error("the connection broke its own rules");
  while (!bytes.empty()) {
    if (!coming_) {
      const size_t count = std::min(kHead - head_.size(), bytes.size());
      head_ += bytes.substr(0, count);
      bytes.remove_prefix(count);
      if (head_.size() < kHead) break;
      Reader reader(head_);
      const size_t size = reader.number<uint32_t>();
      const uint8_t kind = reader.number<uint8_t>();
      head_.clear();
      if (size > largest_ || kind < 1 || kind > 4) {
        refused_ = true;
        return refused_error("the peer sent a frame that is too large or of no known kind");
      }
      frames_.push_back({static_cast<FrameKind>(kind), {}});
      waiting_ += sizeof(Frame);
      missing_ = size;
      coming_ = size > 0;
      continue;
    }
    const size_t count = std::min(missing_, bytes.size());
    frames_.back().body += bytes.substr(0, count);
    bytes.remove_prefix(count);
    missing_ -= count;
    waiting_ += count;
    coming_ = missing_ > 0;
  }
  return absl::OkStatus();
}

std::optional<Frame> FrameReader::take() {
  if (frames_.empty() || (frames_.size() == 1 && coming_)) return std::nullopt;
  Frame frame = std::move(frames_.front());
  frames_.pop_front();
  waiting_ -= frame.body.size() + sizeof(Frame);
  return frame;
}

}  // namespace acie::parties
