// How parties that share only a folder agree on keys: each leaves a signed greeting with an X25519 key made
// for this session, and from two greetings follows a key per direction that nobody else has, now or later.
//
//   "ACIEHLO1", program (32), X25519 public key (32), size of the name (1), name, size of the certificate
//   (2), certificate (DER), Ed25519 signature (64) over "acie exchange 1" ‖ all before it
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kernels/crypto/files/Secret.h"
#include "runtime/parties/Identity.h"

namespace acie::parties {

/// A greeting that was checked.
struct FileHello {
  std::string bytes;  // as written
  std::string name;
  std::string public_key;
};

/// A new X25519 private key, 32 bytes.
absl::StatusOr<secure::Secret> make_exchange_key();

absl::StatusOr<std::string> encode_file_hello(const Identity& me, const std::array<char, 32>& program,
                                              const secure::Secret& key);

/// Errors, all Refused: not a greeting, not that of `name`, not signed by the certificate pinned as `pin`,
/// another program.
absl::StatusOr<FileHello> check_file_hello(std::string_view bytes, const std::string& name,
                                           std::string_view pin, const std::array<char, 32>& program);

/// The key of messages from `from` to `to`, one of which is ours with the private key `key`.
absl::StatusOr<secure::Secret> derive_direction_key(const FileHello& from, const FileHello& to,
                                                    const secure::Secret& key, const FileHello& peer);

}  // namespace acie::parties
