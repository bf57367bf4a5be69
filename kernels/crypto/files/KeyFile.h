// Keys as files: encrypted under a password, with a description anybody may read.
//
//   "ACIEKEY1", cost of scrypt (log2 n, r, p), 0, size of the description (4, little-endian), salt (32),
//   description (JSON) a container (Container.h) of the secret, sealed by scrypt(password, salt), whose
//   context is "acie key " ‖ SHA-256 of all that stands before it
//
// So the description is authentic once the password has opened the file, and only then.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/crypto/files/Cipher.h"
#include "kernels/crypto/files/Kdf.h"
#include "kernels/crypto/files/PaillierNumbers.h"

namespace acie::secure {

/// The scheme of a key: Paillier, or one of the ciphers.
struct KeyKind {
  std::optional<Cipher> cipher;  // none: Paillier

  bool is_paillier() const { return !cipher; }
  bool operator==(const KeyKind&) const = default;
};

/// As the language spells them: paillier, aes256_gcm, chacha20_poly1305, rc2_128_cbc.
std::string_view name_of(const KeyKind& kind);
std::optional<KeyKind> key_kind_from_name(std::string_view name);

/// What anybody may know of a key.
struct KeyDescription {
  KeyKind kind;
  int bits = 0;
  std::string n;            // Paillier: big-endian
  std::string fingerprint;  // 32 bytes: what parties compare and containers are bound to
  std::string comment;
};

/// A key of either kind with its secret; of a foreign Paillier key only the public half.
struct Key {
  KeyDescription description;
  PaillierNumbers paillier;
  Secret symmetric;

  bool is_private() const { return paillier.is_private() || !symmetric.empty(); }
};

/// Paillier: SHA-256 of "acie paillier key 1" ‖ n. A cipher's key: HKDF for this one purpose, which tells
/// nothing of the key.
absl::StatusOr<std::string> paillier_fingerprint(std::string_view n);

/// What the fingerprint, the size and the kind follow from is given, the rest is derived.
absl::StatusOr<Key> make_paillier_key(PaillierNumbers numbers, std::string comment);
absl::StatusOr<Key> make_symmetric_key(Cipher cipher, Secret secret, std::string comment);

/// A new key. `bits` counts for Paillier only. Errors: sizes (usage).
absl::StatusOr<Key> generate_key(const KeyKind& kind, int bits, std::string comment);

/// The bytes of a key file. The password must not be empty.
absl::StatusOr<std::string> encode_key_file(const Key& key, std::string_view password,
                                            const ScryptCost& cost = {});

/// What a key file says of itself, not authenticated. Errors are Refused.
absl::StatusOr<KeyDescription> describe_key_file(std::string_view bytes);

/// The key. One error, of kind Refused, for a wrong password and for a damaged file.
absl::StatusOr<Key> decode_key_file(std::string_view bytes, std::string_view password);

}  // namespace acie::secure
