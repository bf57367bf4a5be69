// Encryption and decryption with secrets that valgrind takes for uninitialised: it reports every branch and every address
// that depends on one. Runs on emulated lanes, the same code as the vectors' of AVX-512, which valgrind does not know, on
// the vectors of AVX2 and on the portable level. With the argument `leak` it branches on a secret, which must be reported.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/crypto/paillier/Operations.h"
#include "kernels/crypto/paillier/PrivateKey.h"
#include "kernels/crypto/paillier/Secrecy.h"
#include "tests/unit/crypto/Gmp.h"

namespace acie::paillier {
namespace {

secure::PaillierNumbers small_numbers() {
  tests::Random random(11);
  const tests::Integer p = random.prime_of_bits(130, 3), q = random.prime_of_bits(130, 3);
  secure::PaillierNumbers numbers;
  numbers.n = tests::big_endian(p * q);
  numbers.p = secure::Secret(std::string_view(tests::big_endian(p)));
  numbers.q = secure::Secret(std::string_view(tests::big_endian(q)));
  return numbers;
}

bool round_trip(const bigint::Kernels& kernels) {
  const auto key = PrivateKey::create(small_numbers(), {.smallest_bits = 16, .kernels = &kernels});
  if (!key.ok()) return false;
  const std::vector<uint64_t> plain = {5, 0, static_cast<uint64_t>(-7), 123456789, 1, 2, 3, 4, static_cast<uint64_t>(-5)};
  for (bool owner : {false, true}) {
    auto source = owner ? Randomizers::create(*key, Randomness::kHalf)
                        : Randomizers::create((*key)->public_key(), Randomness::kHalf);
    std::vector<uint64_t> values = plain, factors = {2, 3, static_cast<uint64_t>(-1), 0, 1, 1, 1, 1, 4}, out(9);
    mark_secret(values.data(), values.size() * 8);
    mark_secret(factors.data(), factors.size() * 8);
    auto c = encrypt(*source, values.data(), 1, values.size());
    if (!c.ok()) return false;
    auto scaled = multiply_plain(*c, factors.data(), 1, 3);
    if (!scaled.ok()) return false;
    auto sum = add_plain(*scaled, values.data(), 1);
    if (!sum.ok() || !rerandomize(*sum, *source).ok()) return false;
    for (size_t i = 0; i < sum->blocks(); ++i) mark_public(sum->block(i), sum->key().modulus().words() * 8);
    if (!(*key)->decrypt(out.data(), 1, *sum).ok()) return false;
    mark_public(out.data(), out.size() * 8);
    mark_public(factors.data(), factors.size() * 8);
    for (size_t i = 0; i < out.size(); ++i)
      if (out[i] != plain[i] * factors[i] + plain[i]) return false;
  }
  return true;
}

}  // namespace
}  // namespace acie::paillier

int main(int argc, char** argv) {
  using namespace acie;
  if (argc > 1 && std::strcmp(argv[1], "leak") == 0) {
    std::vector<uint64_t> exponent = {5};
    paillier::mark_secret(exponent.data(), 8);
    std::puts(exponent[0] % 3 == 2 ? "leaked" : "kept");
    return 0;
  }
  std::vector<const bigint::Kernels*> levels = {&bigint::kEmulatedKernels, &bigint::kPortableKernels};
  if (bigint::has_avx2()) levels.push_back(&bigint::kAvx2Kernels);
  for (const bigint::Kernels* kernels : levels)
    if (!paillier::round_trip(*kernels)) {
      std::printf("wrong result on %s\n", kernels->name);
      return 1;
    }
  return 0;
}
