// Parties that share a folder: the same messages, nobody needs to be there at once, and nothing in the folder
// can be changed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "runtime/parties/FileExchange.h"
#include "runtime/status/Errors.h"
#include "tests/unit/parties/Parties.h"

namespace acie::parties {
namespace {

namespace fs = std::filesystem;
using testing::copy_of;
using testing::Folder;
using ::testing::HasSubstr;
using testing::identity_of;
using testing::pins_of;
using testing::short_limits;
using testing::together;

class Files : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Exchange>> try_join(const std::string& name, const std::string& peer,
                                                     char program = 0) {
    FileOptions options;
    options.peers = {peer};
    options.program[0] = program;
    options.folder = folder_ / "shared";
    options.sessions = folder_ / std::string("of ").append(name);
    options.limits = limits_;
    return make_file_exchange(copy_of(identity_of(name)), pins_of({peer}), std::move(options));
  }
  std::unique_ptr<Exchange> join(const std::string& name, const std::string& peer) {
    auto exchange = try_join(name, peer);
    EXPECT_TRUE(exchange.ok()) << exchange.status();
    return exchange.ok() ? *std::move(exchange) : nullptr;
  }
  std::string shared(const std::string& name) const { return folder_ / ("shared/" + name); }
  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  static void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  Folder folder_;
  Limits limits_ = short_limits();
};

TEST_F(Files, MessagesGoBothWays) {
  const std::string large(1'000'000, 'L');
  together({[&] {
              auto exchange = join("a", "b");
              Channel& b = **exchange->channel("b");
              for (int i = 0; i < 5; ++i) ASSERT_TRUE(b.send("count", std::to_string(i)).ok());
              ASSERT_TRUE(b.send("large", large).ok());
              EXPECT_EQ(*b.receive("answer"), "");
              EXPECT_EQ(exchange->finish(), absl::OkStatus());
            },
            [&] {
              auto exchange = join("b", "a");
              Channel& a = **exchange->channel("a");
              for (int i = 0; i < 5; ++i) EXPECT_EQ(*a.receive("count"), std::to_string(i));
              EXPECT_EQ(*a.receive("large"), large);
              ASSERT_TRUE(a.send("answer", "").ok());
              EXPECT_EQ(exchange->finish(), absl::OkStatus());
            }});
  EXPECT_TRUE(fs::is_empty(folder_ / "of a")) << "the key of a session that is over is gone";
}

/// a has greeted and sent two messages; b has greeted.
class Sent : public Files {
 protected:
  void SetUp() override {
    b_ = join("b", "a");
    auto a = join("a", "b");
    ASSERT_TRUE((*a->channel("b"))->send("x", "the first secret").ok());
    ASSERT_TRUE((*a->channel("b"))->send("x", "the other secret").ok());
  }
  absl::StatusOr<std::string> receive(std::string_view type = "x") {
    return (*b_->channel("a"))->receive(type);
  }

  std::unique_ptr<Exchange> b_;
};

TEST_F(Sent, WhatIsInTheFolderIsSealed) {
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "shared"))
    if (entry.is_regular_file()) {
      EXPECT_THAT(read(entry.path()), ::testing::Not(HasSubstr("secret")));
    }
  EXPECT_EQ(*receive(), "the first secret");
  EXPECT_EQ(*receive(), "the other secret");
}

TEST_F(Sent, ChangedMessagesAreRefused) {
  const std::string path = shared("a/b.0"), sound = read(path);
  for (const std::string& bad :
       {sound.substr(0, sound.size() - 1), sound.substr(0, 40), std::string(), sound + "x"}) {
    write(path, bad);
    EXPECT_EQ(failure_of(receive().status()), Failure::Refused);
  }
  for (const size_t at : {size_t{9}, size_t{20}, size_t{60}, sound.size() - 1}) {
    std::string bad = sound;
    bad[at] ^= 1;
    write(path, bad);
    EXPECT_EQ(failure_of(receive().status()), Failure::Refused) << at;
  }
  write(path, sound);
  EXPECT_EQ(*receive(), "the first secret");
}

TEST_F(Sent, ReplayedAndReorderedMessagesAreRefused) {
  const std::string first = read(shared("a/b.0")), second = read(shared("a/b.1"));
  write(shared("a/b.0"), second);
  EXPECT_EQ(failure_of(receive().status()), Failure::Refused);
  write(shared("a/b.0"), first);
  write(shared("a/b.1"), first);
  EXPECT_EQ(*receive(), "the first secret");
  EXPECT_EQ(failure_of(receive().status()), Failure::Refused);
}

TEST_F(Sent, TheWrongTypeIsRefused) { EXPECT_EQ(failure_of(receive("y").status()), Failure::Refused); }

TEST_F(Sent, AMessageMayNotComeBackToItsSender) {
  fs::copy_file(shared("a/b.0"), shared("b/a.0"));
  auto a = join("a", "b");
  EXPECT_EQ(failure_of((*a->channel("b"))->receive("x").status()), Failure::Refused);
}

