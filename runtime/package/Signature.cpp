#include "runtime/package/Signature.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>

#include "runtime/status/Errors.h"

namespace acie::package {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

absl::StatusOr<SigningKey> SigningKey::from_seed(std::span<const uint8_t, 32> seed) {
  SigningKey result;
  std::copy(seed.begin(), seed.end(), result.seed_.begin());
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  size_t size = result.public_key_.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), result.public_key_.data(), &size) != 1 || size != 32)
    return run_error("OpenSSL cannot make an Ed25519 key");
  return result;
}

absl::StatusOr<SigningKey> SigningKey::generate() {
  std::array<uint8_t, 32> seed;
  if (RAND_priv_bytes(seed.data(), static_cast<int>(seed.size())) != 1)
    return run_error("the system's random source gives no key");
  return from_seed(seed);
}

absl::StatusOr<Signature> SigningKey::sign(std::string_view bytes) const {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), seed_.size()));
  Context context(EVP_MD_CTX_new());
  Signature signature;
  size_t size = signature.size();
  if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(bytes), bytes.size()) != 1 || size != 64)
    return run_error("OpenSSL cannot sign with Ed25519");
  return signature;
}

bool verify(const PublicKey& public_key, std::string_view bytes, const Signature& signature) {
  Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size()));
  Context context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(bytes), bytes.size()) == 1;
}

std::string to_hex(std::span<const uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (uint8_t byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

absl::StatusOr<PublicKey> public_key_from_hex(std::string_view hex) {
  PublicKey key;
  if (hex.size() != 2 * key.size()) return usage_error("a key is 64 hexadecimal digits");
  for (size_t i = 0; i < key.size(); ++i) {
    const int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return usage_error("a key is 64 hexadecimal digits");
    key[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return key;
}

}  // namespace acie::package
