#include "kernels/crypto/files/Kdf.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>

#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

struct FreeKdf {
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

OSSL_PARAM octets(const char* name, std::string_view bytes) {
  // OpenSSL takes a null pointer for a missing parameter, even of size 0.
  static char nothing = 0;
  return OSSL_PARAM_construct_octet_string(name, bytes.empty() ? &nothing : const_cast<char*>(bytes.data()),
                                           bytes.size());
}

absl::StatusOr<Secret> derive(const char* name, const OSSL_PARAM* parameters, size_t size) {
  const std::unique_ptr<EVP_KDF, FreeKdf> kdf(EVP_KDF_fetch(nullptr, name, nullptr));
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  Secret secret(size);
  if (!context || EVP_KDF_derive(context.get(), secret.data(), size, parameters) != 1)
    return run_error(std::string("OpenSSL cannot derive a key with ") + name);
  return secret;
}

}  // namespace

absl::StatusOr<Secret> hkdf_sha256(std::string_view key, std::string_view salt, std::string_view info,
                                   size_t size) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                                   octets(OSSL_KDF_PARAM_KEY, key), octets(OSSL_KDF_PARAM_SALT, salt),
                                   octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  return derive("HKDF", parameters, size);
}

bool is_acceptable(const ScryptCost& cost) {
  if (cost.log2_n < 10 || cost.log2_n > 24 || cost.r < 1 || cost.p < 1) return false;
  const uint64_t memory = (uint64_t{128} << cost.log2_n) * cost.r;
  const uint64_t blocks = (uint64_t{1} << cost.log2_n) * cost.r * cost.p;
  return memory <= uint64_t{1} << 30 && blocks <= uint64_t{1} << 26;
}

absl::StatusOr<Secret> scrypt(std::string_view password, std::string_view salt, const ScryptCost& cost,
                              size_t size) {
  if (!is_acceptable(cost)) return refused_error("the cost of scrypt is out of bounds");
  uint64_t n = uint64_t{1} << cost.log2_n, memory = uint64_t{2} << 30;
  uint32_t r = cost.r, p = cost.p;
  const OSSL_PARAM parameters[] = {octets(OSSL_KDF_PARAM_PASSWORD, password),
                                   octets(OSSL_KDF_PARAM_SALT, salt),
                                   OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
                                   OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
                                   OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
                                   OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
                                   OSSL_PARAM_construct_end()};
  return derive("SCRYPT", parameters, size);
}

}  // namespace acie::secure