TEST_F(Sent, AProcessThatDiesGoesOnWhereItWas) {
  const std::string first = read(shared("a/b.0"));
  auto a = join("a", "b");  // again, from its beginning
  Channel& b = **a->channel("b");
  ASSERT_TRUE(b.send("x", "the first secret, encrypted anew").ok());
  ASSERT_TRUE(b.send("x", "the other secret, encrypted anew").ok());
  ASSERT_TRUE(b.send("x", "a third").ok());
  EXPECT_EQ(read(shared("a/b.0")), first) << "the first version stands";
  EXPECT_EQ(*receive(), "the first secret");
  b_ = join("b", "a");  // so does the other one
  EXPECT_EQ(*receive(), "the first secret");
  EXPECT_EQ(*receive(), "the other secret");
  EXPECT_EQ(*receive(), "a third");
}

TEST_F(Sent, APartyThatStopsWithAnErrorIsNotWaitedFor) {
  limits_.answer = std::chrono::hours(1);
  b_ = join("b", "a");  // a is gone, with two messages sent and its work not finished
  EXPECT_EQ(*receive(), "the first secret");
  EXPECT_EQ(*receive(), "the other secret");
  const absl::Status status = receive().status();
  EXPECT_EQ(failure_of(status), Failure::Run);
  EXPECT_THAT(message_of(status), HasSubstr("party a: it stopped with an error"));
  auto a = join("a", "b");
  EXPECT_FALSE(fs::exists(shared("a/b.left")));
  Channel& b = **a->channel("b");
  for (const char* text : {"1", "2", "a third"}) ASSERT_TRUE(b.send("x", text).ok());
  EXPECT_EQ(*receive(), "a third");
  a.reset();
  write(shared("a/b.left"), "no container");
  EXPECT_EQ(failure_of(receive().status()), Failure::Refused);
}

TEST_F(Sent, AFolderServesOneSession) {
  fs::remove_all(folder_ / "of a");
  const absl::Status status = try_join("a", "b").status();
  EXPECT_EQ(failure_of(status), Failure::Usage);
  EXPECT_THAT(message_of(status), HasSubstr("new folder"));
}

TEST_F(Sent, MessagesNobodyReceivesAreReported) {
  EXPECT_EQ(*receive(), "the first secret");
  EXPECT_EQ(failure_of(b_->finish()), Failure::Refused);
}

TEST_F(Files, OnlyPinnedGreetingsCount) {
  auto b = join("b", "a");
  // Mallory greets as a, with a certificate of the same name.
  FileOptions options;
  options.peers = {"b"};
  options.folder = folder_ / "shared";
  options.sessions = folder_ / "of mallory";
  options.limits = limits_;
  auto mallory = make_file_exchange(*make_identity("a"), pins_of({"b"}), options);
  ASSERT_TRUE(mallory.ok());
  ASSERT_TRUE((*(*mallory)->channel("b"))->send("x", "poison").ok());
  EXPECT_EQ(failure_of((*b->channel("a"))->receive("x").status()), Failure::Refused);
}

TEST_F(Files, DamagedGreetingsAreRefused) {
  ASSERT_NE(join("a", "b"), nullptr);
  auto b = join("b", "a");
  const std::string sound = read(shared("a/hello"));
  for (size_t at = 0; at < sound.size(); at += 7) {
    std::string bad = sound;
    bad[at] ^= 1;
    write(shared("a/hello"), bad);
    EXPECT_EQ(failure_of((*b->channel("a"))->send("x", "")), Failure::Refused) << at;
  }
  for (size_t keep = 0; keep < sound.size(); keep += 11) {
    write(shared("a/hello"), sound.substr(0, keep));
    EXPECT_EQ(failure_of((*b->channel("a"))->send("x", "")), Failure::Refused) << keep;
  }
}

TEST_F(Files, AnotherProgramIsRefused) {
  auto a = try_join("a", "b", 1);
  auto b = join("b", "a");
  EXPECT_THAT(message_of((*b->channel("a"))->receive("x").status()), HasSubstr("another program"));
}

TEST_F(Files, WaitingEnds) {
  limits_.connect = limits_.answer = std::chrono::milliseconds(200);
  auto b = join("b", "a");
  EXPECT_THAT(message_of((*b->channel("a"))->receive("x").status()), HasSubstr("not there"));
  auto a = join("a", "b");
  EXPECT_THAT(message_of((*b->channel("a"))->receive("x").status()), HasSubstr("no x came"));
  ASSERT_TRUE((*a->channel("b"))->send("x", "1").ok());
  ASSERT_TRUE(a->finish().ok());
  EXPECT_EQ(*(*b->channel("a"))->receive("x"), "1");
  EXPECT_THAT(message_of((*b->channel("a"))->receive("y").status()), HasSubstr("it has left"));
}

}  // namespace
}  // namespace acie::parties
