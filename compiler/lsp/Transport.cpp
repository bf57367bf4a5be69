#include "compiler/lsp/Transport.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace acie::lsp {
namespace {

constexpr std::string_view kLength = "content-length:";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

void MessageReader::feed(std::string_view bytes) {
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_.append(bytes);
}

std::optional<Frame> MessageReader::next() {
  while (true) {
    if (skip_ > 0) {
      const size_t now = std::min(skip_, buffer_.size() - begin_);
      begin_ += now;
      skip_ -= now;
      if (skip_ > 0) return std::nullopt;
    }
    if (length_) {
      if (buffer_.size() - begin_ < *length_) return std::nullopt;
      Frame frame{buffer_.substr(begin_, *length_), ""};
      begin_ += *length_;
      length_.reset();
      return frame;
    }
    const size_t end = buffer_.find('\n', begin_);
    if (end == std::string::npos) {
      if (buffer_.size() - begin_ <= kMaximumHeader) return std::nullopt;
      // No header is that long. Its last bytes may begin the next one.
      begin_ = buffer_.size() - kLength.size();
      if (std::exchange(lost_, true)) return std::nullopt;
      return Frame{"", "a header line is longer than 8 KB"};
    }
    const std::string line = buffer_.substr(begin_, end - begin_);
    begin_ = end + 1;
    if (auto error = header_line(trim(line))) return error;
  }
}

std::optional<Frame> MessageReader::header_line(std::string_view line) {
  const auto fail = [&](std::string what) -> std::optional<Frame> {
    length_seen_ = false;
    header_ = 0;
    if (std::exchange(lost_, true)) return std::nullopt;  // one report until the stream makes sense again
    return Frame{"", std::move(what)};
  };
  if (line.empty()) {
    header_ = 0;
    if (!length_seen_) return lost_ ? std::nullopt : fail("a header without Content-Length");
    length_seen_ = lost_ = false;
    const bool foreign = std::exchange(foreign_, false);
    if (foreign || announced_ > kMaximumBody) {
      skip_ = announced_;
      return Frame{"", foreign ? "messages are UTF-8" : "a message is longer than 64 MB"};
    }
    length_ = announced_;
    return std::nullopt;
  }
  header_ += line.size();
  if (header_ > kMaximumHeader) return fail("a header is longer than 8 KB");
  const std::string name = lower(line);
  // A body longer than announced leaves its rest before the next header, on the same line.
  const size_t at = name.find(kLength);
  if (at == std::string::npos) {
    if (name.starts_with("content-type:")) {
      const size_t charset = name.find("charset=");
      if (charset == std::string::npos || absl::StrContains(name, "utf-8") || absl::StrContains(name, "utf8")) return std::nullopt;
      foreign_ = true;
      return std::nullopt;
    }
    return line.find(':') != std::string_view::npos && !lost_ && line.front() != '{' ? std::nullopt : fail("this is no header of a message");
  }
  const std::string_view digits = trim(line.substr(at + kLength.size()));
  size_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) {
    return fail("Content-Length is no number of bytes");
  }
  announced_ = value;
  length_seen_ = true;
  return at == 0 || std::exchange(lost_, true) ? std::nullopt : std::optional<Frame>(Frame{"", "a message is longer than its Content-Length"});
}

std::string framed(std::string_view body) {
  return absl::StrCat("Content-Length: ", body.size(), "\r\n\r\n", std::string(body));
}

}  // namespace acie::lsp
