#include "runtime/secret/Messages.h"

#include <cstring>

#include "kernels/crypto/files/Hash.h"
#include "kernels/crypto/files/Hex.h"
#include "kernels/crypto/paillier/Packing.h"
#include "runtime/package/PartyNames.h"
#include "runtime/status/Errors.h"

namespace acie::secret {
namespace {

using package::PartyValue;
using Form = PartyValue::Form;

constexpr std::string_view kMagic = "ACIEVAL1";
constexpr size_t kHeader = 24;
constexpr uint64_t kOneForAll = ~uint64_t{0};

void put(std::string& out, uint64_t value) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i));
}

uint64_t get(std::string_view in, size_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) value |= static_cast<uint64_t>(static_cast<unsigned char>(in[at + i])) << (8 * i);
  return value;
}

void put_words(std::string& out, const uint64_t* words, size_t count) {
  out.reserve(out.size() + count * 8);
  for (size_t i = 0; i < count; ++i) put(out, words[i]);
}

}  // namespace

absl::Status message_refused() {
  return refused_error("what arrived is not what the program expects: damaged, forged, or under another key");
}

size_t ciphertexts_per_row(const PartyValue& value, const paillier::PublicKey& key) {
  const auto elements = static_cast<size_t>(value.elements());
  if (value.slot_bits == 0) return elements;
  const auto slots = static_cast<size_t>(paillier::slots_of(key, value.slot_bits));
  return (elements + slots - 1) / slots;
}

std::string message_type(const std::string& entry, int64_t number, int64_t part, const MessageForm& form) {
  const PartyValue& value = *form.value;
  std::string text = std::to_string(entry.size()) + ":" + entry + " message " + std::to_string(number) + " part " +
                     std::to_string(part) + " " + std::string(package::name_in(package::kFormNames, value.form)) + " [";
  for (const int64_t size : value.shape) text += std::to_string(size) + ",";
  text += "]";
  if (value.form == Form::Integers || value.form == Form::Ciphertexts)
    text += " scale " + value.scale.numerator + "/" + value.scale.denominator + " in " + value.low + ".." + value.high;
  if (form.key != nullptr)
    text += " under " + std::to_string(form.key->name.size()) + ":" + form.key->name + " " + form.key->scheme + " " +
            std::to_string(form.key->bits) + " of " + form.key->holder + " " + secure::to_hex(form.prepared->fingerprint) +
            " slots " + std::to_string(value.slot_bits);
  const absl::StatusOr<std::string> digest = secure::fingerprint(secure::HashKind::Sha256, text);
  return "value " + std::to_string(number) + "." + std::to_string(part) + " " +
         (digest.ok() ? secure::to_hex(*digest) : text.substr(0, 900));
}

std::string encode_message(const MessageForm& form, const Value& value, uint64_t total) {
  std::string payload(kMagic);
  put(payload, value.rows);
  put(payload, value.per_row ? total : kOneForAll);
  switch (form.value->form) {
    case Form::Plain:
      for (const double x : value.plain) {
        uint64_t word = 0;
        std::memcpy(&word, &x, 8);
        put(payload, word);
      }
      break;
    case Form::Integers:
      put_words(payload, value.integers.data.data(), value.integers.data.size());
      break;
    case Form::Ciphertexts:
      payload += value.ciphertexts->bytes();
      break;
    case Form::Bytes:
      payload += value.bytes.view();
      break;
  }
  return payload;
}

absl::StatusOr<ReceivedValue> decode_message(const MessageForm& form, std::string_view payload, uint64_t most_rows) {
  if (payload.size() < kHeader || payload.substr(0, kMagic.size()) != kMagic) return message_refused();
  ReceivedValue received;
  Value& value = received.value;
  value.rows = get(payload, 8);
  const uint64_t total = get(payload, 16);
  value.per_row = total != kOneForAll;
  if (value.per_row) received.total = total;
  if (value.per_row ? value.rows > most_rows || value.rows > total : value.rows != 1) return message_refused();
  const std::string_view body = payload.substr(kHeader);
  const size_t count = value.rows * static_cast<size_t>(form.value->elements());
  switch (form.value->form) {
    case Form::Plain:
      if (body.size() != count * 8) return message_refused();
      value.plain.resize(count);
      for (size_t i = 0; i < count; ++i) {
        const uint64_t word = get(body, i * 8);
        std::memcpy(&value.plain[i], &word, 8);
      }
      break;
    case Form::Integers: {
      if (body.size() != count * static_cast<size_t>(form.fixed.words) * 8) return message_refused();
      value.integers = Numbers(form.fixed.words, count);
      for (size_t i = 0; i < value.integers.data.size(); ++i) value.integers.data[i] = get(body, i * 8);
      if (!within(form.fixed, value.integers.data.data(), count)) return message_refused();
      break;
    }
    case Form::Ciphertexts: {
      const paillier::PublicKey& key = *form.prepared->public_key;
      const size_t ciphertexts = value.rows * ciphertexts_per_row(*form.value, key);
      if (ciphertexts == 0 && body.empty()) {
        value.ciphertexts = paillier::Ciphertexts(key, 0);
        break;
      }
      absl::StatusOr<paillier::Ciphertexts> read = paillier::Ciphertexts::read(key, body, ciphertexts);
      if (!read.ok()) return failure_of(read.status()) == Failure::Refused ? message_refused() : read.status();
      value.ciphertexts = *std::move(read);
      break;
    }
    case Form::Bytes:
      value.bytes = secure::Secret(body);
      break;
  }
  return received;
}

}  // namespace acie::secret
