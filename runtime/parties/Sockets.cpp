#include "runtime/parties/Sockets.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

absl::StatusOr<Addresses> resolve(const std::string& address, int flags) {
  ACIE_ASSIGN_OR_RETURN(const auto parts, split_address(address));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error =
      getaddrinfo(parts.first.empty() ? nullptr : parts.first.c_str(), parts.second.c_str(), &hints, &list);
  if (error != 0) return run_error("cannot find " + address + ": " + gai_strerror(error));
  return Addresses(list);
}

absl::Status failed(const char* what, const std::string& address, int error) {
  return run_error(std::string("cannot ") + what + " " + address + ": " + std::strerror(error));
}

/// Small frames go at once; a peer whose machine vanished is found out within a minute or so.
void tune(int socket) {
  const auto set = [socket](int level, int option, int value) {
    setsockopt(socket, level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 6);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 45'000);
}

/// Waits for a connection in progress; errno's number, 0 where it is there.
int await_connection(int socket, Clock::time_point deadline) {
  for (;;) {
    pollfd wait{socket, POLLOUT, 0};
    const int ready = ::poll(&wait, 1, milliseconds_until(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return errno;
    if (ready == 0) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
  }
}

}  // namespace

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 1 << 30));
}

absl::StatusOr<std::pair<std::string, std::string>> split_address(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon == std::string::npos ? 0 : colon);
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string::npos)
    host = "?";
  const bool digits = !port.empty() && port.size() <= 5 &&
                      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || std::stoi(port) > 65535 || host == "?")
    return usage_error("'" + address + "' is not HOST:PORT (an IPv6 address goes in brackets: [::1]:7000)");
  return std::pair(host, port);
}

absl::StatusOr<Socket> listen_on(const std::string& address) {
  ACIE_ASSIGN_OR_RETURN(const Addresses list, resolve(address, AI_PASSIVE));
  int error = 0;
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    Socket socket(::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol));
    const int yes = 1;
    if (socket.valid() && setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        ::bind(socket.descriptor(), at->ai_addr, at->ai_addrlen) == 0 &&
        ::listen(socket.descriptor(), 64) == 0)
      return socket;
    error = errno;
  }
  return failed("listen on", address, error);
}

int port_of(const Socket& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(socket.descriptor(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

absl::StatusOr<Socket> accept_one(const Socket& listener) {
  Socket socket(::accept4(listener.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.valid()) tune(socket.descriptor());
  // Whatever went wrong with one connection says nothing about the next, unless the listener itself is no
  // socket.
  if (!socket.valid() && (errno == EBADF || errno == EINVAL || errno == ENOTSOCK))
    return run_error("the listening socket is broken");
  return socket;
}

absl::StatusOr<Socket> dial(const std::string& address, Clock::time_point deadline) {
  ACIE_ASSIGN_OR_RETURN(const Addresses list, resolve(address, 0));
  int error = ETIMEDOUT;
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    Socket socket(::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol));
    if (!socket.valid()) {
      error = errno;
      continue;
    }
    error = ::connect(socket.descriptor(), at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) error = await_connection(socket.descriptor(), deadline);
    if (error != 0) continue;
    tune(socket.descriptor());
    return socket;
  }
  return failed("reach", address, error);
}

}  // namespace acie::parties
