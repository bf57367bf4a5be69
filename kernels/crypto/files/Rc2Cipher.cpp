#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <array>
#include <cstring>

#include "kernels/crypto/files/ChunkCiphers.h"
#include "kernels/crypto/files/Rc2.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

constexpr size_t kBlock = Rc2::kBlock, kKey = 16, kMac = 32;

/// CBC over whole blocks, without padding.
class Cbc {
 public:
  virtual ~Cbc() = default;
  virtual bool encrypt(const uint8_t* iv, std::span<uint8_t> blocks) = 0;
  virtual bool decrypt(const uint8_t* iv, std::span<uint8_t> blocks) = 0;
};

class OwnCbc : public Cbc {
 public:
  explicit OwnCbc(std::span<const uint8_t> key) : rc2_(key, 128) {}

  bool encrypt(const uint8_t* iv, std::span<uint8_t> blocks) override {
    for (size_t at = 0; at < blocks.size(); at += kBlock) {
      for (size_t i = 0; i < kBlock; ++i) blocks[at + i] ^= iv[i];
      rc2_.encrypt(std::span<uint8_t, kBlock>(blocks.data() + at, kBlock));
      iv = blocks.data() + at;
    }
    return true;
  }

  bool decrypt(const uint8_t* iv, std::span<uint8_t> blocks) override {
    std::array<uint8_t, kBlock> before, ciphertext;
    std::memcpy(before.data(), iv, kBlock);
    for (size_t at = 0; at < blocks.size(); at += kBlock) {
      std::memcpy(ciphertext.data(), blocks.data() + at, kBlock);
      rc2_.decrypt(std::span<uint8_t, kBlock>(blocks.data() + at, kBlock));
      for (size_t i = 0; i < kBlock; ++i) blocks[at + i] ^= before[i];
      before = ciphertext;
    }
    return true;
  }

 private:
  Rc2 rc2_;
};

/// RC2 of the legacy provider, in a library context of its own: nothing else in the process comes to see weak
/// ciphers.
struct Legacy {
  OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
  OSSL_PROVIDER* provider = OSSL_PROVIDER_load(context, "legacy");
  EVP_CIPHER* rc2 = provider != nullptr ? EVP_CIPHER_fetch(context, "RC2-CBC", nullptr) : nullptr;
};

const EVP_CIPHER* legacy_rc2() {
  static const Legacy* const legacy =
      new Legacy;  // lives as long as the process, as OpenSSL's own state does
  return legacy->rc2;
}

class ProviderCbc : public Cbc {
 public:
  explicit ProviderCbc(std::span<const uint8_t> key)
      : key_(std::string_view(reinterpret_cast<const char*>(key.data()), key.size())) {}
  ~ProviderCbc() override { EVP_CIPHER_CTX_free(context_); }

  bool encrypt(const uint8_t* iv, std::span<uint8_t> blocks) override { return crypt(iv, blocks, 1); }
  bool decrypt(const uint8_t* iv, std::span<uint8_t> blocks) override { return crypt(iv, blocks, 0); }

 private:
  bool crypt(const uint8_t* iv, std::span<uint8_t> blocks, int encrypt) {
    int size = 0;
    return context_ != nullptr &&
           EVP_CipherInit_ex2(context_, legacy_rc2(), key_.data(), iv, encrypt, nullptr) == 1 &&
           EVP_CIPHER_CTX_set_padding(context_, 0) == 1 &&
           EVP_CipherUpdate(context_, blocks.data(), &size, blocks.data(), static_cast<int>(blocks.size())) ==
               1 &&
           static_cast<size_t>(size) == blocks.size();
  }

  Secret key_;
  EVP_CIPHER_CTX* context_ = EVP_CIPHER_CTX_new();
};

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Mac = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

Mac make_hmac_sha256() {
  EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Mac mac(hmac != nullptr ? EVP_MAC_CTX_new(hmac) : nullptr);
  EVP_MAC_free(hmac);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  if (mac && EVP_MAC_CTX_set_params(mac.get(), parameters) != 1) mac.reset();
  return mac;
}

