// Kinds of keys, their fingerprints, new ones.

#include "kernels/crypto/files/Hash.h"
#include "kernels/crypto/files/KeyFile.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

constexpr std::string_view kPaillierPurpose = "acie paillier key 1";
constexpr std::string_view kSymmetricPurpose = "acie key fingerprint 1";

size_t symmetric_size(Cipher cipher) { return is_weak(cipher) ? 16 : 32; }

}  // namespace

std::string_view name_of(const KeyKind& kind) { return kind.cipher ? name_of(*kind.cipher) : "paillier"; }

std::optional<KeyKind> key_kind_from_name(std::string_view name) {
  if (name == "paillier") return KeyKind{};
  if (const std::optional<Cipher> cipher = cipher_from_name(name)) return KeyKind{cipher};
  return std::nullopt;
}

absl::StatusOr<std::string> paillier_fingerprint(std::string_view n) {
  return fingerprint(HashKind::Sha256, std::string(kPaillierPurpose) + std::string(n));
}

absl::StatusOr<Key> make_paillier_key(PaillierNumbers numbers, std::string comment) {
  Key key;
  key.description.bits = bits_of(numbers.n);
  key.description.n = numbers.n;
  key.description.comment = std::move(comment);
  ACIE_ASSIGN_OR_RETURN(key.description.fingerprint, paillier_fingerprint(numbers.n));
  key.paillier = std::move(numbers);
  return key;
}

absl::StatusOr<Key> make_symmetric_key(Cipher cipher, Secret secret, std::string comment) {
  if (secret.size() != symmetric_size(cipher))
    return bad_data_error("a key of " + std::string(name_of(cipher)) + " has " +
                          std::to_string(symmetric_size(cipher)) + " bytes, not " +
                          std::to_string(secret.size()));
  Key key;
  key.description.kind.cipher = cipher;
  key.description.bits = static_cast<int>(8 * secret.size());
  key.description.comment = std::move(comment);
  ACIE_ASSIGN_OR_RETURN(const Secret id, hkdf_sha256(secret.view(), name_of(cipher), kSymmetricPurpose, 32));
  key.description.fingerprint = id.view();
  key.symmetric = std::move(secret);
  return key;
}

absl::StatusOr<Key> generate_key(const KeyKind& kind, int bits, std::string comment) {
  if (kind.is_paillier()) {
    ACIE_ASSIGN_OR_RETURN(PaillierNumbers numbers, generate_paillier(bits));
    return make_paillier_key(std::move(numbers), std::move(comment));
  }
  ACIE_ASSIGN_OR_RETURN(Secret secret, Secret::random(symmetric_size(*kind.cipher)));
  return make_symmetric_key(*kind.cipher, std::move(secret), std::move(comment));
}

}  // namespace acie::secure
