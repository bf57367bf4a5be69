// Runs one party's program: the C++ interface of programs with parties.
//
//   auto exchange = parties::open_exchange(…);                      // or make_local_exchanges()
//   PartyInputs inputs(entry);  inputs.set(…);                      // what the user gives
//   auto answer = run_party({&program, &entry, constants}, keys, inputs, **exchange, options);
//
// Where inputs hold a value for each row of a table, the program runs over the rows, in parts of entry.rows_per_message.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/package/Party.h"
#include "runtime/parties/Exchange.h"
#include "runtime/secret/Keys.h"
#include "runtime/secret/Reals.h"

namespace acie::secret {

/// Values of the inputs of one entry.
class PartyInputs {
 public:
  explicit PartyInputs(const package::PartyEntry& entry);

  /// One value for all rows, row-major. Errors: no such input, another number of elements (usage); outside the declared range,
  /// NaN (BadData).
  absl::Status set(const std::string& name, Reals values);
  /// A value for each of `rows` rows, those of a row together. All inputs with rows have as many.
  absl::Status set_rows(const std::string& name, size_t rows, Reals values);
  absl::Status set_bytes(const std::string& name, secure::Secret bytes);
  /// The default of every input that has one and was not set. Errors (usage): an input without a value.
  absl::Status finish();

  struct Given {
    bool given = false, per_row = false;
    Reals values;
    secure::Secret bytes;
  };
  const Given& given(int64_t input) const { return given_[static_cast<size_t>(input)]; }
  /// Rows of the table; none where no input has rows.
  std::optional<size_t> rows() const { return rows_; }
  /// The declared value that an input's first step writes: its form and shape.
  const package::PartyValue* declared(int64_t input) const { return declared_[static_cast<size_t>(input)]; }
  /// The input of that name. A usage error lists those there are.
  absl::StatusOr<int64_t> find(const std::string& name) const;

 private:
  absl::Status put(const std::string& name, size_t rows, bool per_row, Reals values);

  const package::PartyEntry& entry_;
  std::vector<const package::PartyValue*> declared_;  // null: no step reads it
  std::vector<Given> given_;
  std::optional<size_t> rows_;
};

struct PartyAnswer {
  struct Output {
    bool per_row = false;  // else one value, whatever the rows
    Reals values;
    secure::Secret bytes;  // of a file
  };
  size_t rows = 1;
  std::vector<Output> outputs;  // as PartyEntry::outputs
};

struct PartyRunOptions {
  int threads = 1;
  uint64_t seed = 0;           // of draws
  bool insecure_keys = false;  // permits Paillier keys below 2048 bits: tests only
  /// The key that a party keeps ciphertexts under from run to run (Stored.h), for entries that store or read such; made where
  /// `create` and there is none.
  std::function<absl::StatusOr<secure::Secret>(const std::string& party, bool create)> store;
  std::function<bool()> cancelled;
  /// What is being done ("encrypt c"), how much of it, and of the rows of the table before this part.
  struct Progress {
    std::string_view step;
    size_t done = 0, of = 0;
    size_t row = 0;
    std::optional<size_t> rows;
  };
  std::function<void(const Progress&)> progress;
};

/// A party's program as its package holds it.
struct PartyTask {
  const package::PartyProgram* program = nullptr;
  const package::PartyEntry* entry = nullptr;
  std::string_view constants;
};

/// Peers that the entry sends to or receives from.
std::vector<std::string> peers_of(const package::PartyEntry& entry);

/// Runs to the end; the exchange is finished by the caller, once it has kept the answer. Errors name the step, and the line of
/// the source where it is known. What a peer sent and is not acceptable gives one error of kind Refused.
absl::StatusOr<PartyAnswer> run_party(const PartyTask& task, const KeySource& keys, const PartyInputs& inputs,
                                      parties::Exchange& exchange, const PartyRunOptions& options);

}  // namespace acie::secret
