// The same operations one number at a time: GMP with the textbook's formulas, OpenSSL's integers.
#pragma once

#include <gmp.h>
#include <openssl/bn.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/crypto/files/PaillierNumbers.h"

namespace acie::perf {

class GmpPaillier {
 public:
  explicit GmpPaillier(const secure::PaillierNumbers& numbers);
  ~GmpPaillier();
  GmpPaillier(const GmpPaillier&) = delete;
  GmpPaillier& operator=(const GmpPaillier&) = delete;

  void random_power();     // r^n mod n²
  void encrypt(long m);    // (1 + m·n)·r^n mod n², into the ciphertext
  void decrypt();          // modulo p² and q², put together
  void add();              // a·b mod n²
  /// One row of W·E(x): a power for each weight, negative ones collected and inverted once.
  void row(std::span<const int64_t> weights);

 private:
  mpz_t n_, n2_, p_, q_, p2_, q2_, p1_, q1_, hp_, hq_, pinv_, r_, c_, d_, t_, u_, m_, product_, below_;
};

class OpensslPaillier {
 public:
  explicit OpensslPaillier(const secure::PaillierNumbers& numbers);
  ~OpensslPaillier();
  OpensslPaillier(const OpensslPaillier&) = delete;
  OpensslPaillier& operator=(const OpensslPaillier&) = delete;

  void random_power();  // BN_mod_exp_mont_consttime
  void add();           // BN_mod_mul_montgomery

 private:
  BN_CTX* context_;
  BN_MONT_CTX* montgomery_;
  BIGNUM *n_, *n2_, *r_, *d_, *t_;
};

}  // namespace acie::perf
