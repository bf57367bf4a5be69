// Two processes: what acie-run does with --party, --listen, --peer and --exchange.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/parties/OpenExchange.h"
#include "runtime/parties/Sockets.h"
#include "runtime/status/Errors.h"
#include "tests/unit/parties/Parties.h"

namespace acie::parties {
namespace {

using testing::Folder;
using ::testing::HasSubstr;
using testing::short_limits;

class Processes : public ::testing::Test {
 protected:
  Processes() {
    for (const char* name : {"a", "b"}) EXPECT_TRUE(create_identity(keys(name), name).ok());
    EXPECT_TRUE(pin_peer(keys("a"), "b", keys("b") + "/b.crt", false).ok());
    EXPECT_TRUE(pin_peer(keys("b"), "a", keys("a") + "/a.crt", false).ok());
  }

  std::string keys(const std::string& name) const { return folder_ / ("keys of " + name); }
  ExchangeOptions options(const std::string& me, const std::string& peer) const {
    ExchangeOptions options;
    options.me = me;
    options.peers = {peer};
    options.keys = keys(me);
    options.limits = short_limits();
    return options;
  }

  /// Forks; the child's exit code is what `work` returns.
  static pid_t spawn(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child == 0) _exit(work());
    return child;
  }
  static int wait_for(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  /// Doubles what it is sent, three times.
  static int serve(const ExchangeOptions& options) {
    auto exchange = open_exchange(options);
    if (!exchange.ok()) return 2;
    Channel& peer = **(*exchange)->channel(options.peers[0]);
    for (int i = 0; i < 3; ++i) {
      const auto text = peer.receive("text");
      if (!text.ok() || !peer.send("double", *text + *text).ok()) return 3;
    }
    return (*exchange)->finish().ok() ? 0 : 4;
  }
  static void ask(const ExchangeOptions& options) {
    auto exchange = open_exchange(options);
    ASSERT_TRUE(exchange.ok()) << exchange.status();
    Channel& peer = **(*exchange)->channel(options.peers[0]);
    for (const std::string text : {"x", "yy", "zzz"}) {
      ASSERT_TRUE(peer.send("text", text).ok());
      EXPECT_EQ(*peer.receive("double"), text + text);
    }
    EXPECT_EQ((*exchange)->finish(), absl::OkStatus());
  }
  static std::string free_address() {
    const Socket socket = *listen_on("127.0.0.1:0");
    return "127.0.0.1:" + std::to_string(port_of(socket));
  }

  Folder folder_;
};

TEST_F(Processes, TalkOverTheNetwork) {
  const std::string address = free_address();
  ExchangeOptions ours = options("a", "b"), theirs = options("b", "a");
  ours.addresses["b"] = theirs.listen = address;
  const pid_t child = spawn([&] { return serve(theirs); });
  ask(ours);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Processes, TheGreaterNameMayDialToo) {
  const std::string address = free_address();
  ExchangeOptions ours = options("a", "b"), theirs = options("b", "a");
  ours.listen = theirs.addresses["a"] = address;
  theirs.listen = free_address();  // so b would rather be called, but a has no address of it
  const pid_t child = spawn([&] { return serve(theirs); });
  ask(ours);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Processes, TalkThroughAFolder) {
  ExchangeOptions ours = options("a", "b"), theirs = options("b", "a");
  ours.folder = theirs.folder = folder_ / "shared";
  const pid_t child = spawn([&] { return serve(theirs); });
  ask(ours);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Processes, OneThatIsKilledGoesOnWhereItWas) {
  ExchangeOptions ours = options("a", "b"), theirs = options("b", "a");
  ours.addresses["b"] = theirs.listen = free_address();
  ours.session = folder_ / "session of a";
  theirs.session = folder_ / "session of b";
  const pid_t first = spawn([&] {
    auto exchange = open_exchange(theirs);
    Channel& peer = **(*exchange)->channel("a");
    const std::string text = *peer.receive("text");
    if (!peer.send("double", text + text).ok()) return 3;
    static_cast<void>(peer.receive("text"));
    kill(getpid(), SIGKILL);
    return 0;
  });
  // Made before this process has threads; begins when the first one is dead.
  int start[2];
  ASSERT_EQ(pipe(start), 0);
  const pid_t second = spawn([&] {
    char go = 0;
    return read(start[0], &go, 1) == 1 ? serve(theirs) : 5;
  });
  std::thread watcher([&] {
    EXPECT_EQ(wait_for(first), 128 + SIGKILL);
    EXPECT_EQ(write(start[1], "!", 1), 1);
  });
  ask(ours);
  watcher.join();
  EXPECT_EQ(wait_for(second), 0);
}

TEST_F(Processes, MistakesInTheOptionsAreExplained) {
  const auto reason = [](const ExchangeOptions& options) {
    return message_of(open_exchange(options).status());
  };
  ExchangeOptions ours = options("a", "b");
  EXPECT_THAT(reason(ours), HasSubstr("reaches nobody"));
  ours.addresses["c"] = "localhost:1";
  EXPECT_THAT(reason(ours), HasSubstr("no such other party"));
  ours.folder = folder_ / "shared";
  EXPECT_THAT(reason(ours), HasSubstr("exclude each other"));
  ours = options("c", "b");
  ours.listen = "localhost:0";
  ours.keys = keys("a");
  EXPECT_THAT(reason(ours), HasSubstr("party init c"));
  ours = options("a", "c");
  ours.listen = "localhost:0";
  EXPECT_THAT(reason(ours), HasSubstr("party trust c"));
}

}  // namespace
}  // namespace acie::parties
