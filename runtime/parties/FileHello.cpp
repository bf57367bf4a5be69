#include "runtime/parties/FileHello.h"

#include <algorithm>

#include "kernels/crypto/files/Hash.h"
#include "kernels/crypto/files/Kdf.h"
#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

using secure::Secret;

constexpr std::string_view kMagic = "ACIEHLO1", kSigned = "acie exchange 1";
constexpr size_t kKey = 32, kProgram = 32, kSignature = 64, kFixed = 8 + kProgram + kKey;

struct FreeSigning {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

PrivateKey x25519(const Secret& key) {
  return PrivateKey(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, key.data(), key.size()));
}

absl::Status refused(const std::string& name) {
  return refused_error("party " + name +
                       ": its greeting is damaged, or not signed by the certificate that is pinned");
}

bool is_signed_by(X509* certificate, std::string_view body, std::string_view signature) {
  const std::unique_ptr<EVP_MD_CTX, FreeSigning> context(EVP_MD_CTX_new());
  EVP_PKEY* const key = X509_get0_pubkey(certificate);
  const std::string text = std::string(kSigned) + std::string(body);
  return context && key != nullptr && EVP_PKEY_is_a(key, "ED25519") == 1 &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(text), text.size()) == 1;
}

}  // namespace

absl::StatusOr<Secret> make_exchange_key() { return Secret::random(kKey); }

absl::StatusOr<std::string> encode_file_hello(const Identity& me, const std::array<char, 32>& program,
                                              const Secret& key) {
  const PrivateKey exchange = x25519(key);
  std::array<unsigned char, kKey> open;
  size_t size = open.size();
  unsigned char* der = nullptr;
  const int der_size = i2d_X509(me.certificate.get(), &der);
  if (!exchange || EVP_PKEY_get_raw_public_key(exchange.get(), open.data(), &size) != 1 || der_size <= 0 ||
      der_size > 0xffff)
    return run_error("OpenSSL cannot make a greeting");
  std::string hello(kMagic);
  hello.append(program.data(), program.size()).append(reinterpret_cast<const char*>(open.data()), size);
  hello += static_cast<char>(me.name.size());
  hello += me.name;
  hello += static_cast<char>(der_size);
  hello += static_cast<char>(der_size >> 8);
  hello.append(reinterpret_cast<const char*>(der), static_cast<size_t>(der_size));
  OPENSSL_free(der);

  const std::unique_ptr<EVP_MD_CTX, FreeSigning> context(EVP_MD_CTX_new());
  const std::string text = std::string(kSigned) + hello;
  std::array<unsigned char, kSignature> signature;
  size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, me.key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, octets(text), text.size()) != 1 ||
      size != kSignature)
    return run_error("OpenSSL cannot sign a greeting");
  return hello.append(reinterpret_cast<const char*>(signature.data()), size);
}

absl::StatusOr<FileHello> check_file_hello(std::string_view bytes, const std::string& name,
                                           std::string_view pin, const std::array<char, 32>& program) {
  const size_t certificate_at = kFixed + 1 + name.size() + 2;
  if (bytes.size() < certificate_at + kSignature || !bytes.starts_with(kMagic) ||
      static_cast<uint8_t>(bytes[kFixed]) != name.size() || bytes.substr(kFixed + 1, name.size()) != name)
    return refused(name);
  const size_t size = static_cast<uint8_t>(bytes[certificate_at - 2]) |
                      size_t{static_cast<uint8_t>(bytes[certificate_at - 1])} << 8;
  if (bytes.size() != certificate_at + size + kSignature) return refused(name);
  const unsigned char* der = octets(bytes.substr(certificate_at));
  const Certificate certificate(d2i_X509(nullptr, &der, static_cast<long>(size)));
  const absl::StatusOr<std::string> fingerprint =
      certificate ? fingerprint_of(certificate.get()) : refused(name);
  if (!fingerprint.ok() || !secure::equal_in_constant_time(*fingerprint, pin) ||
      !is_signed_by(certificate.get(), bytes.substr(0, certificate_at + size),
                    bytes.substr(certificate_at + size)))
    return refused(name);
  if (bytes.substr(8, kProgram) != std::string_view(program.data(), program.size()))
    return refused_error("party " + name + ": it runs another program, or another version of it");
  return FileHello{std::string(bytes), name, std::string(bytes.substr(8 + kProgram, kKey))};
}

absl::StatusOr<Secret> derive_direction_key(const FileHello& from, const FileHello& to, const Secret& key,
                                            const FileHello& peer) {
  const PrivateKey ours = x25519(key);
  const PrivateKey theirs(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, octets(peer.public_key), peer.public_key.size()));
  const std::unique_ptr<EVP_PKEY_CTX, FreeSigning> context(ours ? EVP_PKEY_CTX_new(ours.get(), nullptr)
                                                                : nullptr);
  Secret shared(kKey);
  size_t size = shared.size();
  // OpenSSL refuses the points that would make the result known to all.
  if (!theirs || !context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), theirs.get()) != 1 ||
      EVP_PKEY_derive(context.get(), shared.data(), &size) != 1 || size != kKey)
    return refused(peer.name);
  const FileHello& first = from.name < to.name ? from : to;
  const FileHello& second = from.name < to.name ? to : from;
  ACIE_ASSIGN_OR_RETURN(const std::string salt,
                        secure::fingerprint(secure::HashKind::Sha256, first.bytes + second.bytes));
  return secure::hkdf_sha256(shared.view(), salt, "acie exchange key 1 " + from.name + "/" + to.name, 32);
}

}  // namespace acie::parties
