// Plaintexts: signed integers in two's complement, `words` little-endian words of 64 bits each (int64 is one).
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "kernels/crypto/paillier/PublicKey.h"

namespace acie::paillier {

/// A block under key.modulus() with `count` ≤ 8 plaintexts modulo n, 0 in the other lanes; not in Montgomery's form.
/// Constant time in the values, but for the error: a magnitude above key.limit() (BadData).
absl::Status encode(const PublicKey& key, uint64_t* block, const uint64_t* values, int words, int count, Scratch& s);

/// Whether a row of words, two's complement, is negative (all ones) or not (zero); the row becomes its magnitude.
uint64_t to_magnitude(uint64_t* row, int words);

/// All ones where a ≤ b, else zero; words from the lowest.
uint64_t at_most(const uint64_t* a, const uint64_t* b, int words);

}  // namespace acie::paillier
