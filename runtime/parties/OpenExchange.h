// The exchange that the options of acie-run ask for.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/parties/Exchange.h"

namespace acie::parties {

struct ExchangeOptions {
  std::string me;                  // --party
  std::vector<std::string> peers;  // the other parties of the program
  std::array<char, 32> program{};  // the same for all packages of one program: others are refused
  std::string keys;                // --keys: identities and pins
  std::string listen;              // --listen HOST:PORT; empty: nobody can call
  std::map<std::string, std::string> addresses;  // --peer NAME=HOST:PORT
  std::string folder;                            // --exchange DIR; empty: TCP
  std::string session;  // private folder that keeps a TCP session; empty: a process that dies ends it
  Limits limits;
  std::function<bool()> cancelled;
};

/// Reads this party's identity and pins, and opens its exchange. Errors: options that contradict each other,
/// a peer that the program does not have, no identity, no pin (usage); files open to others (refused).
absl::StatusOr<std::unique_ptr<Exchange>> open_exchange(const ExchangeOptions& options);

}  // namespace acie::parties
