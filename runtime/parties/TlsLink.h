// One TLS 1.3 connection between two parties, both authenticated by pinned certificates. Never blocks: step()
// does what can be done, and between steps the owner waits for events().
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/parties/Frame.h"
#include "runtime/parties/Identity.h"
#include "runtime/parties/Sockets.h"

namespace acie::parties {

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const { SSL_free(connection); }
};

/// TLS as this party speaks it: version 1.3 only, its certificate, and of peers exactly those that are
/// pinned, whatever else their certificates say. `pins` must live as long as the connections.
absl::StatusOr<std::unique_ptr<SSL_CTX, FreeTls>> make_tls(const Identity& me, const PeerPins& pins);

class TlsLink {
 public:
  enum class Side { Dialled, Accepted };

  /// Frames with bodies over `largest_body` are refused.
  static absl::StatusOr<std::unique_ptr<TlsLink>> create(SSL_CTX* tls, Socket socket, Side side,
                                                         size_t largest_body);

  /// Handshake, reading, writing, as far as they go. Reading stops while more than `hold` bytes of frames
  /// wait to be taken. Errors: the connection was lost (run), the peer is not pinned or broke the rules
  /// (refused). After one, nothing works but take().
  absl::Status step(size_t hold);

  /// The name under which the peer is pinned; empty until the handshake is over.
  const std::string& peer() const { return peer_; }

  /// Queues a frame. Nothing is sent before the next step().
  void queue(std::string frame) { queued_.push_back(std::move(frame)); }
  /// Whether everything that was queued is with the system.
  bool idle() const { return queued_.empty() && outgoing_ == 0; }
  size_t queued() const { return queued_.size(); }

  std::optional<Frame> take() { return reader_.take(); }

  int descriptor() const { return socket_.descriptor(); }
  /// What poll() should wait for.
  short events(size_t hold) const;
  /// Whether the peer closed the connection and all it sent before can be taken.
  bool ended() const { return ended_ && (peer_.empty() || drained_); }

 private:
  TlsLink(std::unique_ptr<SSL, FreeTls> tls, Socket socket, size_t largest_body)
      : tls_(std::move(tls)), socket_(std::move(socket)), reader_(largest_body) {}

  absl::Status receive();
  absl::Status handshake();
  absl::Status decrypt(size_t hold);
  absl::Status encrypt();
  absl::Status transmit();
  absl::Status tls_failure(int result, const char* what);

  std::unique_ptr<SSL, FreeTls> tls_;
  Socket socket_;
  FrameReader reader_;
  std::string peer_;
  std::deque<std::string> queued_;
  size_t written_ = 0;   // of the first queued frame
  size_t outgoing_ = 0;  // encrypted bytes that wait for the socket
  bool ended_ = false, drained_ = false;
};

}  // namespace acie::parties
