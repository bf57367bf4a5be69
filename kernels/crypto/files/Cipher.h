// The ciphers containers are sealed with, one chunk at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kernels/crypto/files/Secret.h"

namespace acie::secure {

/// The numbers are what container headers hold.
enum class Cipher : uint8_t { Aes256Gcm = 1, ChaCha20Poly1305 = 2, Rc2Cbc128 = 3 };

/// As the language spells it: aes256_gcm, chacha20_poly1305, rc2_128_cbc.
std::string_view name_of(Cipher cipher);
std::optional<Cipher> cipher_from_name(std::string_view name);
std::optional<Cipher> cipher_from_number(uint8_t number);

/// Ciphers that only `allow weak` may use.
inline bool is_weak(Cipher cipher) { return cipher == Cipher::Rc2Cbc128; }

/// Bytes of the derived key each cipher takes (for RC2 the MAC's key is in it).
size_t key_size(Cipher cipher);

/// Seals and opens the chunks of one container under a key made for that container alone, so that the chunk's
/// index is nonce enough. A chunk opens only with the index and the `last` flag it was sealed with.
class ChunkCipher {
 public:
  virtual ~ChunkCipher() = default;

  /// Bytes of a sealed chunk of `plain` bytes.
  virtual size_t sealed_size(size_t plain) const = 0;

  /// Writes exactly sealed_size(plain.size()) bytes to `out`.
  virtual absl::Status seal(uint64_t index, bool last, std::string_view plain, char* out) = 0;

  /// The size of the plaintext written to `out` (room for sealed.size() bytes), or nothing where the chunk is
  /// not authentic; `out` then holds no plaintext.
  virtual std::optional<size_t> open(uint64_t index, bool last, std::string_view sealed, char* out) = 0;
};

/// `key` has key_size(cipher) bytes and is used for one container only.
absl::StatusOr<std::unique_ptr<ChunkCipher>> make_chunk_cipher(Cipher cipher, const Secret& key);

}  // namespace acie::secure
