// Who made a package: Ed25519 keys (RFC 8032) and whose packages may run.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace acie::package {

using PublicKey = std::array<uint8_t, 32>;
using Signature = std::array<uint8_t, 64>;

/// A private key. Signing is deterministic: equal bytes give equal signatures.
class SigningKey {
 public:
  /// From the 32-byte seed of RFC 8032.
  static absl::StatusOr<SigningKey> from_seed(std::span<const uint8_t, 32> seed);
  /// A new key from the system's random source.
  static absl::StatusOr<SigningKey> generate();

  const PublicKey& public_key() const { return public_key_; }
  const std::array<uint8_t, 32>& seed() const { return seed_; }
  absl::StatusOr<Signature> sign(std::string_view bytes) const;

 private:
  std::array<uint8_t, 32> seed_{};
  PublicKey public_key_{};
};

bool verify(const PublicKey& key, std::string_view bytes, const Signature& signature);

std::string to_hex(std::span<const uint8_t> bytes);
absl::StatusOr<PublicKey> public_key_from_hex(std::string_view hex);

/// The folder of the user's key: $XDG_CONFIG_HOME/acie, else ~/.config/acie; empty where there is no home.
std::string key_folder();

/// The user's own key in `folder` (files signing.key, mode 0600, and signing.pub), made if there is none. Processes that
/// race to make it end up with the same one.
absl::StatusOr<SigningKey> own_signing_key(const std::string& folder = key_folder());

/// The public half of the user's own key if there is one; makes nothing.
std::optional<PublicKey> own_public_key(const std::string& folder = key_folder());

/// What `--trust` takes: 64 hexadecimal digits, or a file that holds them (signing.pub of who made the package).
absl::StatusOr<PublicKey> read_trusted_key(const std::string& hex_or_file);

/// Whose packages may run.
struct TrustPolicy {
  std::vector<PublicKey> trusted;
  bool allow_unsigned = false;  // waives the signer, never the hashes nor a signature that does not match
};

/// The user's own key, where there is one.
TrustPolicy default_trust();

}  // namespace acie::package
