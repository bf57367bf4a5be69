// Ciphertexts in another order: views, repeats, parts and joins of vectors. Nothing is computed.
#pragma once

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "kernels/crypto/paillier/Ciphertexts.h"

namespace acie::paillier {

/// Ciphertext i of the result is number indices[i] of `from`. Errors (usage): an index outside.
absl::StatusOr<Ciphertexts> select(const Ciphertexts& from, std::span<const int64_t> indices);

/// The vectors one after another. Errors (usage): none, different keys.
absl::StatusOr<Ciphertexts> join(std::span<const Ciphertexts* const> parts);

}  // namespace acie::paillier
