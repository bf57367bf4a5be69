// The implementations behind Cipher.h; tests choose among them.
#pragma once

#include "kernels/crypto/files/Cipher.h"

namespace acie::secure {

inline constexpr size_t kAeadKeySize = 32;
inline constexpr size_t kRc2KeySize = 16 + 32;  // RC2, then HMAC-SHA-256

/// AES-256-GCM or ChaCha20-Poly1305; the nonce is the index in 11 bytes, big-endian, then the last flag.
absl::StatusOr<std::unique_ptr<ChunkCipher>> make_aead_cipher(Cipher cipher, const Secret& key);

/// OpenSSL's legacy provider where it is installed, else Rc2.h.
enum class Rc2Source { Any, Provider, Own };

/// RC2-CBC with 128-bit keys, a random IV and PKCS #7 padding per chunk, then HMAC-SHA-256 over index, last
/// flag, IV and ciphertext (encrypt-then-MAC: padding is looked at only after the MAC).
absl::StatusOr<std::unique_ptr<ChunkCipher>> make_rc2_cipher(const Secret& key, Rc2Source source);

/// Whether OpenSSL's legacy provider has RC2 here.
bool has_rc2_provider();

}  // namespace acie::secure
