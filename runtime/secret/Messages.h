// Values as messages between parties.
//
// The type of a message, which the exchange compares on both sides, is a digest of everything the two programs must agree on:
// entry, message, part of the table, form, shape, scale, interval, key with its fingerprint, slots. The payload is
//
//   "ACIEVAL1", rows (8), rows of the whole table or 2^64 − 1 where the value is one for all (8), elements; little-endian
//
// with elements as f64, as words of 64 bits, or as ciphertexts (big-endian, Ciphertexts.h). Whatever does not fit is refused
// with one message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "runtime/package/Party.h"
#include "runtime/secret/FixedPoint.h"
#include "runtime/secret/Keys.h"
#include "runtime/secret/Value.h"

namespace acie::secret {

/// What a message carries, the same at both ends.
struct MessageForm {
  const package::PartyValue* value = nullptr;
  const package::PartyKey* key = nullptr;  // of ciphertexts
  const PreparedKey* prepared = nullptr;
  FixedPoint fixed;                        // of integers
};

std::string message_type(const std::string& entry, int64_t number, int64_t part, const MessageForm& form);

/// `total`: rows of the table, where the value has one for each.
std::string encode_message(const MessageForm& form, const Value& value, uint64_t total);

struct ReceivedValue {
  Value value;
  std::optional<uint64_t> total;  // rows of the table; none: one value for all
};

/// The one error of messages that are not what the program expects, of kind Refused.
absl::Status message_refused();

/// At most `most_rows` rows. Errors are message_refused() whatever is wrong.
absl::StatusOr<ReceivedValue> decode_message(const MessageForm& form, std::string_view payload, uint64_t most_rows);

/// Ciphertexts of one row.
size_t ciphertexts_per_row(const package::PartyValue& value, const paillier::PublicKey& key);

}  // namespace acie::secret
