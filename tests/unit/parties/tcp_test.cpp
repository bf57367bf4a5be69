// Parties over TLS on this machine: messages, lost connections, processes that come back, and everybody who
// should not be let in.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "runtime/parties/TcpExchange.h"
#include "runtime/parties/TlsLink.h"
#include "runtime/status/Errors.h"
#include "tests/unit/parties/Parties.h"

namespace acie::parties {
namespace {

using testing::copy_of;
using testing::Folder;
using ::testing::HasSubstr;
using testing::identity_of;
using testing::pins_of;
using testing::short_limits;
using testing::together;

struct Seat {
  Socket socket = *listen_on("127.0.0.1:0");
  std::string address = "127.0.0.1:" + std::to_string(port_of(socket));
};

TcpOptions options_for(std::vector<std::string> peers, std::map<std::string, std::string> addresses) {
  TcpOptions options;
  options.peers = std::move(peers);
  options.addresses = std::move(addresses);
  options.limits = short_limits();
  return options;
}

std::unique_ptr<Exchange> join(const std::string& name, Socket socket, TcpOptions options) {
  PeerPins pins = pins_of(options.peers);
  auto exchange =
      make_tcp_exchange(copy_of(identity_of(name)), std::move(pins), std::move(socket), std::move(options));
  EXPECT_TRUE(exchange.ok()) << exchange.status();
  return exchange.ok() ? *std::move(exchange) : nullptr;
}

TEST(Tcp, MessagesArriveWholeAndInOrder) {
  Seat seat;
  const std::string large(3'000'000, 'L');
  together({[&] {
              auto exchange = join("a", {}, options_for({"b"}, {{"b", seat.address}}));
              Channel& b = **exchange->channel("b");
              for (int i = 0; i < 100; ++i) ASSERT_TRUE(b.send("count", std::to_string(i)).ok());
              ASSERT_TRUE(b.send("large", large).ok());
              ASSERT_TRUE(b.send("empty", "").ok());
              EXPECT_EQ(*b.receive("answer"), "fine");
              EXPECT_EQ(exchange->finish(), absl::OkStatus());
            },
            [&] {
              auto exchange = join("b", std::move(seat.socket), options_for({"a"}, {}));
              Channel& a = **exchange->channel("a");
              for (int i = 0; i < 100; ++i) ASSERT_EQ(*a.receive("count"), std::to_string(i));
              EXPECT_EQ(*a.receive("large"), large);
              EXPECT_EQ(*a.receive("empty"), "");
              ASSERT_TRUE(a.send("answer", "fine").ok());
              EXPECT_EQ(exchange->finish(), absl::OkStatus());
            }});
}

// Each sends more than the system's buffers hold to the next before it receives: without a thread all would
// wait for ever.
TEST(Tcp, ACircleOfSendersDoesNotBlock) {
  const std::vector<std::string> names = {"a", "b", "c"};
  Seat seats[3];
  std::map<std::string, std::string> addresses;
  for (size_t i = 0; i < 3; ++i) addresses[names[i]] = seats[i].address;
  std::vector<std::function<void()>> all;
  for (size_t i = 0; i < 3; ++i)
    all.push_back([&, i] {
      std::vector<std::string> peers;
      for (const std::string& name : names)
        if (name != names[i]) peers.push_back(name);
      auto exchange = join(names[i], std::move(seats[i].socket), options_for(peers, addresses));
      const std::string next = names[(i + 1) % 3], before = names[(i + 2) % 3];
      for (int k = 0; k < 3; ++k)
        ASSERT_TRUE((*exchange->channel(next))->send("large", std::string(8'000'000, names[i][0])).ok());
      for (int k = 0; k < 3; ++k)
        ASSERT_EQ(*(*exchange->channel(before))->receive("large"), std::string(8'000'000, before[0]));
      EXPECT_EQ(exchange->finish(), absl::OkStatus());
    });
  together(all);
}

TEST(Tcp, TheWrongTypeIsRefused) {
  Seat seat;
  TcpOptions ours = options_for({"b"}, {{"b", seat.address}});
  ours.limits.connect = std::chrono::milliseconds(500);
  together({[&] {
              auto exchange = join("a", {}, ours);
              ASSERT_TRUE((*exchange->channel("b"))->send("pixels under k", "x").ok());
              static_cast<void>((*exchange->channel("b"))->receive("never"));
            },
            [&] {
              auto exchange = join("b", std::move(seat.socket), options_for({"a"}, {}));
              const absl::Status status = (*exchange->channel("a"))->receive("scores under k").status();
              EXPECT_EQ(failure_of(status), Failure::Refused);
              EXPECT_THAT(message_of(status), HasSubstr("'pixels under k' where 'scores under k'"));
            }});
}

TEST(Tcp, StrangersAreNotLetIn) {
  Seat seat;
  TcpOptions theirs = options_for({"b"}, {{"b", seat.address}}), ours = options_for({"a"}, {});
  theirs.limits.connect = ours.limits.connect = std::chrono::milliseconds(1'000);
  together({[&] {
              // b pins a, but it is mallory who calls itself a.
              Identity mallory = *make_identity("a");
              auto exchange = *make_tcp_exchange(std::move(mallory), pins_of({"b"}), {}, theirs);
              // Told so, or hung up on: which of the two comes first is the network's choice.
              EXPECT_THAT(failure_of((*exchange->channel("b"))->receive("secret").status()), ::testing::AnyOf(Failure::Run, Failure::Refused));
            },
            [&] {
              auto exchange = join("b", std::move(seat.socket), ours);
              const absl::Status status = (*exchange->channel("a"))->receive("x").status();
              EXPECT_EQ(failure_of(status), Failure::Run);
              EXPECT_THAT(message_of(status), HasSubstr("not pinned"));
            }});
}

TEST(Tcp, AnImpostorThatIsDialledIsNotBelieved) {
  Seat seat;
  TcpOptions theirs = options_for({"a"}, {}), ours = options_for({"b"}, {{"b", seat.address}});
  theirs.limits.connect = ours.limits.connect = std::chrono::milliseconds(1'000);
  together({[&] {
              Identity mallory = *make_identity("b");
              auto exchange =
                  *make_tcp_exchange(std::move(mallory), pins_of({"a"}), std::move(seat.socket), theirs);
              EXPECT_FALSE((*exchange->channel("a"))->receive("secret").ok());
            },
            [&] {
              auto exchange = join("a", {}, ours);
              static_cast<void>((*exchange->channel("b"))->send("secret", "for b only"));
              const absl::Status status = (*exchange->channel("b"))->receive("x").status();
              EXPECT_FALSE(status.ok());
              EXPECT_THAT(message_of(status), HasSubstr("pinned"));
            }});
}

TEST(Tcp, AnotherProgramIsRefused) {
  Seat seat;
  TcpOptions theirs = options_for({"b"}, {{"b", seat.address}});
  theirs.program[0] = 1;
  together({[&] {
              auto exchange = join("a", {}, theirs);
              EXPECT_FALSE((*exchange->channel("b"))->receive("x").ok());
            },
            [&] {
              auto exchange = join("b", std::move(seat.socket), options_for({"a"}, {}));
              const absl::Status status = (*exchange->channel("a"))->receive("x").status();
              EXPECT_EQ(failure_of(status), Failure::Refused);
              EXPECT_THAT(message_of(status), HasSubstr("another program"));
            }});
}

TEST(Tcp, APartyThatDiesIsReported) {
  Seat seat;
  TcpOptions ours = options_for({"a"}, {});
  ours.limits.connect = std::chrono::milliseconds(500);
  together({[&] {
              auto exchange = join("a", {}, options_for({"b"}, {{"b", seat.address}}));
              ASSERT_TRUE((*exchange->channel("b"))->send("x", "before it died").ok());
              static_cast<void>((*exchange->channel("b"))->receive("go"));
            },
            [&] {
              auto exchange = join("b", std::move(seat.socket), ours);
              Channel& a = **exchange->channel("a");
              EXPECT_EQ(*a.receive("x"), "before it died");
              ASSERT_TRUE(a.send("go", "").ok());
              const absl::Status status = a.receive("y").status();
              EXPECT_EQ(failure_of(status), Failure::Run);
              EXPECT_THAT(message_of(status), HasSubstr("party a: the connection was lost"));
            }});
}

TEST(Tcp, MistakesInTheOptionsAreExplained) {
  const auto reason = [](TcpOptions options, PeerPins pins) {
    return message_of(
        make_tcp_exchange(copy_of(identity_of("a")), std::move(pins), {}, std::move(options)).status());
  };
  EXPECT_THAT(reason(options_for({"b"}, {{"b", "localhost:1"}}), {}), HasSubstr("party trust b"));
  EXPECT_THAT(reason(options_for({"b"}, {}), pins_of({"b"})), HasSubstr("--listen"));
  for (const char* address : {"localhost", "localhost:", ":x", "::1:80", "localhost:99999", "localhost:-1"})
    EXPECT_THAT(reason(options_for({"b"}, {{"b", address}}), pins_of({"b"})), HasSubstr("HOST:PORT"))
        << address;
}

TEST(Tcp, MessagesOverTheLimitAreNotSent) {
  Seat seat;
  TcpOptions options = options_for({"b"}, {{"b", seat.address}});
  options.limits.message = 10;
  auto exchange = join("a", {}, options);
  EXPECT_EQ(failure_of((*exchange->channel("b"))->send("x", std::string(11, 'x'))), Failure::Usage);
}

// What a process does in the tests of sessions below: asks, adds up the answers.
absl::StatusOr<std::string> ask(Exchange& exchange, int begin, int end) {
  ACIE_ASSIGN_OR_RETURN(Channel* const b, exchange.channel("b"));
  std::string all;
  for (int i = begin; i < end; ++i) {
    ACIE_RETURN_IF_ERROR(b->send("question", std::to_string(i)));
    ACIE_ASSIGN_OR_RETURN(const std::string answer, b->receive("answer"));
    all += answer;
  }
  return all;
}

TEST(Tcp, AProcessThatDiesGoesOnWhereItWas) {
  Seat seat;
  Folder folder;
  TcpOptions ours = options_for({"b"}, {{"b", seat.address}}), theirs = options_for({"a"}, {});
  ours.sessions = folder / "of a";
  theirs.sessions = folder / "of b";
  int questions = 0;
  together({[&] {
              {
                auto exchange = join("a", {}, ours);
                EXPECT_EQ(*ask(*exchange, 0, 5), "01234");
                ASSERT_TRUE((*exchange->channel("b"))->send("question", "5").ok());
              }  // dies before the answer to 5 is read
              auto exchange = join("a", {}, ours);
              // The same program again from its beginning. Nothing is sent or answered twice.
              EXPECT_EQ(*ask(*exchange, 0, 10), "0123456789");
              EXPECT_EQ(exchange->finish(), absl::OkStatus());
            },
            [&] {
              auto exchange = join("b", std::move(seat.socket), theirs);
              Channel& a = **exchange->channel("a");
              for (; questions < 10; ++questions) {
                const absl::StatusOr<std::string> question = a.receive("question");
                ASSERT_TRUE(question.ok()) << question.status();
                ASSERT_TRUE(a.send("answer", *question).ok());
              }
              EXPECT_EQ(exchange->finish(), absl::OkStatus());
            }});
  EXPECT_EQ(questions, 10);
  EXPECT_FALSE(std::filesystem::exists(folder / "of a/a-b")) << "a finished session leaves nothing";
}

TEST(Tcp, ASessionWhoseRecordWasLostIsRefused) {
  Seat seat;
  Folder folder;
  TcpOptions ours = options_for({"b"}, {{"b", seat.address}}), theirs = options_for({"a"}, {});
  ours.sessions = folder / "of a";
  together({[&] {
              {
                auto exchange = join("a", {}, ours);
                EXPECT_EQ(*ask(*exchange, 0, 2), "01");
              }
              std::filesystem::remove_all(ours.sessions);
              auto exchange = join("a", {}, ours);
              EXPECT_FALSE(ask(*exchange, 0, 3).ok());
            },
            [&] {
              auto exchange = join("b", std::move(seat.socket), theirs);
              Channel& a = **exchange->channel("a");
              for (int i = 0; i < 2; ++i) ASSERT_TRUE(a.send("answer", *a.receive("question")).ok());
              const absl::Status status = a.receive("question").status();
              EXPECT_EQ(failure_of(status), Failure::Refused) << status;
              EXPECT_THAT(message_of(status), HasSubstr("forgotten this session"));
            }});
}

/// A peer with the right certificate that breaks the protocol by hand.
class Rogue {
 public:
  explicit Rogue(const std::string& address)
      : pins_(pins_of({"b"})), me_(copy_of(identity_of("a"))), tls_(*make_tls(me_, pins_)) {
    link_ = *TlsLink::create(tls_.get(), *dial(address, Clock::now() + std::chrono::seconds(5)),
                             TlsLink::Side::Dialled, 1 << 20);
    while (link_->step(0).ok() && link_->peer().empty()) wait();
  }

  void say(std::string frame) {
    link_->queue(std::move(frame));
    for (int i = 0; i < 1000 && link_->step(0).ok() && !link_->idle(); ++i) wait();
  }
  /// Until the other side has hung up.
  void listen() {
    for (int i = 0; i < 100 && link_->step(1 << 20).ok() && !link_->ended(); ++i) {
      while (link_->take()) continue;
      wait();
    }
  }
  static Hello hello() {
    Hello hello;
    hello.from = "a";
    hello.to = "b";
    hello.nonce[0] = 1;
    return hello;
  }

 private:
  void wait() {
    pollfd event{link_->descriptor(), link_->events(1 << 20), 0};
    ::poll(&event, 1, 100);
  }

  PeerPins pins_;
  Identity me_;
  std::unique_ptr<SSL_CTX, FreeTls> tls_;
  std::unique_ptr<TlsLink> link_;
};

std::string framed(FrameKind kind, const std::string& body) {
  std::string frame;
  for (int i = 0; i < 4; ++i) frame += static_cast<char>(body.size() >> 8 * i);
  return frame + static_cast<char>(kind) + body;
}

TEST(Tcp, APeerThatBreaksTheProtocolIsRefused) {
  const std::string hello = encode(Rogue::hello());
  Hello impostor = Rogue::hello(), lost = Rogue::hello();
  impostor.from = "c";
  lost.received = 7;
  const std::string first = encode(Message{0, "x", "first"});
  const struct {
    const char* what;
    std::vector<std::string> frames;
    const char* reason;
  } cases[] = {
      {"replayed", {hello, first, first}, "out of order, or once more"},
      {"skipped", {hello, encode(Message{1, "x", "second"})}, "out of order, or once more"},
      {"acknowledged what was never sent", {hello, encode_count(FrameKind::Ack, 3)}, "acknowledged messages"},
      {"another name", {encode(impostor)}, "calls itself 'c'"},
      {"has messages that were never sent", {encode(lost)}, "does not fit"},
      {"no hello", {first}, "does not speak"},
      {"two hellos", {hello, hello}, "broke the protocol"},
      {"cut message", {hello, framed(FrameKind::Message, "short")}, "damaged"},
      {"too large", {hello, std::string("\xff\xff\xff\xff\x02", 5)}, "too large"},
      {"unknown kind", {hello, framed(static_cast<FrameKind>(9), "")}, "no known kind"},
      {"left early", {hello, encode_count(FrameKind::Bye, 4)}, "left before all its messages"},
  };
  for (const auto& test : cases) {
    Seat seat;
    const std::string address = seat.address;
    together({[&] {
                Rogue rogue(address);
                for (const std::string& frame : test.frames) rogue.say(frame);
                rogue.listen();
              },
              [&] {
                auto exchange = join("b", std::move(seat.socket), options_for({"a"}, {}));
                Channel& a = **exchange->channel("a");
                absl::Status status;
                for (int i = 0; i < 3 && status.ok(); ++i) status = a.receive("x").status();
                EXPECT_EQ(failure_of(status), Failure::Refused) << test.what << ": " << status;
                EXPECT_THAT(message_of(status), HasSubstr(test.reason)) << test.what;
              }});
  }
}

TEST(Tcp, OnlyTls13IsSpoken) {
  Seat seat;
  auto exchange = join("b", std::move(seat.socket), options_for({"a"}, {}));
  const PeerPins pins = pins_of({"b"});
  const Identity me = copy_of(identity_of("a"));
  const auto tls = *make_tls(me, pins);
  SSL_CTX_set_min_proto_version(tls.get(), TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(tls.get(), TLS1_2_VERSION);
  auto link = *TlsLink::create(tls.get(), *dial(seat.address, Clock::now() + std::chrono::seconds(5)),
                               TlsLink::Side::Dialled, 1000);
  absl::Status status;
  for (int i = 0; i < 50 && status.ok() && !link->ended() && link->peer().empty(); ++i) {
    status = link->step(0);
    pollfd event{link->descriptor(), POLLIN, 0};
    ::poll(&event, 1, 100);
  }
  EXPECT_EQ(link->peer(), "");
  EXPECT_FALSE(status.ok());
}

}  // namespace
}  // namespace acie::parties
