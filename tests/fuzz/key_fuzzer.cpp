// Hostile keys. The first byte chooses: a key file, its description with the password at hand, or
// python-paillier's JSON. Numbers that are accepted must survive being written again.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "kernels/crypto/files/KeyFile.h"
#include "kernels/crypto/files/PaillierJson.h"

namespace {

using namespace acie::secure;

void read_key_file(const std::string& bytes) {
  const auto about = describe_key_file(bytes);
  // The cheapest cost that is accepted, so that an input takes no second.
  if (about.ok() && bytes[8] == 10 && bytes[9] == 1 && bytes[10] == 1 &&
      decode_key_file(bytes, "password").ok())
    std::abort();
}

void read_json(const std::string& text) {
  auto key = parse_paillier_json(text);
  if (!key.ok()) return;
  PaillierNumbers half;
  half.n = key->numbers.n;
  if (!check_paillier(half, 16).ok()) return;
  const auto again = parse_paillier_json(to_public_json(half, key->comment));
  if (!again.ok() || again->numbers.n != half.n || again->comment != key->comment) std::abort();
  // Whether a number is prime takes long where it is large.
  if (!key->numbers.is_private() || key->numbers.n.size() > 32 || !check_paillier(key->numbers, 16).ok())
    return;
  const auto whole = to_private_json(key->numbers, "");
  if (!whole.ok()) return;  // λ need not be invertible in so small a key
  const auto back = parse_paillier_json(whole->view());
  if (!back.ok() || back->numbers.p.view() != key->numbers.p.view()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0)
    read_key_file(rest);
  else
    read_json(rest);
  return 0;
}
