// Fingerprints: hashes good enough for integrity. MD5, SHA-1 and GOST R 34.11-94 are not among them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kernels/crypto/files/Container.h"

namespace acie::secure {

enum class HashKind { Sha256, Sha512, Streebog256, Streebog512 };

/// As the language spells it: sha256, sha512, streebog256, streebog512.
std::string_view name_of(HashKind kind);
std::optional<HashKind> hash_from_name(std::string_view name);

/// Where Streebog comes from: Any takes what is faster here, which is OpenSSL's GOST provider where it is
/// installed.
enum class StreebogSource { Any, Provider, Own };

/// A hash of a stream.
class Hasher {
 public:
  virtual ~Hasher() = default;
  static absl::StatusOr<std::unique_ptr<Hasher>> create(HashKind kind,
                                                        StreebogSource source = StreebogSource::Any);

  virtual absl::Status update(std::string_view bytes) = 0;
  /// The digest as bytes. Nothing may follow.
  virtual absl::StatusOr<std::string> finish() = 0;
};

/// Whether OpenSSL's GOST provider is installed.
bool has_streebog_provider();

/// The digest of bytes in memory, of a stream.
absl::StatusOr<std::string> fingerprint(HashKind kind, std::string_view bytes);
absl::StatusOr<std::string> fingerprint(HashKind kind, const Source& source);

}  // namespace acie::secure
