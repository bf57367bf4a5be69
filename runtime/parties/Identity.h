// Who a party is: an Ed25519 key and a certificate over it that it signed itself. Nobody vouches for it:
// peers pin its fingerprint, which their people compare.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace acie::parties {

struct FreeIdentity {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeIdentity>;
using Certificate = std::unique_ptr<X509, FreeIdentity>;

struct Identity {
  std::string name;
  PrivateKey key;
  Certificate certificate;
  std::string fingerprint;  // SHA-256 of the certificate in DER, 32 bytes
};

/// SHA-256 of the certificate's DER.
absl::StatusOr<std::string> fingerprint_of(const X509* certificate);

/// A new identity in memory.
absl::StatusOr<Identity> make_identity(const std::string& name);

/// Makes `folder`/NAME.identity and NAME.crt, PEM, mode 0600. Never overwrites (usage).
absl::StatusOr<Identity> create_identity(const std::string& folder, const std::string& name);

/// Refused where the key is open to others or does not belong to the certificate; usage where there is none.
absl::StatusOr<Identity> load_identity(const std::string& folder, const std::string& name);

/// The fingerprint of NAME.crt, to hand over; needs no key.
absl::StatusOr<std::string> read_fingerprint(const std::string& certificate_file);

/// Fingerprints by party, as pinned.
using PeerPins = std::map<std::string, std::string>;

/// Pins a peer in `folder`/peers: 64 hexadecimal digits (colons and spaces are passed over) or a
/// certificate's file. A pin that would change is an error unless `replace`.
absl::Status pin_peer(const std::string& folder, const std::string& name, const std::string& hex_or_file,
                      bool replace);

/// All pinned peers of `folder`.
absl::StatusOr<PeerPins> read_pins(const std::string& folder);

}  // namespace acie::parties
