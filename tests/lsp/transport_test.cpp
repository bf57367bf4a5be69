// Framing, lines and columns, the queue and the debouncer: the parts of the server that no transcript can pin down.
#include <gtest/gtest.h>

#include <random>

#include "compiler/lsp/Debounce.h"
#include "compiler/lsp/Drift.h"
#include "compiler/lsp/MessageQueue.h"
#include "compiler/lsp/Text.h"
#include "compiler/lsp/Transport.h"
#include "compiler/lsp/Uri.h"

namespace acie::lsp {
namespace {

std::vector<Frame> read(std::string_view bytes, size_t step) {
  MessageReader reader;
  std::vector<Frame> frames;
  for (size_t i = 0; i < bytes.size(); i += step) {
    reader.feed(bytes.substr(i, step));
    while (auto frame = reader.next()) frames.push_back(*frame);
  }
  return frames;
}

TEST(Transport, MessagesComeWholeHoweverTheBytesAreCut) {
  const std::string bytes = framed("{\"a\":\"\xF0\x9F\x9C\xA8\"}") + "Content-Type: x; charset=utf8\r\ncontent-length:2\r\n\r\n[]" + framed("");
  for (size_t step = 1; step <= bytes.size(); ++step) {
    const auto frames = read(bytes, step);
    ASSERT_EQ(frames.size(), 3u) << step;
    EXPECT_EQ(frames[0].body, "{\"a\":\"\xF0\x9F\x9C\xA8\"}");
    EXPECT_EQ(frames[1].body, "[]");
    EXPECT_EQ(frames[2].body, "");
  }
}

TEST(Transport, AfterNonsenseTheNextMessageIsRead) {
  const std::string good = framed("{}");
  for (const std::string bad : {"Content-Length: x\r\n\r\n", "Content-Length: -5\r\n\r\n", "Hello\r\n\r\n", "X: y\r\n\r\n", "Content-Type: t; charset=latin1\r\nContent-Length: 2\r\n\r\n[]",
                                "Content-Length: 99999999999999999999\r\n\r\n", "\r\n\r\n"}) {
    const auto frames = read(bad + good, 3);
    ASSERT_GE(frames.size(), 2u) << bad;
    EXPECT_FALSE(frames.front().error.empty()) << bad;
    EXPECT_EQ(frames.back().error, "") << bad;
    EXPECT_EQ(frames.back().body, "{}") << bad;
  }
}

TEST(Transport, WrongLengthsLoseOneMessageAtMost) {
  const std::string body = R"({"jsonrpc":"2.0","method":"x"})", good = framed("{}");
  // Too short: the rest of the body stands before the next header.
  auto frames = read("Content-Length: 10\r\n\r\n" + body + good, 7);
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[0].body, body.substr(0, 10));
  EXPECT_FALSE(frames[1].error.empty());
  EXPECT_EQ(frames[2].body, "{}");
  // Larger than what the server keeps.
  MessageReader reader;
  reader.feed("Content-Length: 100000000\r\n\r\n");
  ASSERT_TRUE(reader.next()->error.starts_with("a message is longer"));
  reader.feed(std::string(100000000, 'x'));
  EXPECT_FALSE(reader.next());
  reader.feed(good);
  EXPECT_EQ(reader.next()->body, "{}");
}

TEST(Text, ColumnsCountCodeUnits) {
  const Text text("a\xF0\x9F\x9C\xA8\xCE\xBC" "b\r\nsecond\rthird\n");
  EXPECT_EQ(text.line_count(), 4u);
  EXPECT_EQ(text.position(7, Encoding::Utf16), (TextPosition{0, 4}));
  EXPECT_EQ(text.position(7, Encoding::Utf8), (TextPosition{0, 7}));
  EXPECT_EQ(text.position(7, Encoding::Utf32), (TextPosition{0, 3}));
  EXPECT_EQ(text.offset({0, 3}, Encoding::Utf16), 5u);
  EXPECT_EQ(text.offset({0, 2}, Encoding::Utf16), 1u) << "inside a pair: its beginning";
  EXPECT_EQ(text.offset({0, 3}, Encoding::Utf8), 1u) << "inside a character: its beginning";
  EXPECT_EQ(text.offset({0, 99}, Encoding::Utf16), 8u) << "beyond the line: its end, before \\r\\n";
  EXPECT_EQ(text.offset({1, 0}, Encoding::Utf16), 10u);
  EXPECT_EQ(text.offset({2, 0}, Encoding::Utf16), 17u) << "\\r ends a line too";
  EXPECT_EQ(text.offset({4, 0}, Encoding::Utf16), text.size());
  EXPECT_EQ(text.offset({5, 0}, Encoding::Utf16), std::nullopt);
}

TEST(Text, PositionsComeBack) {
  std::mt19937 random(1);
  const std::string pieces[] = {"a", "\n", "\r\n", "\xCE\xBC", "\xE2\x88\x91", "\xF0\x9F\x9C\xA8", " "};
  for (int round = 0; round < 200; ++round) {
    std::string content;
    std::vector<uint32_t> beginnings;
    for (int i = 0; i < 40; ++i) {
      beginnings.push_back(static_cast<uint32_t>(content.size()));
      content += pieces[random() % std::size(pieces)];
    }
    const Text text(content);
    for (const Encoding encoding : {Encoding::Utf8, Encoding::Utf16, Encoding::Utf32}) {
      for (const uint32_t at : beginnings) ASSERT_EQ(text.offset(text.position(at, encoding), encoding), at);
    }
  }
}

TEST(Drift, PlacesOutsideTheEditsComeBack) {
  Drift drift;
  drift.edit(10, 20, 3);   // "…10 bytes…" became 3
  drift.edit(0, 0, 5);     // 5 inserted at the head
  EXPECT_EQ(drift.forward(0), 5u);
  EXPECT_EQ(drift.forward(25), 23u);
  EXPECT_EQ(drift.back(23), 25u);
  EXPECT_EQ(drift.back(7), 2u);
  EXPECT_EQ(drift.back(drift.forward(9)), 9u);
}

TEST(Queue, CancellationsOvertake) {
  MessageQueue queue;
  queue.push(R"({"jsonrpc":"2.0","id":1,"method":"a"})");
  queue.push(R"({"jsonrpc":"2.0","id":"1","method":"b"})");
  queue.push(R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"1"}})");
  queue.push(R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":77}})");
  queue.push("{nonsense");
  queue.end();
  EXPECT_EQ(queue.pop({})->kind, Incoming::Kind::Message);
  const auto second = queue.pop({});
  EXPECT_EQ(second->kind, Incoming::Kind::Cancelled);
  EXPECT_EQ(second->message.at("method"), "b");
  EXPECT_EQ(queue.pop({})->kind, Incoming::Kind::Malformed);
  EXPECT_EQ(queue.pop({})->kind, Incoming::Kind::End);
  EXPECT_FALSE(queue.pop(MessageQueue::Clock::now()).has_value());
}

