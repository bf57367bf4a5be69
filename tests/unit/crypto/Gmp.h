// GMP's integers as values, and OpenSSL's made from them: the oracle of the tests in this folder.
#pragma once

#include <gmp.h>
#include <openssl/bn.h>

#include <string>
#include <vector>

#include "kernels/crypto/files/Bignum.h"

namespace acie::tests {

class Integer {
 public:
  Integer() { mpz_init(z_); }
  Integer(long value) { mpz_init_set_si(z_, value); }  // NOLINT: a number is a number
  static Integer decimal(const char* digits) {
    Integer r;
    mpz_set_str(r.z_, digits, 10);
    return r;
  }
  Integer(const Integer& other) { mpz_init_set(z_, other.z_); }
  Integer& operator=(const Integer& other) {
    mpz_set(z_, other.z_);
    return *this;
  }
  ~Integer() { mpz_clear(z_); }

  mpz_ptr get() { return z_; }
  mpz_srcptr get() const { return z_; }
  std::string text() const {
    char* digits = mpz_get_str(nullptr, 16, z_);
    std::string result = digits;
    free(digits);
    return result;
  }
  size_t bits() const { return mpz_sizeinbase(z_, 2); }

  friend bool operator==(const Integer& a, const Integer& b) { return mpz_cmp(a.z_, b.z_) == 0; }
  friend bool operator<(const Integer& a, const Integer& b) { return mpz_cmp(a.z_, b.z_) < 0; }
#define ACIE_OPERATOR(op, function)                                \
  friend Integer operator op(const Integer& a, const Integer& b) { \
    Integer r;                                                     \
    function(r.z_, a.z_, b.z_);                                    \
    return r;                                                      \
  }
  ACIE_OPERATOR(+, mpz_add)
  ACIE_OPERATOR(-, mpz_sub)
  ACIE_OPERATOR(*, mpz_mul)
  ACIE_OPERATOR(/, mpz_fdiv_q)
  ACIE_OPERATOR(%, mpz_mod)
#undef ACIE_OPERATOR

 private:
  mpz_t z_;
};

inline void PrintTo(const Integer& value, std::ostream* out) { *out << "0x" << value.text(); }

inline Integer power_of_two(unsigned long exponent) {
  Integer r;
  mpz_setbit(r.get(), exponent);
  return r;
}

inline Integer power_modulo(const Integer& base, const Integer& exponent, const Integer& modulus) {
  Integer r;
  mpz_powm(r.get(), base.get(), exponent.get(), modulus.get());
  return r;
}

inline Integer inverse_modulo(const Integer& a, const Integer& modulus) {
  Integer r;
  mpz_invert(r.get(), a.get(), modulus.get());
  return r;
}

inline std::string big_endian(const Integer& value) {
  std::string bytes((value.bits() + 7) / 8, '\0');
  size_t count = 0;
  mpz_export(bytes.data(), &count, 1, 1, 1, 0, value.get());
  bytes.resize(count);
  return bytes;
}

inline Integer from_big_endian(std::string_view bytes) {
  Integer r;
  mpz_import(r.get(), bytes.size(), 1, 1, 1, 0, bytes.data());
  return r;
}

inline secure::Bignum to_openssl(const Integer& value) { return secure::to_bignum(big_endian(value)); }

inline Integer from_openssl(const BIGNUM* value) { return from_big_endian(secure::to_bytes(value).view()); }

/// Random numbers that are the same in every run.
class Random {
 public:
  explicit Random(unsigned long seed) {
    gmp_randinit_mt(state_);
    gmp_randseed_ui(state_, seed);
  }
  ~Random() { gmp_randclear(state_); }
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;

  Integer below(const Integer& limit) {
    Integer r;
    mpz_urandomm(r.get(), state_, limit.get());
    return r;
  }
  /// Exactly `bits` bits, in long runs of ones and zeros where `runs` says so.
  Integer of_bits(unsigned long bits, bool runs = false) {
    Integer r;
    (runs ? mpz_rrandomb : mpz_urandomb)(r.get(), state_, bits);
    mpz_setbit(r.get(), bits - 1);
    return r;
  }
  Integer odd_of_bits(unsigned long bits, bool runs = false) {
    Integer r = of_bits(bits, runs);
    mpz_setbit(r.get(), 0);
    return r;
  }
  Integer prime_of_bits(unsigned long bits, unsigned long modulo4) {
    for (;;) {
      Integer r = of_bits(bits);
      mpz_setbit(r.get(), bits - 2);
      mpz_nextprime(r.get(), r.get());
      if (mpz_fdiv_ui(r.get(), 4) == modulo4 && r.bits() == bits) return r;
    }
  }

 private:
  gmp_randstate_t state_;
};

}  // namespace acie::tests
