#include "kernels/crypto/files/Hash.h"

#include <openssl/evp.h>
#include <openssl/provider.h>

#include <array>

#include "kernels/crypto/files/Streebog.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

/// The GOST provider in a library context of its own, loaded once, when first asked for.
struct Gost {
  OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
  OSSL_PROVIDER* provider = OSSL_PROVIDER_load(context, "gostprov");
  EVP_MD* streebog256 = provider != nullptr ? EVP_MD_fetch(context, "md_gost12_256", nullptr) : nullptr;
  EVP_MD* streebog512 = provider != nullptr ? EVP_MD_fetch(context, "md_gost12_512", nullptr) : nullptr;
};

const Gost& gost() {
  static const Gost* const loaded = new Gost;
  return *loaded;
}

class ProviderHasher : public Hasher {
 public:
  explicit ProviderHasher(Context context) : context_(std::move(context)) {}

  absl::Status update(std::string_view bytes) override {
    return EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1
               ? absl::OkStatus()
               : run_error("OpenSSL cannot hash");
  }

  absl::StatusOr<std::string> finish() override {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    if (EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1)
      return run_error("OpenSSL cannot hash");
    return std::string(reinterpret_cast<const char*>(digest.data()), size);
  }

 private:
  Context context_;
};

class OwnStreebog : public Hasher {
 public:
  explicit OwnStreebog(int bits) : streebog_(bits) {}

  absl::Status update(std::string_view bytes) override {
    streebog_.update(bytes);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> finish() override { return streebog_.finish(); }

 private:
  Streebog streebog_;
};

}  // namespace

std::string_view name_of(HashKind kind) {
  switch (kind) {
    case HashKind::Sha256:
      return "sha256";
    case HashKind::Sha512:
      return "sha512";
    case HashKind::Streebog256:
      return "streebog256";
    case HashKind::Streebog512:
      return "streebog512";
  }
  return "";
}

std::optional<HashKind> hash_from_name(std::string_view name) {
  for (const HashKind kind :
       {HashKind::Sha256, HashKind::Sha512, HashKind::Streebog256, HashKind::Streebog512})
    if (name == name_of(kind)) return kind;
  return std::nullopt;
}

bool has_streebog_provider() { return gost().streebog256 != nullptr && gost().streebog512 != nullptr; }

absl::StatusOr<std::unique_ptr<Hasher>> Hasher::create(HashKind kind, StreebogSource source) {
  const bool streebog = kind == HashKind::Streebog256 || kind == HashKind::Streebog512;
  if (streebog &&
      (source == StreebogSource::Own || (source == StreebogSource::Any && !has_streebog_provider())))
    return std::make_unique<OwnStreebog>(kind == HashKind::Streebog256 ? 256 : 512);
  const EVP_MD* digest = nullptr;
  switch (kind) {
    case HashKind::Sha256:
      digest = EVP_sha256();
      break;
    case HashKind::Sha512:
      digest = EVP_sha512();
      break;
    case HashKind::Streebog256:
      digest = gost().streebog256;
      break;
    case HashKind::Streebog512:
      digest = gost().streebog512;
      break;
  }
  Context context(EVP_MD_CTX_new());
  if (digest == nullptr || !context || EVP_DigestInit_ex2(context.get(), digest, nullptr) != 1)
    return run_error("OpenSSL has no " + std::string(name_of(kind)));
  return std::make_unique<ProviderHasher>(std::move(context));
}

absl::StatusOr<std::string> fingerprint(HashKind kind, std::string_view bytes) {
  return fingerprint(kind, source_of(bytes));
}

absl::StatusOr<std::string> fingerprint(HashKind kind, const Source& source) {
  ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<Hasher> hasher, Hasher::create(kind));
  std::string buffer(size_t{64} << 10, '\0');
  for (;;) {
    ACIE_ASSIGN_OR_RETURN(const size_t count, source(buffer));
    if (count == 0) return hasher->finish();
    ACIE_RETURN_IF_ERROR(hasher->update(std::string_view(buffer).substr(0, count)));
  }
}

}  // namespace acie::secure
