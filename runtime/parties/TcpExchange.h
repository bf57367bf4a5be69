// Channels over TLS, one connection per pair of parties.
//
// Of a pair, the one whose name sorts first dials if it was given the other's address; otherwise the other
// one does. So both may be given all addresses, or just one of the two.
//
// A thread of the exchange serves all connections, whatever the program computes meanwhile: messages arrive,
// lost connections come back, and parties that send to each other in a circle do not block one another.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/parties/Exchange.h"
#include "runtime/parties/Identity.h"
#include "runtime/parties/Journal.h"
#include "runtime/parties/TlsLink.h"

namespace acie::parties {

struct TcpOptions {
  std::array<char, 32> program{};                // fingerprint of what all parties run; others are refused
  std::vector<std::string> peers;                // the other parties
  std::map<std::string, std::string> addresses;  // host:port of those this party may dial
  std::string sessions;  // folder of the journals; empty: a process that dies ends the session
  Limits limits;
  /// Asked about ten times a second while a channel waits: true gives up.
  std::function<bool()> cancelled;
};

/// Starts to connect to all peers at once. `listener` may be an invalid socket: then nobody can dial this
/// party. Errors: a peer that is not pinned, or can neither be dialled nor dial (usage).
absl::StatusOr<std::unique_ptr<Exchange>> make_tcp_exchange(Identity me, PeerPins pins, Socket listener,
                                                            TcpOptions options);

}  // namespace acie::parties
