// The keys of a user or a party: NAME.key (encrypted, mode 0600) and, of Paillier keys, NAME.pub
// (python-paillier's JSON).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/crypto/files/KeyFile.h"

namespace acie::secure {

/// A key by its name, without its secret.
struct NamedKey {
  std::string name;
  KeyDescription description;
  bool is_private = false;
};

class KeyFolder {
 public:
  explicit KeyFolder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }

  /// Letters, digits, _ - . and bytes of other alphabets; what could leave the folder or hide in it is
  /// refused (usage).
  static absl::Status check_name(std::string_view name);

  /// Every key here, by name. Files that cannot be read as keys are errors: a damaged key should not look
  /// like none.
  absl::StatusOr<std::vector<NamedKey>> list() const;

  /// What is known of a key without its password. Errors: no such key (usage).
  absl::StatusOr<NamedKey> describe(const std::string& name) const;

  /// The private key. Refused where the file is open to others, where the password is wrong.
  absl::StatusOr<Key> load(const std::string& name, std::string_view password) const;

  /// The public half, from NAME.pub or from what NAME.key says in the clear. Compare its fingerprint.
  absl::StatusOr<Key> load_public(const std::string& name) const;

  /// Adds a key; never overwrites one. A private Paillier key leaves both files, a public one NAME.pub only.
  absl::Status add(const std::string& name, const Key& key, std::string_view password,
                   const ScryptCost& cost = {}) const;

 private:
  std::string file(const std::string& name, const char* ending) const;
  absl::StatusOr<KeyDescription> describe_public(const std::string& name) const;

  std::string path_;
};

}  // namespace acie::secure