class Rc2Cipher : public ChunkCipher {
 public:
  Rc2Cipher(std::unique_ptr<Cbc> cbc, Mac mac, std::string_view mac_key)
      : cbc_(std::move(cbc)), mac_(std::move(mac)), mac_key_(mac_key) {}

  size_t sealed_size(size_t plain) const override { return kBlock + padded(plain) + kMac; }

  absl::Status seal(uint64_t index, bool last, std::string_view plain, char* out) override {
    uint8_t* const iv = reinterpret_cast<uint8_t*>(out);
    ACIE_RETURN_IF_ERROR(fill_random({iv, kBlock}));
    const size_t size = padded(plain.size());
    if (!plain.empty()) std::memcpy(iv + kBlock, plain.data(), plain.size());
    std::memset(iv + kBlock + plain.size(), static_cast<int>(size - plain.size()), size - plain.size());
    if (!cbc_->encrypt(iv, {iv + kBlock, size}) ||
        !mac(index, last, {out, kBlock + size}, iv + kBlock + size))
      return run_error("OpenSSL cannot encrypt with RC2");
    return absl::OkStatus();
  }

  std::optional<size_t> open(uint64_t index, bool last, std::string_view sealed, char* out) override {
    if (sealed.size() < 2 * kBlock + kMac || sealed.size() % kBlock != 0) return std::nullopt;
    const size_t size = sealed.size() - kBlock - kMac;
    std::array<uint8_t, kMac> expected;
    if (!mac(index, last, sealed.substr(0, kBlock + size), expected.data()) ||
        !equal_in_constant_time({reinterpret_cast<const char*>(expected.data()), kMac},
                                sealed.substr(kBlock + size)))
      return std::nullopt;
    std::memcpy(out, sealed.data() + kBlock, size);
    uint8_t* const plain = reinterpret_cast<uint8_t*>(out);
    if (!cbc_->decrypt(reinterpret_cast<const uint8_t*>(sealed.data()), {plain, size})) return std::nullopt;
    // Authentic, so the padding is what seal() wrote.
    return size - plain[size - 1];
  }

 private:
  static size_t padded(size_t plain) { return (plain / kBlock + 1) * kBlock; }

  bool mac(uint64_t index, bool last, std::string_view chunk, uint8_t* out) const {
    std::array<uint8_t, 9> position;
    for (size_t i = 0; i < 8; ++i) position[7 - i] = static_cast<uint8_t>(index >> 8 * i);
    position[8] = last ? 1 : 0;
    size_t size = 0;
    const bool done =
        EVP_MAC_init(mac_.get(), mac_key_.data(), mac_key_.size(), nullptr) == 1 &&
        EVP_MAC_update(mac_.get(), position.data(), position.size()) == 1 &&
        EVP_MAC_update(mac_.get(), reinterpret_cast<const uint8_t*>(chunk.data()), chunk.size()) == 1 &&
        EVP_MAC_final(mac_.get(), out, &size, kMac) == 1 && size == kMac;
    return done;
  }

  std::unique_ptr<Cbc> cbc_;
  Mac mac_;
  Secret mac_key_;
};

}  // namespace

bool has_rc2_provider() { return legacy_rc2() != nullptr; }

absl::StatusOr<std::unique_ptr<ChunkCipher>> make_rc2_cipher(const Secret& key, Rc2Source source) {
  const std::span<const uint8_t> cipher_key(key.data(), kKey);
  const bool provider = source == Rc2Source::Provider || (source == Rc2Source::Any && has_rc2_provider());
  if (provider && !has_rc2_provider()) return run_error("OpenSSL's legacy provider is not installed");
  std::unique_ptr<Cbc> cbc;
  if (provider)
    cbc = std::make_unique<ProviderCbc>(cipher_key);
  else
    cbc = std::make_unique<OwnCbc>(cipher_key);
  Mac mac = make_hmac_sha256();
  if (!mac) return run_error("OpenSSL has no HMAC");
  return std::make_unique<Rc2Cipher>(std::move(cbc), std::move(mac), key.view().substr(kKey));
}

}  // namespace acie::secure
