#include "kernels/crypto/files/KeyFile.h"

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "kernels/crypto/files/Container.h"
#include "kernels/crypto/files/Hash.h"
#include "kernels/crypto/files/Hex.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

using nlohmann::json;

constexpr std::string_view kMagic = "ACIEKEY1", kPurpose = "acie key ";
constexpr size_t kSalt = 32, kSaltAt = 16, kFixed = kSaltAt + kSalt, kLargestDescription = size_t{32} << 10;

absl::Status refused() { return refused_error("the password is wrong, or the key file is damaged"); }

/// The parts of a key file before and after its secret's container begins.
struct Parts {
  ScryptCost cost;
  std::string_view salt, description, prefix, container;
};

std::optional<Parts> take_apart(std::string_view bytes) {
  if (bytes.size() < kFixed || !bytes.starts_with(kMagic) || bytes[11] != 0) return std::nullopt;
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(bytes[at]); };
  const size_t size = byte(12) | size_t{byte(13)} << 8 | size_t{byte(14)} << 16 | size_t{byte(15)} << 24;
  if (size > kLargestDescription || size > bytes.size() - kFixed) return std::nullopt;
  return Parts{{byte(8), byte(9), byte(10)},
               bytes.substr(kSaltAt, kSalt),
               bytes.substr(kFixed, size),
               bytes.substr(0, kFixed + size),
               bytes.substr(kFixed + size)};
}

absl::StatusOr<std::string> context_of(std::string_view prefix) {
  ACIE_ASSIGN_OR_RETURN(const std::string digest, fingerprint(HashKind::Sha256, prefix));
  return std::string(kPurpose) + digest;
}

std::string to_json(const KeyDescription& about) {
  json object = {{"kind", std::string(name_of(about.kind))},
                 {"bits", about.bits},
                 {"fingerprint", to_hex(about.fingerprint)},
                 {"comment", about.comment}};
  if (about.kind.is_paillier()) object["n"] = to_hex(about.n);
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<KeyDescription> from_json(std::string_view text) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto field = [&](const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
  };
  const std::optional<KeyKind> kind = key_kind_from_name(field("kind"));
  const std::optional<std::string> print = from_hex(field("fingerprint")), n = from_hex(field("n"));
  if (!kind || !print || print->size() != 32 || !n || kind->is_paillier() == n->empty()) return std::nullopt;
  const auto bits = object.find("bits");
  if (bits == object.end() || !bits->is_number_integer()) return std::nullopt;
  KeyDescription about{*kind, 0, *n, *print, field("comment")};
  about.bits = kind->is_paillier() ? bits_of(*n) : is_weak(*kind->cipher) ? 128 : 256;
  if (*bits != about.bits) return std::nullopt;
  return about;
}

/// The secret itself: p's size in two bytes, p, q; or the key of a cipher.
Secret secret_of(const Key& key) {
  if (!key.description.kind.is_paillier()) return key.symmetric.copy();
  const std::string_view p = key.paillier.p.view(), q = key.paillier.q.view();
  Secret bytes(2 + p.size() + q.size());
  bytes.data()[0] = static_cast<uint8_t>(p.size());
  bytes.data()[1] = static_cast<uint8_t>(p.size() >> 8);
  std::memcpy(bytes.data() + 2, p.data(), p.size());
  std::memcpy(bytes.data() + 2 + p.size(), q.data(), q.size());
  return bytes;
}

absl::StatusOr<Key> key_of(const KeyDescription& about, Secret secret) {
  if (!about.kind.is_paillier())
    return make_symmetric_key(*about.kind.cipher, std::move(secret), about.comment);
  const std::string_view bytes = secret.view();
  if (bytes.size() < 2) return refused();
  const size_t size = static_cast<uint8_t>(bytes[0]) | size_t{static_cast<uint8_t>(bytes[1])} << 8;
  if (size > bytes.size() - 2) return refused();
  return make_paillier_key({about.n, Secret(bytes.substr(2, size)), Secret(bytes.substr(2 + size))},
                           about.comment);
}

}  // namespace

absl::StatusOr<std::string> encode_key_file(const Key& key, std::string_view password,
                                            const ScryptCost& cost) {
  if (password.empty()) return usage_error("a key file needs a password");
  if (!key.is_private()) return usage_error("a public key needs no key file");
  const std::string description = to_json(key.description);
  if (description.size() > kLargestDescription) return usage_error("the comment of the key is too long");
  std::array<uint8_t, kSalt> salt;
  ACIE_RETURN_IF_ERROR(fill_random(salt));
  std::string file(kMagic);
  for (const uint8_t byte : {cost.log2_n, cost.r, cost.p, uint8_t{0}}) file += static_cast<char>(byte);
  for (int i = 0; i < 4; ++i) file += static_cast<char>(description.size() >> 8 * i);
  file.append(reinterpret_cast<const char*>(salt.data()), salt.size());
  file += description;

  SealOptions options;
  options.chunk = size_t{4} << 10;
  ACIE_ASSIGN_OR_RETURN(options.context, context_of(file));
  ACIE_ASSIGN_OR_RETURN(const Secret sealing,
                        scrypt(password, std::string_view(file).substr(kSaltAt, kSalt), cost, 32));
  ACIE_ASSIGN_OR_RETURN(const std::string container,
                        seal(sealing, std::move(options), secret_of(key).view()));
  return file + container;
}

absl::StatusOr<KeyDescription> describe_key_file(std::string_view bytes) {
  const std::optional<Parts> parts = take_apart(bytes);
  const std::optional<KeyDescription> about = parts ? from_json(parts->description) : std::nullopt;
  if (!about) return refused_error("this is not a key file of acie, or it is damaged");
  return *about;
}

absl::StatusOr<Key> decode_key_file(std::string_view bytes, std::string_view password) {
  ACIE_ASSIGN_OR_RETURN(const KeyDescription about, describe_key_file(bytes));
  const Parts parts = *take_apart(bytes);
  if (!is_acceptable(parts.cost)) return refused();
  OpenOptions options;
  ACIE_ASSIGN_OR_RETURN(options.context, context_of(parts.prefix));
  ACIE_ASSIGN_OR_RETURN(const Secret sealing, scrypt(password, parts.salt, parts.cost, 32));
  absl::StatusOr<Secret> secret = unseal(sealing, std::move(options), parts.container);
  if (!secret.ok()) return failure_of(secret.status()) == Failure::Refused ? refused() : secret.status();
  ACIE_ASSIGN_OR_RETURN(Key key, key_of(about, *std::move(secret)));
  if (key.description.fingerprint != about.fingerprint) return refused();
  return key;
}

}  // namespace acie::secure
