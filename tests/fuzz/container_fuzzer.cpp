// Hostile containers. The first byte chooses a cipher and whether the rest is a container as it stands, or
// edits to a sound one: pairs of a place and what to add there, then a cut. What opens must be the plaintext
// that was sealed, or its beginning in whole chunks; of an edited container nothing may open in the end.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "kernels/crypto/files/Container.h"

namespace {

using namespace acie::secure;

const std::string& plain() {
  static const std::string text(700, 'p');
  return text;
}

const Secret& key() {
  static const Secret secret(std::string(32, 'k'));
  return secret;
}

const std::string& sound(int cipher) {
  static const auto make = [](Cipher kind) {
    SealOptions options;
    options.cipher = kind;
    options.chunk = 256;
    options.context = "context";
    options.allow_weak = true;
    return *seal(key(), options, plain());
  };
  static const std::string containers[3] = {make(Cipher::Aes256Gcm), make(Cipher::ChaCha20Poly1305),
                                            make(Cipher::Rc2Cbc128)};
  return containers[cipher % 3];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool edit = (data[0] & 128) != 0;
  bool changed = true;
  if (edit) {
    std::string container = sound(data[0] & 3);
    for (size_t at = 0; at + 2 < bytes.size(); at += 3)
      container[(static_cast<uint8_t>(bytes[at]) | size_t{static_cast<uint8_t>(bytes[at + 1])} << 8) %
                container.size()] += bytes[at + 2];
    if (bytes.size() % 3 == 1)
      container.resize(container.size() - static_cast<uint8_t>(bytes.back()) % container.size());
    changed = container != sound(data[0] & 3);
    bytes = container;
  }
  OpenOptions options;
  options.allow_weak = true;
  auto opener = Opener::create(key(), options, source_of(bytes));
  if (!opener.ok()) return changed ? 0 : (std::abort(), 0);
  std::string opened;
  for (;;) {
    const auto chunk = opener->next();
    if (!chunk.ok()) {
      if (!changed) std::abort();
      break;
    }
    if (!*chunk) {
      if (edit && changed) std::abort();
      break;
    }
    opened += **chunk;
  }
  if (edit && plain().compare(0, opened.size(), opened) != 0) std::abort();
  return 0;
}
