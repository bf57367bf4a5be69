// One peer over TLS: the sequences, the journal and, while there is one, the connection.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/parties/Exchange.h"
#include "runtime/parties/Journal.h"
#include "runtime/parties/TlsLink.h"

namespace acie::parties {

class TcpChannel;

/// What a channel asks of the exchange it belongs to. The exchange's mutex guards all its channels.
class ChannelHost {
 public:
  virtual ~ChannelHost() = default;
  virtual const Limits& limits() const = 0;
  virtual std::mutex& mutex() = 0;
  /// Has the thread look at the channels.
  virtual void wake() = 0;
  /// Lets the thread work until `done`. Errors: the channel was refused, its peer is gone or never came, the
  /// run was cancelled, or the time is over (the message then says `what` did not happen).
  virtual absl::Status wait(std::unique_lock<std::mutex>& lock, const TcpChannel& channel,
                            const std::function<bool()>& done, std::chrono::milliseconds limit,
                            const std::string& what) = 0;
};

class TcpChannel : public Channel {
 public:
  TcpChannel(ChannelHost& host, std::string me, std::string peer, std::array<char, 32> program,
             std::unique_ptr<Journal> journal);

  absl::Status send(std::string_view type, std::string_view payload) override;
  absl::StatusOr<std::string> receive(std::string_view type) override;
  absl::Status finish() override;

  // The rest is the exchange's, which holds the mutex.

  /// Takes a connection whose TLS handshake is over, and greets.
  absl::Status attach(std::unique_ptr<TlsLink> link);

  /// Reads and writes what can be. A connection that was lost is dropped; what can never be right is kept as
  /// refusal().
  void step();

  TlsLink* link() { return link_.get(); }
  bool greeted() const { return link_ != nullptr && greeted_; }
  /// Whether a connection is wanted: there is none and the channel is not over.
  bool wants_link() const { return link_ == nullptr && refusal_.ok() && !over_ && !heard_bye_; }
  /// Whether the peer said that it is done, and is gone.
  bool left() const { return link_ == nullptr && heard_bye_; }
  /// Since when there is no connection.
  Clock::time_point alone_since() const { return alone_since_; }
  const absl::Status& refusal() const { return refusal_; }
  const absl::Status& last_loss() const { return last_loss_; }
  const std::string& peer() const { return peer_; }
  size_t hold() const;

 private:
  absl::Status handle(const Frame& frame);
  absl::Status handle_hello(const Hello& hello);
  absl::Status agree_on_session(const Hello& hello);
  absl::Status handle_message(Message message);
  absl::Status queue_messages();
  absl::Status step_link();

  ChannelHost& host_;
  std::string me_, peer_;
  std::array<char, 32> program_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<TlsLink> link_;
  Hello hello_;                // ours, on the present connection
  bool greeted_ = false;       // theirs has come
  uint64_t sent_ = 0;          // by this process; less than the journal's while a session is being resumed
  uint64_t taken_ = 0;         // messages receive() gave out
  uint64_t queued_ = 0;        // messages given to the present connection
  uint64_t acknowledged_ = 0;  // messages the peer has
  size_t waiting_ = 0;         // bytes received and not taken
  bool leaving_ = false;       // finish() was called
  bool said_bye_ = false;      // on the present connection
  bool heard_bye_ = false, over_ = false;
  Clock::time_point alone_since_ = Clock::now();
  absl::Status refusal_, last_loss_;
};

}  // namespace acie::parties
