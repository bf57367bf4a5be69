#include "runtime/secret/Stored.h"

#include <filesystem>
#include <optional>

#include "kernels/crypto/files/Container.h"
#include "kernels/crypto/files/Hex.h"
#include "kernels/crypto/files/PrivateFile.h"
#include "runtime/package/Integer.h"
#include "runtime/status/Errors.h"

namespace acie::secret {
namespace {

constexpr std::string_view kKeyMagic = "ACIESTO1";
constexpr size_t kKeyBytes = 32;
constexpr std::string_view kMagic = "ACIECTS1";
constexpr uint64_t kOneForAll = ~uint64_t{0};
constexpr size_t kHeader = 24;

void put(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

uint64_t get(std::string_view in, size_t at, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= static_cast<uint64_t>(static_cast<unsigned char>(in[at + static_cast<size_t>(i)])) << (8 * i);
  return value;
}

std::string context_of(const StoredForm& form) {
  std::string text = "acie ciphertexts 1\nparty " + form.party + "\nkey " + secure::to_hex(form.prepared->fingerprint) + " " + form.key->scheme + " " +
                     std::to_string(form.key->bits) + "\nunit " + form.unit.to_string() + "\nscale " + form.value->scale.numerator + "/" +
                     form.value->scale.denominator + "\nshape";
  for (const int64_t size : form.value->shape) text += " " + std::to_string(size);
  return text + "\nstate derived\n";
}

/// Whether the interval that a file was stored with lies within what the program declares.
bool within(std::string_view low, std::string_view high, const package::PartyValue& declared) {
  const auto l = package::Integer::parse(std::string(low)), h = package::Integer::parse(std::string(high));
  const auto least = package::Integer::parse(declared.low), most = package::Integer::parse(declared.high);
  return l && h && least && most && *l <= *h && *least <= *l && *h <= *most;
}

}  // namespace

absl::StatusOr<secure::Secret> store_key_from_folder(const std::string& folder, const std::string& party, bool create) {
  const std::string path = (std::filesystem::path(folder) / (party + ".store")).string();
  if (std::error_code error; !std::filesystem::exists(path, error)) {
    if (!create) return usage_error(party + " has stored nothing yet: there is no " + path + ", the key that it keeps ciphertexts under");
    std::string bytes(kKeyMagic);
    ACIE_ASSIGN_OR_RETURN(const secure::Secret made, secure::Secret::random(kKeyBytes));
    secure::Secret file(kKeyMagic.size() + kKeyBytes);
    std::copy(kKeyMagic.begin(), kKeyMagic.end(), file.data());
    std::copy_n(made.data(), kKeyBytes, file.data() + kKeyMagic.size());
    ACIE_RETURN_IF_ERROR(secure::make_private_folder(folder));
    // Of two runs that race, one makes the key; both then read it.
    const absl::Status written = secure::write_private_file(path, file.view(), secure::Existing::Refuse);
    if (!written.ok() && !std::filesystem::exists(path, error)) return written;
  }
  ACIE_ASSIGN_OR_RETURN(const secure::Secret file, secure::read_private_file(path, kKeyMagic.size() + kKeyBytes));
  if (file.size() != kKeyMagic.size() + kKeyBytes || file.view().substr(0, kKeyMagic.size()) != kKeyMagic) return refused_error(path + " is no key of stored ciphertexts");
  return secure::Secret(file.view().substr(kKeyMagic.size()));
}

absl::Status stored_refused() {
  return refused_error("these are not the ciphertexts that the program expects: damaged, not stored by this party, or of another key, shape, unit, scale or range");
}

absl::StatusOr<std::string> store_ciphertexts(const secure::Secret& key, const StoredForm& form, size_t rows, bool per_row,
                                              std::string_view ciphertexts) {
  std::string payload(kMagic);
  put(payload, per_row ? rows : kOneForAll, 8);
  put(payload, form.value->low.size(), 4);
  put(payload, form.value->high.size(), 4);
  payload += form.value->low + form.value->high;
  payload += ciphertexts;
  return secure::seal(key, {.context = context_of(form)}, payload);
}

absl::StatusOr<StoredValue> load_ciphertexts(const secure::Secret& key, const StoredForm& form, std::string_view file) {
  const absl::StatusOr<secure::Secret> opened = secure::unseal(key, {.context = context_of(form)}, file);
  if (!opened.ok()) return failure_of(opened.status()) == Failure::Refused ? stored_refused() : opened.status();
  const std::string_view payload = opened->view();
  if (payload.size() < kHeader || payload.substr(0, kMagic.size()) != kMagic) return stored_refused();
  const uint64_t total = get(payload, 8, 8), low = get(payload, 16, 4), high = get(payload, 20, 4);
  if (low + high > payload.size() - kHeader) return stored_refused();
  if (!within(payload.substr(kHeader, low), payload.substr(kHeader + low, high), *form.value)) return stored_refused();
  const std::string_view body = payload.substr(kHeader + low + high);
  const paillier::PublicKey& public_key = *form.prepared->public_key;
  const auto each = static_cast<size_t>(form.value->elements());
  const bool per_row = total != kOneForAll;
  const uint64_t rows = per_row ? total : 1;
  if (rows > body.size()) return stored_refused();
  if (rows * each == 0 && body.empty()) return StoredValue{rows, per_row, paillier::Ciphertexts(public_key, 0)};
  absl::StatusOr<paillier::Ciphertexts> read = paillier::Ciphertexts::read(public_key, body, rows * each);
  if (!read.ok()) return failure_of(read.status()) == Failure::Refused ? stored_refused() : read.status();
  return StoredValue{rows, per_row, *std::move(read)};
}

}  // namespace acie::secret
