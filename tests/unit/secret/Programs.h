// What tests of running parties share: keys, parties that run together, programs of one party.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "kernels/crypto/files/Hex.h"
#include "runtime/parties/LocalExchange.h"
#include "runtime/secret/PartyRun.h"
#include "runtime/status/Errors.h"
#include "tests/unit/crypto/Keys.h"
#include "tests/unit/package/PartyPrograms.h"

namespace acie::secret::testing {

inline constexpr int kTestBits = 1024;

/// A key that is the same in every run.
inline secure::Key paillier_key(int bits = kTestBits) {
  return std::move(secure::make_paillier_key(tests::fixed_numbers(bits), "test")).value();
}

inline secure::Key public_half(const secure::Key& key) {
  secure::PaillierNumbers numbers;
  numbers.n = key.paillier.n;
  return std::move(secure::make_paillier_key(std::move(numbers), "test")).value();
}

/// Every name gives the key of `bits` bits.
inline KeySource keys_of(int bits = kTestBits) {
  return [bits](const std::string&, bool secret) -> absl::StatusOr<secure::Key> {
    secure::Key key = paillier_key(bits);
    if (!secret) return public_half(key);
    return key;
  };
}

inline PartyRunOptions test_options(int threads = 1) {
  PartyRunOptions options;
  options.threads = threads;
  options.insecure_keys = true;
  return options;
}

using Answer = absl::StatusOr<PartyAnswer>;

/// One party with its inputs.
struct Player {
  package::PartyProgram program;
  std::map<std::string, std::pair<size_t, Reals>> values;  // rows (0: one for all) and elements
  KeySource keys = keys_of();
  std::string constants = {};

  Answer run(parties::Exchange& exchange, const PartyRunOptions& options) const {
    const package::PartyEntry& entry = program.entries[0];
    PartyInputs inputs(entry);
    for (const auto& [name, given] : values)
      ACIE_RETURN_IF_ERROR(given.first == 0 ? inputs.set(name, given.second) : inputs.set_rows(name, given.first, given.second));
    ACIE_RETURN_IF_ERROR(inputs.finish());
    ACIE_ASSIGN_OR_RETURN(PartyAnswer answer, run_party({&program, &entry, constants}, keys, inputs, exchange, options));
    ACIE_RETURN_IF_ERROR(exchange.finish());
    return answer;
  }
};

/// All at once, each in a thread of its own, through `exchanges`.
inline std::map<std::string, Answer> play(const std::vector<Player>& players,
                                          std::map<std::string, std::unique_ptr<parties::Exchange>> exchanges,
                                          const PartyRunOptions& options = test_options()) {
  std::map<std::string, Answer> answers;
  for (const Player& player : players) answers.emplace(player.program.party, run_error("it did not run"));
  std::vector<std::thread> threads;
  for (const Player& player : players)
    threads.emplace_back([&, exchange = std::move(exchanges.at(player.program.party))]() mutable {
      answers.at(player.program.party) = player.run(*exchange, options);
      exchange.reset();  // a party that failed tells the others by going
    });
  for (std::thread& thread : threads) thread.join();
  return answers;
}

inline std::map<std::string, Answer> play(const std::vector<Player>& players, const PartyRunOptions& options = test_options()) {
  std::vector<std::string> names;
  for (const Player& player : players) names.push_back(player.program.party);
  parties::Limits limits;
  limits.answer = std::chrono::milliseconds(60'000);
  return play(players, parties::make_local_exchanges(names, limits), options);
}

}  // namespace acie::secret::testing
