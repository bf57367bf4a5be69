// The keys of a party, checked against what its program declares and prepared for computing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/crypto/files/KeyFile.h"
#include "kernels/crypto/paillier/PrivateKey.h"
#include "kernels/crypto/paillier/Randomizers.h"
#include "runtime/package/Party.h"

namespace acie::secret {

/// Gives a key by its name; its private half where `secret`. Errors: no such key (usage), what opening it says.
using KeySource = std::function<absl::StatusOr<secure::Key>(const std::string& name, bool secret)>;

/// Keys of the folder (KeyFolder.h). `password` is asked once for each private key, by its name.
KeySource keys_from_folder(std::string folder, std::function<absl::StatusOr<secure::Secret>(const std::string&)> password);

struct PreparedKey {
  std::string fingerprint;                                 // 32 bytes
  std::optional<paillier::PublicKey> public_key;           // Paillier
  std::shared_ptr<const paillier::PrivateKey> private_key; // Paillier, held here
  std::shared_ptr<paillier::RandomSource> random;          // Paillier, where the steps encrypt or seal
  secure::Secret symmetric;                                // of a cipher
  secure::Cipher cipher = secure::Cipher::Aes256Gcm;
};

/// One for each key of the entry. A key of another scheme, size or fingerprint than declared is refused, and so is a Paillier
/// key below 2048 bits unless `insecure` (tests). The holder's keys are loaded with their secrets.
absl::StatusOr<std::vector<PreparedKey>> prepare_keys(const package::PartyEntry& entry, const std::string& party,
                                                      const KeySource& source, bool insecure);

}  // namespace acie::secret
