// Where the user's own key lives, and how it comes to be without a race.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "runtime/package/Signature.h"
#include "runtime/status/Errors.h"

namespace acie::package {
namespace {

namespace fs = std::filesystem;

constexpr char kPrivateName[] = "signing.key";
constexpr char kPublicName[] = "signing.pub";

std::string without_space(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  return text;
}

/// The digits a key file holds, or nothing where it cannot be read. A key file is tiny: a larger one is not read on.
std::optional<std::string> read_small(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text(4096, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  return without_space(std::move(text));
}

/// Writes a file that is either whole or absent: link() fails where the name exists, so of several writers one wins.
bool create_exclusively(const fs::path& path, const std::string& text, mode_t mode) {
  std::string temporary = path.string() + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  if (fd < 0) return false;
  const bool written = fchmod(fd, mode) == 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(fd) == 0;
  close(fd);
  const bool made = written && (link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST);
  unlink(temporary.c_str());
  return made;
}

absl::StatusOr<SigningKey> key_from_file_text(const fs::path& path, const std::string& hex) {
  absl::StatusOr<PublicKey> seed = public_key_from_hex(hex);  // a seed is spelt like a public key
  if (!seed.ok())
    return run_error(path.string() + " does not hold a key (64 hexadecimal digits); move it away to have a new one made");
  return SigningKey::from_seed(*seed);
}

}  // namespace

std::string key_folder() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && config[0] == '/') return (fs::path(config) / "acie").string();
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return (fs::path(home) / ".config" / "acie").string();
  return "";
}

absl::StatusOr<SigningKey> own_signing_key(const std::string& folder) {
  if (folder.empty()) return run_error("there is no folder for the signing key: neither XDG_CONFIG_HOME nor HOME is set");
  const fs::path path = fs::path(folder) / kPrivateName;
  std::optional<std::string> hex = read_small(path);
  if (!hex) {
    std::error_code error;
    fs::create_directories(folder, error);
    ACIE_ASSIGN_OR_RETURN(const SigningKey fresh, SigningKey::generate());
    if (!create_exclusively(path, to_hex(fresh.seed()) + "\n", 0600) || !(hex = read_small(path)))
      return run_error("cannot make the signing key " + path.string() + ": " + std::strerror(errno));
  }
  ACIE_ASSIGN_OR_RETURN(SigningKey key, key_from_file_text(path, *hex));
  // The public half is a convenience for handing over; packages carry it as well, so failing to write it is no error.
  const fs::path public_path = fs::path(folder) / kPublicName;
  if (!fs::exists(public_path)) create_exclusively(public_path, to_hex(key.public_key()) + "\n", 0644);
  return key;
}

std::optional<PublicKey> own_public_key(const std::string& folder) {
  if (folder.empty()) return std::nullopt;
  const fs::path path = fs::path(folder) / kPrivateName;
  std::optional<std::string> hex = read_small(path);
  if (!hex) return std::nullopt;
  absl::StatusOr<SigningKey> key = key_from_file_text(path, *hex);
  if (!key.ok()) return std::nullopt;
  return key->public_key();
}

absl::StatusOr<PublicKey> read_trusted_key(const std::string& hex_or_file) {
  if (absl::StatusOr<PublicKey> key = public_key_from_hex(hex_or_file); key.ok()) return key;
  std::optional<std::string> text = read_small(hex_or_file);
  if (!text)
    return usage_error("the trusted key '" + hex_or_file + "' is neither 64 hexadecimal digits nor a file that can be read");
  absl::StatusOr<PublicKey> key = public_key_from_hex(*text);
  if (!key.ok()) return usage_error(hex_or_file + " does not hold a public key (64 hexadecimal digits, as in signing.pub)");
  return key;
}

TrustPolicy default_trust() {
  TrustPolicy policy;
  if (std::optional<PublicKey> own = own_public_key()) policy.trusted.push_back(*own);
  return policy;
}

}  // namespace acie::package