TEST(Debounce, DocumentsAreDueAfterAPauseAndNotTooLate) {
  using std::chrono::milliseconds;
  Debounce debounce(milliseconds(60), milliseconds(200));
  const Debounce::Clock::time_point start{};
  EXPECT_FALSE(debounce.deadline());
  debounce.changed("a", start);
  EXPECT_EQ(*debounce.deadline(), start + milliseconds(60));
  EXPECT_TRUE(debounce.due(start + milliseconds(59)).empty());
  for (int i = 1; i < 10; ++i) debounce.changed("a", start + milliseconds(30 * i));
  EXPECT_EQ(*debounce.deadline(), start + milliseconds(200)) << "whoever never rests is checked all the same";
  debounce.changed("b", start + milliseconds(190));
  EXPECT_EQ(debounce.due(start + milliseconds(200)), std::vector<std::string>{"a"});
  debounce.forget("b");
  EXPECT_FALSE(debounce.deadline());
}

TEST(Uri, PathsComeBack) {
  for (const std::string path : {"/a/b.acie", "/with space/ü%#?.acie", "/"}) EXPECT_EQ(path_of_uri(uri_of_path(path)), path);
  EXPECT_EQ(path_of_uri("file:///c%3A/x.acie"), "/c:/x.acie");
  EXPECT_EQ(path_of_uri("file://host/x%2"), "/x%2");
  EXPECT_EQ(path_of_uri("untitled:Untitled-1"), "untitled:Untitled-1");
}

}  // namespace
}  // namespace acie::lsp
