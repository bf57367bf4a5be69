#include "runtime/secret/Keys.h"

#include <algorithm>
#include <utility>

#include "kernels/crypto/files/Hex.h"
#include "kernels/crypto/files/KeyFolder.h"
#include "runtime/status/Errors.h"

namespace acie::secret {
namespace {

using package::PartyKey;
using package::PartyOp;

absl::Status check(const PartyKey& declared, const secure::KeyDescription& found, bool insecure) {
  const std::string what = "key " + declared.name;
  if (name_of(found.kind) != declared.scheme)
    return refused_error(what + " is of scheme " + std::string(name_of(found.kind)) + ", the program wants " + declared.scheme);
  if (found.kind.is_paillier() && found.bits != declared.bits)
    return refused_error(what + " has " + std::to_string(found.bits) + " bits, the program wants " +
                         std::to_string(declared.bits));
  if (found.kind.is_paillier() && found.bits < secure::kSmallestPaillierBits && !insecure)
    return refused_error(what + " has " + std::to_string(found.bits) + " bits, which is not safe: at least " +
                         std::to_string(secure::kSmallestPaillierBits));
  if (!declared.fingerprint.empty() && declared.fingerprint != secure::to_hex(found.fingerprint))
    return refused_error(what + " is another one than the program pins: fingerprint " + secure::to_hex(found.fingerprint) +
                         ", wanted " + declared.fingerprint);
  return absl::OkStatus();
}

/// Whether steps put randomness under key `index`.
bool randomizes(const package::PartyEntry& entry, int index) {
  return std::any_of(entry.steps.begin(), entry.steps.end(), [&](const package::PartyStep& step) {
    return (step.op == PartyOp::Encrypt || step.op == PartyOp::Seal) && entry.values[step.output].key == index;
  });
}

}  // namespace

KeySource keys_from_folder(std::string folder, std::function<absl::StatusOr<secure::Secret>(const std::string&)> password) {
  return [folder = secure::KeyFolder(std::move(folder)), password = std::move(password)](
             const std::string& name, bool secret) -> absl::StatusOr<secure::Key> {
    if (!secret) return folder.load_public(name);
    ACIE_RETURN_IF_ERROR(folder.describe(name).status());  // before anybody is asked for a password
    ACIE_ASSIGN_OR_RETURN(const secure::Secret word, password(name));
    return folder.load(name, word.view());
  };
}

absl::StatusOr<std::vector<PreparedKey>> prepare_keys(const package::PartyEntry& entry, const std::string& party,
                                                      const KeySource& source, bool insecure) {
  std::vector<PreparedKey> result;
  for (size_t i = 0; i < entry.keys.size(); ++i) {
    const PartyKey& declared = entry.keys[i];
    const bool held = declared.holder == party;
    absl::StatusOr<secure::Key> key = source(declared.name, held);
    if (!key.ok()) return annotate(key.status(), "key " + declared.name);
    ACIE_RETURN_IF_ERROR(check(declared, key->description, insecure));
    PreparedKey prepared;
    prepared.fingerprint = key->description.fingerprint;
    if (key->description.kind.is_paillier()) {
      paillier::KeyOptions options;
      if (insecure) options.smallest_bits = secure::kSmallestTestBits;
      if (held) {
        ACIE_ASSIGN_OR_RETURN(prepared.private_key, paillier::PrivateKey::create(key->paillier, options));
        prepared.public_key = prepared.private_key->public_key();
      } else {
        ACIE_ASSIGN_OR_RETURN(prepared.public_key, paillier::PublicKey::create(key->paillier.n, options));
      }
      if (randomizes(entry, static_cast<int>(i))) {
        // Whose primes nobody here knows may have been made to be weak under short exponents: r^n there.
        ACIE_ASSIGN_OR_RETURN(paillier::Randomizers random,
                              held ? paillier::Randomizers::create(prepared.private_key, paillier::Randomness::kHalf)
                                   : paillier::Randomizers::create(*prepared.public_key, paillier::Randomness::kAnyKey));
        prepared.random = std::make_shared<paillier::Randomizers>(std::move(random));
      }
    } else {
      prepared.cipher = *key->description.kind.cipher;
      prepared.symmetric = std::move(key->symmetric);
    }
    result.push_back(std::move(prepared));
  }
  return result;
}

}  // namespace acie::secret
