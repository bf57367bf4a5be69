// What the scheme can do with ciphertexts. Results are derived: before they leave the party that computed them,
// rerandomize() them, once.
//
// Functions refuse (usage) vectors of different lengths or keys. That no sum leaves the plaintexts' range is the caller's
// to prove, as the compiler does; nothing here can see it.
#pragma once

#include "absl/status/statusor.h"
#include "kernels/crypto/paillier/Ciphertexts.h"
#include "kernels/crypto/paillier/Parallel.h"
#include "kernels/crypto/paillier/Plaintexts.h"
#include "kernels/crypto/paillier/Randomizers.h"

namespace acie::paillier {

/// Encrypts `count` plaintexts of `words` words each (Plaintexts.h): c = (1 + m·n)·ρ mod n². Constant time.
absl::StatusOr<Ciphertexts> encrypt(RandomSource& random, const uint64_t* values, int words, size_t count);

/// E(a + b), E(a − b), E(−a). The last two cost an inversion for the whole vector and three products each.
absl::StatusOr<Ciphertexts> add(const Ciphertexts& a, const Ciphertexts& b, const Parallel& parallel = {});
absl::StatusOr<Ciphertexts> subtract(const Ciphertexts& a, const Ciphertexts& b, const Parallel& parallel = {});
absl::StatusOr<Ciphertexts> negate(const Ciphertexts& a);

/// E(a + v), one plaintext for each ciphertext. Constant time in v.
absl::StatusOr<Ciphertexts> add_plain(const Ciphertexts& a, const uint64_t* values, int words);

/// E(a·v), one signed factor of magnitude below 2^bits for each ciphertext; larger ones are refused (BadData). The time
/// depends on `bits`, not on the factors. Constant factors of many rows: Matvec.h.
absl::StatusOr<Ciphertexts> multiply_plain(const Ciphertexts& a, const uint64_t* values, int words, int bits);

/// Multiplies each by a fresh ρ: nobody can tell any more what it was computed from.
absl::Status rerandomize(Ciphertexts& ciphertexts, RandomSource& random);

/// The inverse modulo n² of each ciphertext.
absl::StatusOr<Ciphertexts> inverse(const Ciphertexts& a);

}  // namespace acie::paillier
