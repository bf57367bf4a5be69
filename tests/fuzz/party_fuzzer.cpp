// Hostile programs of parties and hostile messages of values. The first byte chooses: JSON of a party's program, or a payload
// for a value of ciphertexts, integers, numbers or bytes.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "runtime/package/Party.h"
#include "runtime/secret/Messages.h"

namespace {

using namespace acie;

/// What is accepted reads back as the same and stays sound.
void program(std::string_view json) {
  const absl::StatusOr<package::PartyProgram> read = package::parse_party_program(json);
  if (!read.ok()) return;
  const std::string written = package::to_json(*read);
  const absl::StatusOr<package::PartyProgram> again = package::parse_party_program(written);
  if (!again.ok() || package::to_json(*again) != written) std::abort();
}

package::PartyValue value_of(package::PartyValue::Form form) {
  package::PartyValue value;
  value.form = form;
  value.shape = {3};
  value.low = "-1000000000000000000000";
  value.high = "5";
  if (form == package::PartyValue::Form::Bytes) value.shape = {};
  return value;
}

void message(package::PartyValue::Form form, std::string_view payload) {
  static const secret::PreparedKey key = [] {
    const absl::StatusOr<secure::Key> made = secure::generate_key({}, secure::kSmallestTestBits, "");
    secret::PreparedKey prepared;
    prepared.public_key = *paillier::PublicKey::create(made->paillier.n, {.smallest_bits = secure::kSmallestTestBits});
    return prepared;
  }();
  const package::PartyValue value = value_of(form);
  secret::MessageForm expected;
  expected.value = &value;
  expected.prepared = &key;
  if (form == package::PartyValue::Form::Integers || form == package::PartyValue::Form::Ciphertexts)
    expected.fixed = secret::FixedPoint::of(value);
  const auto received = secret::decode_message(expected, payload, 8);
  // What is accepted is what would be sent.
  if (received.ok() && secret::encode_message(expected, received->value, received->total.value_or(1)) != payload) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 5 == 4)
    program(rest);
  else
    message(static_cast<package::PartyValue::Form>(data[0] % 5), rest);
  return 0;
}
