#include "runtime/parties/Identity.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <filesystem>

#include "kernels/crypto/files/Hex.h"
#include "kernels/crypto/files/KeyFolder.h"
#include "kernels/crypto/files/PrivateFile.h"
#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

namespace fs = std::filesystem;
using secure::Existing;
using secure::Secret;

constexpr size_t kLargestFile = size_t{64} << 10;
constexpr char kKeyEnding[] = ".identity", kCertificateEnding[] = ".crt", kPinEnding[] = ".pin";
// X.509's way to say that a certificate has no end: pins are taken back, they do not run out.
constexpr char kNoEnd[] = "99991231235959Z";

absl::Status failed() { return run_error("OpenSSL cannot make a certificate"); }

std::string file(const std::string& folder, const std::string& name, const char* ending) {
  return (fs::path(folder) / (name + ending)).string();
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

/// What was written to a memory BIO of the secure heap, or of the ordinary one.
Secret content(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return Secret(std::string_view(data, static_cast<size_t>(size)));
}

bool add_extension(X509* certificate, int kind, const char* value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool fill_certificate(X509* certificate, EVP_PKEY* key, const std::string& name) {
  std::array<unsigned char, 16> serial;
  if (RAND_bytes(serial.data(), serial.size()) != 1) return false;
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 1);  // positive, and of full length
  BIGNUM* const number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  const bool numbered =
      number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  X509_NAME* const subject = X509_get_subject_name(certificate);
  return numbered && X509_set_version(certificate, X509_VERSION_3) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -24L * 3600) != nullptr &&
         ASN1_TIME_set_string(X509_getm_notAfter(certificate), kNoEnd) == 1 &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.data()),
                                    static_cast<int>(name.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, key) == 1 &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
         X509_sign(certificate, key, nullptr) > 0;
}

Certificate read_certificate(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
}

/// A certificate's name holds 64 characters at most.
absl::Status check_name(const std::string& name) {
  ACIE_RETURN_IF_ERROR(secure::KeyFolder::check_name(name));
  return name.size() <= 64 ? absl::OkStatus() : usage_error("the name of a party has at most 64 bytes");
}

absl::StatusOr<std::string> pin_of(const std::string& hex_or_file) {
  std::string digits;
  for (const char c : hex_or_file)
    if (c != ':' && c != ' ') digits += c;
  if (std::optional<std::string> bytes = secure::from_hex(digits); bytes && bytes->size() == 32)
    return *std::move(bytes);
  return read_fingerprint(hex_or_file);
}

}  // namespace

absl::StatusOr<std::string> fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return failed();
  return std::string(reinterpret_cast<const char*>(digest.data()), size);
}

absl::StatusOr<Identity> make_identity(const std::string& name) {
  ACIE_RETURN_IF_ERROR(check_name(name));
  Identity identity;
  identity.name = name;
  identity.key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  identity.certificate.reset(X509_new());
  if (!identity.key || !identity.certificate ||
      !fill_certificate(identity.certificate.get(), identity.key.get(), name))
    return failed();
  ACIE_ASSIGN_OR_RETURN(identity.fingerprint, fingerprint_of(identity.certificate.get()));
  return identity;
}

