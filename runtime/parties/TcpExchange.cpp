#include "runtime/parties/TcpExchange.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "kernels/crypto/files/PrivateFile.h"
#include "runtime/parties/TcpChannel.h"
#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{100}, kFirstPause{50}, kLongestPause{2'000}, kDialling{3'000};
// How long a party that would rather be dialled waits before it dials.
constexpr milliseconds kCourtesy{1'000};
// Strangers may hold this many connections open, each for a while.
constexpr size_t kMostStrangers = 32;
constexpr milliseconds kStrangerTime{30'000};

// Frames say their size in 32 bits.
constexpr size_t kLargestMessage = 4'000'000'000;

/// A connection whose peer is not known yet.
struct Stranger {
  std::unique_ptr<TlsLink> link;
  Clock::time_point until;
};

class TcpExchange : public Exchange, public ChannelHost {
 public:
  TcpExchange(Identity me, PeerPins pins, Socket listener, TcpOptions options)
      : me_(std::move(me)),
        pins_(std::move(pins)),
        listener_(std::move(listener)),
        options_(std::move(options)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  ~TcpExchange() override {
    stop_ = true;
    wake();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status start() {
    if (!wake_.valid()) return run_error("the system has no more descriptors");
    if (limits().message > kLargestMessage) return usage_error("messages can have at most 4000000000 bytes");
    ACIE_ASSIGN_OR_RETURN(tls_, make_tls(me_, pins_));
    for (const std::string& name : options_.peers) ACIE_RETURN_IF_ERROR(add_peer(name));
    thread_ = std::thread([this] { work(); });
    return absl::OkStatus();
  }

  absl::StatusOr<Channel*> channel(const std::string& peer) override {
    const auto found = peers_.find(peer);
    if (found == peers_.end())
      return usage_error("there is no party '" + peer + "' to exchange messages with");
    return found->second.channel.get();
  }

  absl::Status finish() override {
    for (auto& [name, peer] : peers_) ACIE_RETURN_IF_ERROR(peer.channel->finish());
    return absl::OkStatus();
  }

  const Limits& limits() const override { return options_.limits; }
  std::mutex& mutex() override { return mutex_; }

  void wake() override {
    const uint64_t one = 1;
    // A full counter wakes as well.
    if (::write(wake_.descriptor(), &one, sizeof one) < 0) return;
  }

  absl::Status wait(std::unique_lock<std::mutex>& lock, const TcpChannel& channel,
                    const std::function<bool()>& done, milliseconds limit, const std::string& what) override {
    const Clock::time_point deadline = Clock::now() + limit;
    for (;;) {
      if (done()) return absl::OkStatus();
      ACIE_RETURN_IF_ERROR(channel.refusal());
      const std::string party = "party " + channel.peer() + ": ";
      if (channel.left()) return refused_error(party + "it has left; " + what);
      const Clock::time_point now = Clock::now();
      if (channel.wants_link() && now > std::max(channel.alone_since(), deadline - limit) + limits().connect)
        return run_error(channel.last_loss().ok()
                             ? party + "it is not there; " + peers_.at(channel.peer()).trouble
                             : message_of(channel.last_loss()) + " and did not come back");
      if (now > deadline)
        return run_error(party + what + " in " + std::to_string(limit.count() / 1000) + " s");
      if (options_.cancelled && options_.cancelled())
        return cancelled_error("cancelled while waiting for " + channel.peer());
      changed_.wait_for(lock, kTick);
    }
  }

 private:
  struct Peer {
    std::unique_ptr<TcpChannel> channel;
    std::string address;               // empty: it dials
    bool dials_first = false;          // we do
    std::unique_ptr<TlsLink> dialled;  // handshake not over
    Clock::time_point next_dial;
    milliseconds pause = kFirstPause;
    std::string trouble = "nobody has called";
  };

  absl::Status add_peer(const std::string& name) {
    if (name == me_.name || peers_.contains(name))
      return usage_error("the party '" + name + "' is named twice");
    if (!pins_.contains(name))
      return usage_error("no certificate is pinned for the party '" + name + "': acie-run party trust " +
                         name + " FINGERPRINT");
    Peer peer;
    if (const auto address = options_.addresses.find(name); address != options_.addresses.end()) {
      ACIE_RETURN_IF_ERROR(split_address(address->second).status());
      peer.address = address->second;
    }
    if (peer.address.empty() && !listener_.valid())
      return usage_error("the party '" + name + "' can neither call (--listen) nor be called (--peer " +
                         name + "=HOST:PORT)");
    peer.dials_first = me_.name < name || !listener_.valid();
    peer.next_dial = Clock::now() + (peer.dials_first ? milliseconds(0) : kCourtesy);
    std::unique_ptr<Journal> journal = Journal::in_memory();
    if (!options_.sessions.empty()) {
      ACIE_RETURN_IF_ERROR(secure::make_private_folder(options_.sessions));
      ACIE_ASSIGN_OR_RETURN(journal, Journal::in_folder(options_.sessions + "/" + me_.name + "-" + name));
    }
    peer.channel = std::make_unique<TcpChannel>(*this, me_.name, name, options_.program, std::move(journal));
    peers_.emplace(name, std::move(peer));
    return absl::OkStatus();
  }

  size_t largest_body() const { return limits().message + kLongestType + 64; }

  // The thread.

  void work() {
    while (!stop_) {
      {
        const std::lock_guard lock(mutex_);
        accept_all();
        step_strangers();
        for (auto& [name, peer] : peers_) {
          step_dialled(peer);
          peer.channel->step();
        }
      }
      changed_.notify_all();
      for (auto& [name, peer] : peers_) dial_if_due(peer);
      sleep();
    }
  }

  void accept_all() {
    while (listener_.valid() && strangers_.size() < kMostStrangers) {
      absl::StatusOr<Socket> socket = accept_one(listener_);
      if (!socket.ok() || !socket->valid()) return;
      auto link = TlsLink::create(tls_.get(), *std::move(socket), TlsLink::Side::Accepted, largest_body());
      if (link.ok()) strangers_.push_back({*std::move(link), Clock::now() + kStrangerTime});
    }
  }

  void step_strangers() {
    std::erase_if(strangers_, [this](Stranger& stranger) {
      const absl::Status status = stranger.link->step(0);
      if (!status.ok() || stranger.link->ended()) {
        // Nobody knows who it was: it may be a peer whose certificate is not pinned.
        if (failure_of(status) == Failure::Refused)
          for (auto& [name, peer] : peers_) peer.trouble = "somebody called who is not pinned";
        return true;
      }
      if (stranger.link->peer().empty()) return Clock::now() > stranger.until;
      const auto known = peers_.find(stranger.link->peer());
      // One connection per pair: where we dial, we are not called.
      if (known != peers_.end() && (known->second.address.empty() || !known->second.dials_first))
        adopt(known->second, std::move(stranger.link));
      return true;
    });
  }

  void step_dialled(Peer& peer) {
    if (peer.dialled == nullptr) return;
    const absl::Status status = peer.dialled->step(0);
    if (!status.ok() || peer.dialled->ended()) {
      peer.trouble = status.ok() ? "it closed the connection (is this party's certificate pinned there?)"
                                 : message_of(status);
      peer.dialled.reset();
    } else if (!peer.dialled->peer().empty()) {
      if (peer.dialled->peer() == peer.channel->peer())
        adopt(peer, std::move(peer.dialled));
      else
        peer.trouble = peer.address + " is the party " + peer.dialled->peer();
      peer.dialled.reset();
    }
  }

  void adopt(Peer& peer, std::unique_ptr<TlsLink> link) {
    TcpChannel& channel = *peer.channel;
    if (!channel.refusal().ok() || (!channel.wants_link() && channel.link() == nullptr)) return;
    if (const absl::Status greeted = channel.attach(std::move(link)); !greeted.ok())
      peer.trouble = message_of(greeted);
    peer.pause = kFirstPause;
    peer.next_dial = Clock::now() + (peer.dials_first ? kFirstPause : kCourtesy);
  }

  void dial_if_due(Peer& peer) {
    {
      const std::lock_guard lock(mutex_);
      if (peer.address.empty() || peer.dialled != nullptr || !peer.channel->wants_link() ||
          Clock::now() < peer.next_dial)
        return;
    }
    absl::StatusOr<Socket> socket = dial(peer.address, Clock::now() + kDialling);
    const std::lock_guard lock(mutex_);
    if (socket.ok()) {
      auto link = TlsLink::create(tls_.get(), *std::move(socket), TlsLink::Side::Dialled, largest_body());
      if (link.ok()) peer.dialled = *std::move(link);
    } else {
      peer.trouble = message_of(socket.status());
    }
    peer.next_dial = Clock::now() + peer.pause;
    peer.pause = std::min(2 * peer.pause, kLongestPause);
  }

  void sleep() {
    std::vector<pollfd> waits{{wake_.descriptor(), POLLIN, 0}};
    {
      const std::lock_guard lock(mutex_);
      if (listener_.valid() && strangers_.size() < kMostStrangers)
        waits.push_back({listener_.descriptor(), POLLIN, 0});
      for (const Stranger& stranger : strangers_)
        waits.push_back({stranger.link->descriptor(), stranger.link->events(0), 0});
      for (const auto& [name, peer] : peers_) {
        if (peer.dialled != nullptr)
          waits.push_back({peer.dialled->descriptor(), peer.dialled->events(0), 0});
        if (TlsLink* const link = peer.channel->link())
          waits.push_back({link->descriptor(), link->events(peer.channel->hold()), 0});
      }
    }
    ::poll(waits.data(), waits.size(), static_cast<int>(kTick.count()));
    uint64_t count = 0;
    if (::read(wake_.descriptor(), &count, sizeof count) < 0) return;  // nothing to take back
  }

  Identity me_;
  PeerPins pins_;
  Socket listener_;
  TcpOptions options_;
  Socket wake_;
  std::unique_ptr<SSL_CTX, FreeTls> tls_;
  std::map<std::string, Peer> peers_;
  std::vector<Stranger> strangers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Exchange>> make_tcp_exchange(Identity me, PeerPins pins, Socket listener,
                                                            TcpOptions options) {
  auto exchange =
      std::make_unique<TcpExchange>(std::move(me), std::move(pins), std::move(listener), std::move(options));
  ACIE_RETURN_IF_ERROR(exchange->start());
  return exchange;
}

}  // namespace acie::parties
