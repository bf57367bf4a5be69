// Frames: cut anywhere they come out the same; what they never are is refused without asking for memory.

#include "runtime/parties/Frame.h"

#include <gtest/gtest.h>

#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

TEST(Frame, ComesOutOfAnyPieces) {
  Hello hello;
  hello.program[3] = 'p';
  hello.session[1] = 's';
  hello.received = 1ull << 40;
  hello.from = "observatory";
  hello.to = "μ";
  const std::string stream = encode(hello) + encode(Message{7, "x: f64[3] under k", std::string(1000, 'm')}) +
                             encode(Message{8, "", ""}) + encode_count(FrameKind::Ack, 9);
  for (const size_t piece : {size_t{1}, size_t{3}, size_t{100}, stream.size()}) {
    FrameReader reader(2000);
    std::vector<Frame> frames;
    for (size_t at = 0; at < stream.size(); at += piece) {
      ASSERT_TRUE(reader.feed(std::string_view(stream).substr(at, piece)).ok());
      while (std::optional<Frame> frame = reader.take()) frames.push_back(*std::move(frame));
    }
    ASSERT_EQ(frames.size(), 4u);
    EXPECT_EQ(reader.waiting(), 0u);
    const Hello back = *decode_hello(frames[0].body);
    EXPECT_EQ(back.received, hello.received);
    EXPECT_EQ(back.from, "observatory");
    EXPECT_EQ(back.to, "μ");
    EXPECT_EQ(back.program, hello.program);
    const Message message = *decode_message(frames[1].body);
    EXPECT_EQ(message.sequence, 7u);
    EXPECT_EQ(message.type, "x: f64[3] under k");
    EXPECT_EQ(message.payload, std::string(1000, 'm'));
    EXPECT_EQ(decode_message(frames[2].body)->payload, "");
    EXPECT_EQ(*decode_count(frames[3].body), 9u);
  }
}

TEST(Frame, RefusesSizesAndKinds) {
  for (const std::string& bad :
       {std::string("\x01\x10\0\0\x02", 5), std::string("\0\0\0\0\0", 5), std::string("\0\0\0\0\5", 5)}) {
    FrameReader reader(4096);
    EXPECT_EQ(failure_of(reader.feed(bad)), Failure::Refused);
    EXPECT_EQ(failure_of(reader.feed(encode_count(FrameKind::Ack, 1))), Failure::Refused) << "nothing after";
  }
}

TEST(Frame, ManyEmptyFramesCountAsMemory) {
  FrameReader reader(4096);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(reader.feed(std::string("\0\0\0\0\2", 5)).ok());
  EXPECT_GE(reader.waiting(), 100 * sizeof(Frame));
}

TEST(Frame, CutBodiesAreRefused) {
  const std::string hello = encode(Hello{}).substr(5), message = encode(Message{1, "type", ""}).substr(5);
  for (size_t keep = 0; keep < hello.size(); ++keep)
    EXPECT_FALSE(decode_hello(hello.substr(0, keep)).has_value()) << keep;
  EXPECT_FALSE(decode_hello(hello + "x").has_value());
  for (size_t keep = 0; keep < message.size(); ++keep)
    EXPECT_FALSE(decode_message(message.substr(0, keep)).has_value()) << keep;
  EXPECT_FALSE(decode_message(encode(Message{1, std::string(1001, 't'), ""}).substr(5)).has_value());
  EXPECT_FALSE(decode_count("1234567").has_value());
  EXPECT_FALSE(decode_count("123456789").has_value());
}

}  // namespace
}  // namespace acie::parties
