// The private half: decryption, and the arithmetic modulo p² and q² that only its holder can use.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "kernels/crypto/files/PaillierNumbers.h"
#include "kernels/crypto/paillier/Ciphertexts.h"
#include "kernels/crypto/paillier/PublicKey.h"

namespace acie::paillier {

/// p and q with what follows from them; wiped when it goes. Immutable: threads may share it, each with its own Scratch.
///
/// Decryption of c works modulo p² (and q² alike): c^(p−1) = 1 − m·n mod p² has the form 1 + p·t, and m = −t/q mod p. Four
/// ciphertexts take the eight lanes, one half modulo p², the other modulo q². The exponentiation and all after it run in
/// constant time. Two checks stand before the result, against faults that would betray a factor of n (Boneh, DeMillo,
/// Lipton, 1997): that p divides c^(p−1) − 1, and that t = −m·q mod p for the m put together from both halves.
class PrivateKey {
 public:
  /// Checks the numbers (secure::check_paillier). Errors are BadData.
  static absl::StatusOr<std::shared_ptr<const PrivateKey>> create(const secure::PaillierNumbers& numbers,
                                                                  const KeyOptions& options = {});

  const PublicKey& public_key() const { return public_key_; }

  /// Decrypts `ciphertexts` into size() rows of `words` words (Plaintexts.h). Errors: another key (usage); a plaintext outside
  /// the middle third or the words asked for, or a fault, one message for all (Refused), and `out` is then zero.
  absl::Status decrypt(uint64_t* out, int words, const Ciphertexts& ciphertexts) const;

  /// p² and q² in all lanes each; the key holder's encryption works under them.
  const Modulus& p2() const { return p2_; }
  const Modulus& q2() const { return q2_; }
  const BIGNUM* p_squared() const { return p_squared_.get(); }
  const BIGNUM* q_squared() const { return q_squared_.get(); }
  /// The block under n² that is a modulo p² and b modulo q², below 4n²; all in Montgomery's forms of their own.
  void join_squares(uint64_t* out, const uint64_t* a, const uint64_t* b, Scratch& s) const;

 private:
  struct FreeNumber {
    void operator()(BIGNUM* number) const { BN_clear_free(number); }
  };
  using Secret = std::unique_ptr<BIGNUM, FreeNumber>;

  PrivateKey(PublicKey key, Modulus p2, Modulus q2, Modulus squares, Modulus primes, Modulus n)
      : public_key_(std::move(key)),
        p2_(std::move(p2)),
        q2_(std::move(q2)),
        squares_(std::move(squares)),
        primes_(std::move(primes)),
        n_(std::move(n)) {}

  struct Half;
  absl::Status prepare(const BIGNUM* p, const BIGNUM* q);
  uint64_t exponentiate(Half& half, Scratch& s) const;
  absl::Status decrypt_block(uint64_t* out, int words, int count, const uint64_t* block, Scratch& s) const;

  PublicKey public_key_;
  Modulus p2_, q2_;
  Modulus squares_;  // p² in lanes 0 to 3, q² in 4 to 7
  Modulus primes_;   // p and q, likewise
  Modulus n_;
  Secret p_squared_, q_squared_;
  int exponent_bits_ = 0;
  bool same_words_ = false;      // p and q take as many
  Words exponents_;              // p − 1 and q − 1, eight lanes
  Words enter_;                  // R³ under squares_
  Words inverse_;                // p⁻¹ and q⁻¹ modulo R of primes_
  Words minus_other_inverse_;    // −1/q mod p, −1/p mod q, in Montgomery's form
  Words minus_other_;            // −q mod p, −p mod q, times R²
  Words p_part_, q_part_;        // 1 mod p and 0 mod q, and the reverse, in Montgomery's form under n
  Words p2_part_, q2_part_;      // the same for p² and q² under n², from form to form
};

}  // namespace acie::paillier
