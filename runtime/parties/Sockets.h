// TCP sockets that never block.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace acie::parties {

using Clock = std::chrono::steady_clock;

/// A descriptor that is closed with its owner.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket();
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  int descriptor() const { return descriptor_; }
  bool valid() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// "host:port" or "[address]:port" as its two parts. Errors are usage.
absl::StatusOr<std::pair<std::string, std::string>> split_address(const std::string& address);

/// A socket that listens. Port 0 lets the system choose one.
absl::StatusOr<Socket> listen_on(const std::string& address);
/// The port a listening socket got.
int port_of(const Socket& socket);

/// A connection that is ready, or nothing. Errors: the listening socket is broken.
absl::StatusOr<Socket> accept_one(const Socket& listener);

/// Connects, not later than `deadline`. Errors (run) say why the last of the host's addresses refused.
absl::StatusOr<Socket> dial(const std::string& address, Clock::time_point deadline);

/// Milliseconds until `deadline` for poll(), from 0.
int milliseconds_until(Clock::time_point deadline);

}  // namespace acie::parties
