// Hostile peers. The first byte chooses: a stream of frames, which must read the same however it is cut, or a
// greeting in a shared folder.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "runtime/parties/FileHello.h"
#include "runtime/parties/Frame.h"

namespace {

using namespace acie::parties;

/// What a stream reads as; everything that decodes must encode to the same bytes.
std::string read(std::string_view stream, size_t piece) {
  FrameReader reader(1000);
  std::string all;
  for (size_t at = 0; at < stream.size(); at += piece) {
    const bool sound = reader.feed(stream.substr(at, piece)).ok();
    while (const std::optional<Frame> frame = reader.take()) {
      all += static_cast<char>(frame->kind);
      all += frame->body;
      const auto same = [&](const std::string& encoded) { return encoded.substr(5) == frame->body; };
      if (const auto hello = decode_hello(frame->body); hello && !same(encode(*hello))) std::abort();
      if (const auto message = decode_message(frame->body); message && !same(encode(*message))) std::abort();
      if (const auto count = decode_count(frame->body); count && !same(encode_count(FrameKind::Ack, *count)))
        std::abort();
    }
    if (!sound) return all + "!";
    if (reader.waiting() > 1000 + 16 * stream.size() + sizeof(Frame)) std::abort();
  }
  return all;
}

void greet(const std::string& bytes) {
  static const Identity me = *make_identity("a");
  static const auto key = make_exchange_key();
  static const std::string sound = *encode_file_hello(me, {}, *key);
  if (check_file_hello(bytes, "a", me.fingerprint, {}).ok() && bytes != sound) std::abort();
  std::string edited = sound;
  for (size_t at = 0; at + 2 < bytes.size(); at += 3)
    edited[(static_cast<uint8_t>(bytes[at]) | size_t{static_cast<uint8_t>(bytes[at + 1])} << 8) %
           edited.size()] += bytes[at + 2];
  if (check_file_hello(edited, "a", me.fingerprint, {}).ok() != (edited == sound)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 1) {
    greet(rest);
    return 0;
  }
  const std::string whole = read(rest, std::max<size_t>(1, rest.size()));
  for (const size_t piece : {1, 7})
    if (read(rest, piece) != whole) std::abort();
  return 0;
}
