// The base protocol: messages framed by Content-Length headers on a stream of bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace acie::lsp {

/// One message, or what was wrong with the bytes where one should have been.
struct Frame {
  std::string body;
  std::string error;  // not empty: `body` is none
};

/// Cuts a stream into messages. Whatever comes, reading goes on at the next header that can be understood.
class MessageReader {
 public:
  static constexpr size_t kMaximumBody = 64 << 20;
  static constexpr size_t kMaximumHeader = 8 << 10;

  void feed(std::string_view bytes);
  /// The next complete message or error; nullopt until more is fed.
  std::optional<Frame> next();
  /// Whether the stream ends inside a message.
  bool inside_message() const { return length_.has_value() || skip_ > 0 || begin_ < buffer_.size(); }

 private:
  std::optional<Frame> header_line(std::string_view line);

  std::string buffer_;
  size_t begin_ = 0;              // what is before it was taken
  size_t header_ = 0;             // bytes of header lines read
  bool length_seen_ = false;
  size_t announced_ = 0;
  bool foreign_ = false;          // the header says that the body is not UTF-8
  std::optional<size_t> length_;  // set: the header is complete, the body follows
  size_t skip_ = 0;               // bytes of a body too large to keep that are still to come
  bool lost_ = false;             // skipping to the next header; said once
};

/// `body` with its header.
std::string framed(std::string_view body);

}  // namespace acie::lsp
