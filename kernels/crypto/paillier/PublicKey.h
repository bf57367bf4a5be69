// The public half of a Paillier key, prepared for computing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kernels/crypto/bigint/Modulus.h"
#include "kernels/crypto/files/PaillierNumbers.h"

namespace acie::paillier {

using bigint::kLanes;
using bigint::Modulus;
using bigint::Scratch;
using bigint::Words;

/// How a key is prepared; the defaults are right outside tests and benchmarks.
struct KeyOptions {
  int smallest_bits = secure::kSmallestPaillierBits;
  const bigint::Kernels* kernels = &bigint::host_kernels();
};

/// n, shared by all that computes under it; copies are cheap. Generator n + 1.
class PublicKey {
 public:
  /// `n` is big-endian. Errors (BadData): n even, too small or too large. A modulus that somebody else made cannot be
  /// proved sound by looking at it (CVE-2023-33241): compare fingerprints.
  static absl::StatusOr<PublicKey> create(std::string_view n, const KeyOptions& options = {});

  int bits() const { return state_->bits; }
  const BIGNUM* n() const { return state_->n.get(); }
  const BIGNUM* n_squared() const { return state_->n_squared.get(); }
  /// 32 bytes, as key files have it.
  const std::string& fingerprint() const { return state_->fingerprint; }
  const bigint::Kernels& kernels() const { return state_->modulus.kernels(); }

  /// n², in all lanes.
  const Modulus& modulus() const { return state_->modulus; }
  /// n and n·R² mod n² as blocks under modulus().
  const uint64_t* n_block() const { return state_->n_block.data(); }
  const uint64_t* n_r2() const { return state_->n_r2.data(); }

  /// The largest magnitude of a plaintext, ⌊2^(bits−1)/3⌋ − 1, in words().
  const Words& limit() const { return state_->limit; }
  /// Words of 64 bits that hold n.
  int words() const { return static_cast<int>(state_->limit.size()); }
  /// Bytes of a ciphertext outside.
  size_t ciphertext_bytes() const { return (2 * static_cast<size_t>(bits()) + 7) / 8; }

  bool operator==(const PublicKey& other) const { return fingerprint() == other.fingerprint(); }

 private:
  struct FreeNumber {
    void operator()(BIGNUM* number) const { BN_clear_free(number); }
  };
  struct State {
    int bits;
    std::unique_ptr<BIGNUM, FreeNumber> n, n_squared;
    std::string fingerprint;
    Modulus modulus;
    Words n_block, n_r2, limit;
  };
  explicit PublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace acie::paillier
