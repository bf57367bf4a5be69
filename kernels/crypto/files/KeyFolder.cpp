#include "kernels/crypto/files/KeyFolder.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "kernels/crypto/files/PaillierJson.h"
#include "kernels/crypto/files/PrivateFile.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

namespace fs = std::filesystem;

constexpr char kPrivate[] = ".key", kPublic[] = ".pub";
constexpr size_t kLargestFile = size_t{256} << 10, kLongestName = 100;

bool is_name_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

absl::Status KeyFolder::check_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName || name.front() == '.' || name.front() == '-' ||
      !std::all_of(name.begin(), name.end(), is_name_byte))
    return usage_error("a key cannot be named '" + std::string(name) +
                       "': letters, digits, _ - . (not first) are allowed");
  return absl::OkStatus();
}

std::string KeyFolder::file(const std::string& name, const char* ending) const {
  return (fs::path(path_) / (name + ending)).string();
}

absl::StatusOr<std::vector<NamedKey>> KeyFolder::list() const {
  std::map<std::string, bool> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_, error)) {
    const std::string ending = entry.path().extension().string(), name = entry.path().stem().string();
    if ((ending == kPrivate || ending == kPublic) && check_name(name).ok()) names[name] |= ending == kPrivate;
  }
  std::vector<NamedKey> keys;
  for (const auto& [name, is_private] : names) {
    ACIE_ASSIGN_OR_RETURN(NamedKey key, describe(name));
    keys.push_back(std::move(key));
  }
  return keys;
}

absl::StatusOr<KeyDescription> KeyFolder::describe_public(const std::string& name) const {
  const std::string path = file(name, kPublic);
  ACIE_ASSIGN_OR_RETURN(const Secret text, read_whole_file(path, kLargestFile));
  absl::StatusOr<PaillierJson> json = parse_paillier_json(text.view());
  if (!json.ok()) return annotate(json.status(), path);
  PaillierNumbers numbers;
  numbers.n = json->numbers.n;
  if (const absl::Status sound = check_paillier(numbers, kSmallestTestBits); !sound.ok())
    return annotate(sound, path);
  ACIE_ASSIGN_OR_RETURN(Key key, make_paillier_key(std::move(numbers), json->comment));
  return std::move(key.description);
}

absl::StatusOr<NamedKey> KeyFolder::describe(const std::string& name) const {
  ACIE_RETURN_IF_ERROR(check_name(name));
  std::error_code error;
  const std::string path = file(name, kPrivate);
  if (!fs::exists(path, error)) {
    if (!fs::exists(file(name, kPublic), error))
      return usage_error("there is no key '" + name + "' in " + path_);
    ACIE_ASSIGN_OR_RETURN(KeyDescription about, describe_public(name));
    return NamedKey{name, std::move(about), false};
  }
  ACIE_ASSIGN_OR_RETURN(const Secret bytes, read_private_file(path, kLargestFile));
  absl::StatusOr<KeyDescription> about = describe_key_file(bytes.view());
  if (!about.ok()) return annotate(about.status(), path);
  return NamedKey{name, *std::move(about), true};
}

absl::StatusOr<Key> KeyFolder::load(const std::string& name, std::string_view password) const {
  ACIE_RETURN_IF_ERROR(check_name(name));
  const std::string path = file(name, kPrivate);
  std::error_code error;
  if (!fs::exists(path, error)) return usage_error("there is no private key '" + name + "' in " + path_);
  ACIE_ASSIGN_OR_RETURN(const Secret bytes, read_private_file(path, kLargestFile));
  absl::StatusOr<Key> key = decode_key_file(bytes.view(), password);
  if (!key.ok()) return annotate(key.status(), path);
  return key;
}

absl::StatusOr<Key> KeyFolder::load_public(const std::string& name) const {
  ACIE_ASSIGN_OR_RETURN(const NamedKey named, describe(name));
  if (!named.description.kind.is_paillier()) return usage_error("the key '" + name + "' has no public half");
  PaillierNumbers numbers;
  numbers.n = named.description.n;
  return make_paillier_key(std::move(numbers), named.description.comment);
}

absl::Status KeyFolder::add(const std::string& name, const Key& key, std::string_view password,
                            const ScryptCost& cost) const {
  ACIE_RETURN_IF_ERROR(check_name(name));
  ACIE_RETURN_IF_ERROR(make_private_folder(path_));
  std::error_code error;
  for (const char* ending : {kPrivate, kPublic})
    if (fs::exists(file(name, ending), error))
      return usage_error("there is a key '" + name + "' in " + path_ + " already; it is not overwritten");
  if (key.is_private()) {
    ACIE_ASSIGN_OR_RETURN(const std::string bytes, encode_key_file(key, password, cost));
    ACIE_RETURN_IF_ERROR(write_private_file(file(name, kPrivate), bytes, Existing::Refuse));
  }
  if (!key.description.kind.is_paillier()) return absl::OkStatus();
  return write_private_file(file(name, kPublic), to_public_json(key.paillier, key.description.comment),
                            Existing::Refuse);
}

}  // namespace acie::secure
