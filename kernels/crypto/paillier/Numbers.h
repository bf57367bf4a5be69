// OpenSSL's integers as this folder uses them: while keys are prepared, never on the way of a secret afterwards.
#pragma once

#include "absl/status/status.h"
#include "kernels/crypto/bigint/Modulus.h"
#include "kernels/crypto/files/Bignum.h"
#include "runtime/status/Errors.h"

namespace acie::paillier {

using Number = secure::Bignum;

inline absl::Status numbers_failed() { return run_error("OpenSSL cannot compute the constants of a Paillier key"); }

inline absl::StatusOr<bigint::Modulus> same_lanes(const bigint::Kernels& kernels, const BIGNUM* m, int bits) {
  return bigint::Modulus::create(kernels, {&m, 1}, bits);
}

/// Little-endian words, zero above the number.
inline absl::Status to_words(bigint::Words& out, const BIGNUM* number) {
  if (BN_bn2lebinpad(number, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size() * 8)) < 0)
    return numbers_failed();
  return absl::OkStatus();
}

/// A secret number that OpenSSL is to treat in constant time where it can.
inline void compute_in_constant_time(Number& number) { BN_set_flags(number.get(), BN_FLG_CONSTTIME); }

}  // namespace acie::paillier
