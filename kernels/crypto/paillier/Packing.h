// Many small integers in one plaintext, so that one ciphertext carries them through additions and through products with
// one factor for all.
//
// Slot i holds v_i; the plaintext is Σ v_i·2^(bits·i). Slots are signed digits: as long as every v_i stays within
// −2^(bits−1) … 2^(bits−1) − 1 through whatever is computed, unpacking finds each, with no offsets to keep track of.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/crypto/paillier/Ciphertexts.h"

namespace acie::paillier {

/// Slots of `bits` ≤ 63 bits that one plaintext has: 63 of 32 bits for a key of 2048.
int slots_of(const PublicKey& key, int bits);

/// ⌈count/slots⌉ plaintexts of key.words() words. Errors (BadData): a value that its slot cannot hold.
absl::StatusOr<Words> pack(const PublicKey& key, const int64_t* values, size_t count, int bits);

/// `count` values from plaintexts that pack() made or that were computed from such.
std::vector<int64_t> unpack(const PublicKey& key, const uint64_t* plaintexts, size_t count, int bits);

/// Ciphertexts of one value each, row after row of `each` of them, into packed ones, ⌈each/slots⌉ a row: `bits` squarings and a
/// product for each value, in eight results at a time. Errors (usage): rows that are not whole.
absl::StatusOr<Ciphertexts> pack_encrypted(const Ciphertexts& values, size_t each, int bits);

}  // namespace acie::paillier
