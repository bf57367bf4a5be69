// Channels through a folder that all parties see: a shared disk, or one that is carried about. Nobody needs
// to be there at the same time, and the folder itself is the record of the session.
//
//   NAME/hello      a party's greeting (FileHello.h)
//   NAME/PEER.N     its message N to PEER: a container whose context is "acie message 1", N (8), type
//   NAME/PEER.end   a container that says how many messages there are (8)
//   NAME/PEER.left  an empty container: NAME stopped with an error; gone when it has been started again
//
// Every file appears whole or not at all. What is in them only the two can read; a message that was changed,
// cut short, exchanged for another or taken from another session is refused. A folder serves one session.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/parties/Exchange.h"
#include "runtime/parties/Identity.h"

namespace acie::parties {

struct FileOptions {
  std::array<char, 32> program{};  // fingerprint of what all parties run; others are refused
  std::vector<std::string> peers;
  std::string folder;    // the shared one
  std::string sessions;  // this party's own, private: keys of sessions that are not over
  Limits limits;         // `connect` counts for a peer's greeting
  /// Asked about ten times a second while a channel waits: true gives up.
  std::function<bool()> cancelled;
};

/// Leaves this party's greeting, or finds it again where the session is being resumed. Errors: a folder that
/// was used before (usage), a peer that is not pinned (usage).
absl::StatusOr<std::unique_ptr<Exchange>> make_file_exchange(Identity me, PeerPins pins, FileOptions options);

}  // namespace acie::parties
