// Vectors of ciphertexts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kernels/crypto/paillier/PublicKey.h"

namespace acie::paillier {

/// `size` ciphertexts under one key, in Montgomery's form modulo n², eight to a block; they leave that form at input and
/// output only. New ones are 1: the encryption of 0 that hides nothing. Lanes beyond the last ciphertext hold 1 or any
/// other unit. Copying is explicit: a vector is large.
class Ciphertexts {
 public:
  Ciphertexts(const PublicKey& key, size_t size);

  /// From key.ciphertext_bytes() big-endian bytes each. Refuses, with one message whatever is wrong, a length that does not
  /// fit, c = 0, c ≥ n² and c that is no unit modulo n (a multiple of p or q).
  static absl::StatusOr<Ciphertexts> read(const PublicKey& key, std::string_view bytes, size_t size);
  std::string bytes() const;

  const PublicKey& key() const { return key_; }
  size_t size() const { return size_; }
  size_t blocks() const { return (size_ + kLanes - 1) / kLanes; }
  uint64_t* block(size_t i) { return data_.data() + i * key_.modulus().words(); }
  const uint64_t* block(size_t i) const { return data_.data() + i * key_.modulus().words(); }
  Ciphertexts copy() const;

 private:
  PublicKey key_;
  size_t size_;
  Words data_;
};

/// Whether the two are vectors of one length under one key; a usage error otherwise.
absl::Status check_alike(const Ciphertexts& a, const Ciphertexts& b);

/// The product of all lanes of all blocks modulo n², in Montgomery's form, in every lane of `out`.
void product_of_all(const PublicKey& key, uint64_t* out, const Ciphertexts& values, Scratch& s);

}  // namespace acie::paillier
