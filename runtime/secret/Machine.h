// What a party's steps compute on: values, keys, and the rows of the table that are computed now.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernels/crypto/paillier/Matvec.h"
#include "runtime/secret/FixedPoint.h"
#include "runtime/secret/Keys.h"
#include "runtime/secret/Value.h"
#include "runtime/secret/Workers.h"

namespace acie::secret {

/// State of one party's entry. Steps (Steps.h) read and write `values`.
class Machine {
 public:
  Machine(const package::PartyProgram& program, const package::PartyEntry& entry, std::string_view constants,
          std::vector<PreparedKey> keys, Workers workers);

  const package::PartyEntry& entry() const { return entry_; }
  const package::PartyProgram& program() const { return program_; }
  const package::PartyValue& declared(int value) const { return entry_.values[static_cast<size_t>(value)]; }
  const FixedPoint& fixed(int value) const { return fixed_[static_cast<size_t>(value)]; }
  Value& value(int index) { return values_[static_cast<size_t>(index)]; }
  const PreparedKey& key(int index) const { return keys_[static_cast<size_t>(index)]; }
  /// Of a value that is encrypted.
  const PreparedKey& key_of(int value) const { return key(declared(value).key); }
  std::string_view constants() const { return constants_; }
  const Workers& workers() const { return workers_; }

  /// Matrices that were planned, by the value they are multiplied into and the vectors taken at a time; kept while the weights do
  /// not change with rows.
  std::map<std::pair<int, size_t>, std::shared_ptr<const paillier::Matvec>> matrices;
  /// Of random numbers.
  uint64_t seed = 0;

 private:
  const package::PartyProgram& program_;
  const package::PartyEntry& entry_;
  std::string_view constants_;
  std::vector<PreparedKey> keys_;
  Workers workers_;
  std::vector<FixedPoint> fixed_;
  std::vector<Value> values_;
};

/// Carries out a step that is neither Input, Send, Receive nor Output. Errors do not say which step it was.
absl::Status compute(Machine& machine, const package::PartyStep& step);

}  // namespace acie::secret