absl::StatusOr<Identity> create_identity(const std::string& folder, const std::string& name) {
  ACIE_ASSIGN_OR_RETURN(Identity identity, make_identity(name));
  ACIE_RETURN_IF_ERROR(secure::make_private_folder(folder));
  const Bio key(BIO_new(BIO_s_secmem())), certificate(BIO_new(BIO_s_mem()));
  if (!key || !certificate ||
      PEM_write_bio_PKCS8PrivateKey(key.get(), identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1 ||
      PEM_write_bio_X509(certificate.get(), identity.certificate.get()) != 1)
    return failed();
  // The key first: it alone decides who of two that race is first.
  ACIE_RETURN_IF_ERROR(secure::write_private_file(file(folder, name, kKeyEnding), content(key.get()).view(),
                                                  Existing::Refuse));
  ACIE_RETURN_IF_ERROR(secure::write_private_file(file(folder, name, kCertificateEnding),
                                                  content(certificate.get()).view(), Existing::Replace));
  return identity;
}

absl::StatusOr<Identity> load_identity(const std::string& folder, const std::string& name) {
  ACIE_RETURN_IF_ERROR(check_name(name));
  const std::string key_file = file(folder, name, kKeyEnding),
                    certificate_file = file(folder, name, kCertificateEnding);
  std::error_code error;
  if (!fs::exists(key_file, error) || !fs::exists(certificate_file, error))
    return usage_error("there is no identity of the party '" + name + "' in " + folder +
                       ": acie-run party init " + name);
  ACIE_ASSIGN_OR_RETURN(const Secret key_pem, secure::read_private_file(key_file, kLargestFile));
  ACIE_ASSIGN_OR_RETURN(const Secret certificate_pem,
                        secure::read_whole_file(certificate_file, kLargestFile));
  Identity identity;
  identity.name = name;
  const Bio bio(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  identity.key.reset(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  identity.certificate = read_certificate(certificate_pem.view());
  if (!identity.key || !identity.certificate || EVP_PKEY_is_a(identity.key.get(), "ED25519") != 1 ||
      X509_check_private_key(identity.certificate.get(), identity.key.get()) != 1)
    return refused_error(key_file + " and " + certificate_file + " do not hold a key and its certificate");
  ACIE_ASSIGN_OR_RETURN(identity.fingerprint, fingerprint_of(identity.certificate.get()));
  return identity;
}

absl::StatusOr<std::string> read_fingerprint(const std::string& certificate_file) {
  ACIE_ASSIGN_OR_RETURN(const Secret pem, secure::read_whole_file(certificate_file, kLargestFile));
  const Certificate certificate = read_certificate(pem.view());
  if (!certificate) return bad_data_error(certificate_file + " does not hold a certificate");
  return fingerprint_of(certificate.get());
}

absl::Status pin_peer(const std::string& folder, const std::string& name, const std::string& hex_or_file,
                      bool replace) {
  ACIE_RETURN_IF_ERROR(check_name(name));
  const absl::StatusOr<std::string> pin = pin_of(hex_or_file);
  if (!pin.ok())
    return usage_error(
        "'" + hex_or_file +
        "' is neither a fingerprint (64 hexadecimal digits) nor a certificate: " + message_of(pin.status()));
  ACIE_ASSIGN_OR_RETURN(const PeerPins pins, read_pins(folder));
  const auto known = pins.find(name);
  if (known != pins.end() && known->second == *pin) return absl::OkStatus();
  if (known != pins.end() && !replace)
    return usage_error("the party '" + name +
                       "' is pinned to another fingerprint; if it has a new certificate, say --replace");
  const std::string peers = (fs::path(folder) / "peers").string();
  ACIE_RETURN_IF_ERROR(secure::make_private_folder(folder));
  ACIE_RETURN_IF_ERROR(secure::make_private_folder(peers));
  return secure::write_private_file(file(peers, name, kPinEnding), secure::to_hex(*pin) + "\n",
                                    Existing::Replace);
}

absl::StatusOr<PeerPins> read_pins(const std::string& folder) {
  PeerPins pins;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(folder) / "peers", error)) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != kPinEnding || !check_name(name).ok()) continue;
    ACIE_ASSIGN_OR_RETURN(const Secret text, secure::read_private_file(entry.path().string(), kLargestFile));
    std::string_view digits = text.view();
    if (digits.ends_with('\n')) digits.remove_suffix(1);
    std::optional<std::string> pin = secure::from_hex(digits);
    if (!pin || pin->size() != 32)
      return bad_data_error(entry.path().string() + " does not hold a fingerprint");
    pins[name] = *std::move(pin);
  }
  return pins;
}

}  // namespace acie::parties
