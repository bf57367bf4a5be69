#include "runtime/parties/OpenExchange.h"

#include <algorithm>

#include "runtime/parties/FileExchange.h"
#include "runtime/parties/Identity.h"
#include "runtime/parties/TcpExchange.h"
#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

absl::Status check(const ExchangeOptions& options) {
  if (!options.folder.empty() && (!options.listen.empty() || !options.addresses.empty()))
    return usage_error(
        "--exchange and --listen or --peer exclude each other: messages go through a folder or over the "
        "network");
  if (options.folder.empty() && options.listen.empty() && options.addresses.empty())
    return usage_error("the party " + options.me +
                       " reaches nobody: give --listen HOST:PORT, --peer NAME=HOST:PORT, or --exchange DIR");
  for (const auto& [name, address] : options.addresses)
    if (std::find(options.peers.begin(), options.peers.end(), name) == options.peers.end())
      return usage_error("--peer " + name + "=" + address + ": the program has no such other party");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Exchange>> open_files(const ExchangeOptions& options, Identity me,
                                                     PeerPins pins) {
  FileOptions files;
  files.program = options.program;
  files.peers = options.peers;
  files.folder = options.folder;
  files.sessions = options.keys + "/sessions";
  files.limits = options.limits;
  files.cancelled = options.cancelled;
  return make_file_exchange(std::move(me), std::move(pins), std::move(files));
}

absl::StatusOr<std::unique_ptr<Exchange>> open_tcp(const ExchangeOptions& options, Identity me,
                                                   PeerPins pins) {
  Socket listener;
  if (!options.listen.empty()) {
    ACIE_ASSIGN_OR_RETURN(listener, listen_on(options.listen));
  }
  TcpOptions tcp;
  tcp.program = options.program;
  tcp.peers = options.peers;
  tcp.addresses = options.addresses;
  tcp.sessions = options.session;
  tcp.limits = options.limits;
  tcp.cancelled = options.cancelled;
  return make_tcp_exchange(std::move(me), std::move(pins), std::move(listener), std::move(tcp));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Exchange>> open_exchange(const ExchangeOptions& options) {
  ACIE_RETURN_IF_ERROR(check(options));
  ACIE_ASSIGN_OR_RETURN(Identity me, load_identity(options.keys, options.me));
  ACIE_ASSIGN_OR_RETURN(PeerPins all, read_pins(options.keys));
  PeerPins pins;  // only those of this program: who else is pinned has no business here
  for (const std::string& name : options.peers)
    if (const auto pin = all.find(name); pin != all.end()) pins.insert(*pin);
  return options.folder.empty() ? open_tcp(options, std::move(me), std::move(pins))
                                : open_files(options, std::move(me), std::move(pins));
}

}  // namespace acie::parties
