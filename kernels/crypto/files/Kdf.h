// Keys from keys (HKDF, RFC 5869) and from passwords (scrypt, RFC 7914).
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "kernels/crypto/files/Secret.h"

namespace acie::secure {

/// HKDF with SHA-256: `size` ≤ 8160 bytes from the secret `key`, separated from other uses of it by `salt`
/// and `info`.
absl::StatusOr<Secret> hkdf_sha256(std::string_view key, std::string_view salt, std::string_view info,
                                   size_t size);

/// What scrypt costs: 128·2^log2_n·r bytes of memory, 2^log2_n·r·p of time.
struct ScryptCost {
  uint8_t log2_n = 17;
  uint8_t r = 8;
  uint8_t p = 1;
};

/// Costs this library computes: enough to be worth it (2^10 iterations for tests at least), at most 1 GiB and
/// 2^26 blocks, so that a hostile key file cannot stop the machine.
bool is_acceptable(const ScryptCost& cost);

/// `size` bytes from a password. Errors: a cost outside is_acceptable (refused), no memory.
absl::StatusOr<Secret> scrypt(std::string_view password, std::string_view salt, const ScryptCost& cost,
                              size_t size);

}  // namespace acie::secure
