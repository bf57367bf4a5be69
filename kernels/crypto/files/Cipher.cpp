#include "kernels/crypto/files/Cipher.h"

#include "kernels/crypto/files/ChunkCiphers.h"
#include "runtime/status/Errors.h"

namespace acie::secure {

std::string_view name_of(Cipher cipher) {
  switch (cipher) {
    case Cipher::Aes256Gcm:
      return "aes256_gcm";
    case Cipher::ChaCha20Poly1305:
      return "chacha20_poly1305";
    case Cipher::Rc2Cbc128:
      return "rc2_128_cbc";
  }
  return "";
}

std::optional<Cipher> cipher_from_name(std::string_view name) {
  for (const Cipher cipher : {Cipher::Aes256Gcm, Cipher::ChaCha20Poly1305, Cipher::Rc2Cbc128})
    if (name == name_of(cipher)) return cipher;
  return std::nullopt;
}

std::optional<Cipher> cipher_from_number(uint8_t number) {
  if (number < 1 || number > 3) return std::nullopt;
  return static_cast<Cipher>(number);
}

size_t key_size(Cipher cipher) { return cipher == Cipher::Rc2Cbc128 ? kRc2KeySize : kAeadKeySize; }

absl::StatusOr<std::unique_ptr<ChunkCipher>> make_chunk_cipher(Cipher cipher, const Secret& key) {
  if (key.size() != key_size(cipher)) return run_error("a derived key has the wrong size for its cipher");
  return cipher == Cipher::Rc2Cbc128 ? make_rc2_cipher(key, Rc2Source::Any) : make_aead_cipher(cipher, key);
}

}  // namespace acie::secure
