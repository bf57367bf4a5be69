#include <openssl/evp.h>

#include <array>
#include <limits>

#include "kernels/crypto/files/ChunkCiphers.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

constexpr size_t kTag = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

using Nonce = std::array<unsigned char, 12>;

Nonce nonce_of(uint64_t index, bool last) {
  Nonce nonce{};
  for (size_t i = 0; i < 8; ++i) nonce[10 - i] = static_cast<unsigned char>(index >> 8 * i);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

unsigned char* bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }
const unsigned char* bytes(const char* text) { return reinterpret_cast<const unsigned char*>(text); }

class AeadCipher : public ChunkCipher {
 public:
  /// The key schedule is kept in the two contexts; a chunk sets the nonce only.
  AeadCipher(Context sealing, Context opening) : sealing_(std::move(sealing)), opening_(std::move(opening)) {}

  size_t sealed_size(size_t plain) const override { return plain + kTag; }

  absl::Status seal(uint64_t index, bool last, std::string_view plain, char* out) override {
    const Nonce nonce = nonce_of(index, last);
    int size = 0, rest = 0;
    if (plain.size() > kMost ||
        EVP_EncryptInit_ex2(sealing_.get(), nullptr, nullptr, nonce.data(), nullptr) != 1 ||
        EVP_EncryptUpdate(sealing_.get(), bytes(out), &size, bytes(plain.data()),
                          static_cast<int>(plain.size())) != 1 ||
        EVP_EncryptFinal_ex(sealing_.get(), bytes(out) + size, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(sealing_.get(), EVP_CTRL_AEAD_GET_TAG, kTag, out + plain.size()) != 1)
      return run_error("OpenSSL cannot encrypt");
    return absl::OkStatus();
  }

  std::optional<size_t> open(uint64_t index, bool last, std::string_view sealed, char* out) override {
    if (sealed.size() < kTag || sealed.size() > kMost) return std::nullopt;
    const Nonce nonce = nonce_of(index, last);
    const size_t plain = sealed.size() - kTag;
    int size = 0, rest = 0;
    if (EVP_DecryptInit_ex2(opening_.get(), nullptr, nullptr, nonce.data(), nullptr) == 1 &&
        EVP_CIPHER_CTX_ctrl(opening_.get(), EVP_CTRL_AEAD_SET_TAG, kTag,
                            const_cast<char*>(sealed.data() + plain)) == 1 &&
        EVP_DecryptUpdate(opening_.get(), bytes(out), &size, bytes(sealed.data()), static_cast<int>(plain)) ==
            1 &&
        EVP_DecryptFinal_ex(opening_.get(), bytes(out) + size, &rest) == 1)
      return plain;
    OPENSSL_cleanse(out, plain);  // OpenSSL decrypts before it knows the tag
    return std::nullopt;
  }

 private:
  static constexpr size_t kMost = std::numeric_limits<int>::max();

  Context sealing_, opening_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ChunkCipher>> make_aead_cipher(Cipher cipher, const Secret& key) {
  const EVP_CIPHER* kind = cipher == Cipher::Aes256Gcm ? EVP_aes_256_gcm() : EVP_chacha20_poly1305();
  Context sealing(EVP_CIPHER_CTX_new()), opening(EVP_CIPHER_CTX_new());
  if (!sealing || !opening || EVP_EncryptInit_ex2(sealing.get(), kind, key.data(), nullptr, nullptr) != 1 ||
      EVP_DecryptInit_ex2(opening.get(), kind, key.data(), nullptr, nullptr) != 1)
    return run_error("OpenSSL has no " + std::string(name_of(cipher)));
  return std::make_unique<AeadCipher>(std::move(sealing), std::move(opening));
}

}  // namespace acie::secure
