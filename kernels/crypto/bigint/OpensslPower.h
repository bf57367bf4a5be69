// Exponentiation by OpenSSL, lane after lane: what a level without vectors takes.
#pragma once

#include <openssl/bn.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/crypto/files/Bignum.h"

namespace acie::bigint {

/// One modulus for all lanes, or eight, prepared for BN_mod_exp_mont_consttime.
class OpensslPower {
 public:
  static absl::StatusOr<OpensslPower> create(std::span<const BIGNUM* const> moduli);

  /// number = number^exponent modulo the lane's modulus, for `words` words of a number below it. The time depends on the
  /// moduli's size and on how many words the exponent has without leading zeros. Throws std::bad_alloc where OpenSSL has no
  /// memory, as what holds numbers elsewhere does.
  void power(int lane, uint64_t* number, int words, const uint64_t* exponent, int exponent_words) const;

 private:
  struct FreeMontgomery {
    void operator()(BN_MONT_CTX* context) const { BN_MONT_CTX_free(context); }
  };
  struct Prepared {
    secure::Bignum m;
    std::unique_ptr<BN_MONT_CTX, FreeMontgomery> context;
  };
  std::vector<Prepared> moduli_;
};

}  // namespace acie::bigint
