// Keys that are the same in every run, plaintexts, and Paillier's formulas in GMP.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "kernels/crypto/paillier/Operations.h"
#include "kernels/crypto/paillier/PrivateKey.h"
#include "tests/unit/crypto/Gmp.h"

namespace acie::tests {

inline secure::PaillierNumbers numbers_of(Integer p, Integer q) {
  secure::PaillierNumbers numbers;
  numbers.n = big_endian(p * q);
  numbers.p = secure::Secret(std::string_view(big_endian(p)));
  numbers.q = secure::Secret(std::string_view(big_endian(q)));
  return numbers;
}

/// A key of exactly `bits` bits whose primes are 3 modulo 4.
inline secure::PaillierNumbers fixed_numbers(int bits) {
  Random random(static_cast<unsigned long>(bits));
  const auto half = static_cast<unsigned long>(bits / 2);
  const Integer p = random.prime_of_bits(half, 3), q = random.prime_of_bits(half, 3);
  return numbers_of(p, q);
}

inline std::shared_ptr<const paillier::PrivateKey> private_key(const secure::PaillierNumbers& numbers,
                                                               const bigint::Kernels& kernels = bigint::host_kernels()) {
  return std::move(paillier::PrivateKey::create(numbers, {.smallest_bits = 16, .kernels = &kernels})).value();
}

inline paillier::Randomizers randomizers(const paillier::PublicKey& key,
                                         paillier::Randomness how = paillier::Randomness::kShort) {
  return std::move(paillier::Randomizers::create(key, how)).value();
}

/// Two's complement of `words` words.
inline std::vector<uint64_t> to_words(const std::vector<Integer>& values, int words) {
  std::vector<uint64_t> out(values.size() * static_cast<size_t>(words));
  const Integer modulus = power_of_two(static_cast<unsigned long>(64 * words));
  for (size_t i = 0; i < values.size(); ++i) {
    const Integer wrapped = values[i] % modulus;
    mpz_export(out.data() + i * static_cast<size_t>(words), nullptr, -1, 8, 0, 0, wrapped.get());
  }
  return out;
}

inline std::vector<Integer> from_words(const std::vector<uint64_t>& rows, int words) {
  std::vector<Integer> out;
  for (size_t i = 0; i < rows.size(); i += static_cast<size_t>(words)) {
    Integer value;
    mpz_import(value.get(), static_cast<size_t>(words), -1, 8, 0, 0, rows.data() + i);
    if (rows[i + static_cast<size_t>(words) - 1] >> 63 != 0)
      value = value - power_of_two(static_cast<unsigned long>(64 * words));
    out.push_back(value);
  }
  return out;
}

inline paillier::Ciphertexts encrypted(paillier::RandomSource& random, const std::vector<Integer>& values) {
  const int words = random.key().words() + 1;
  const auto rows = to_words(values, words);
  return std::move(paillier::encrypt(random, rows.data(), words, values.size())).value();
}

inline std::vector<Integer> decrypted(const paillier::PrivateKey& key, const paillier::Ciphertexts& ciphertexts) {
  const int words = key.public_key().words() + 1;
  std::vector<uint64_t> rows(ciphertexts.size() * static_cast<size_t>(words));
  const absl::Status status = key.decrypt(rows.data(), words, ciphertexts);
  EXPECT_TRUE(status.ok()) << status.message();
  return from_words(rows, words);
}

/// The ciphertexts as GMP's integers, and back.
inline std::vector<Integer> integers_of(const paillier::Ciphertexts& ciphertexts) {
  const std::string bytes = ciphertexts.bytes();
  const size_t each = ciphertexts.key().ciphertext_bytes();
  std::vector<Integer> out;
  for (size_t i = 0; i < ciphertexts.size(); ++i) out.push_back(from_big_endian(std::string_view(bytes).substr(i * each, each)));
  return out;
}

inline absl::StatusOr<paillier::Ciphertexts> ciphertexts_of(const paillier::PublicKey& key, const std::vector<Integer>& values) {
  std::string bytes;
  for (const Integer& value : values) {
    std::string one = big_endian(value);
    if (one.size() < key.ciphertext_bytes()) one.insert(0, key.ciphertext_bytes() - one.size(), '\0');
    bytes += one;
  }
  return paillier::Ciphertexts::read(key, bytes, values.size());
}

/// Randomness r^n with r given, for known answers.
class KnownRandomness : public paillier::RandomSource {
 public:
  KnownRandomness(const paillier::PublicKey& key, std::vector<Integer> r) : key_(key), r_(std::move(r)) {}
  const paillier::PublicKey& key() const override { return key_; }
  absl::Status take(uint64_t* blocks, size_t count, paillier::Scratch& s) override {
    const Integer n = from_openssl(key_.n());
    for (size_t first = 0; first < count; first += bigint::kLanes, blocks += key_.modulus().words()) {
      std::vector<secure::Bignum> numbers;
      std::vector<const BIGNUM*> pointers;
      for (size_t lane = 0; lane < bigint::kLanes; ++lane) {
        const Integer r = first + lane < count ? r_[next_++] : Integer(1L);
        numbers.push_back(to_openssl(power_modulo(r, n, n * n)));
        pointers.push_back(numbers.back().get());
      }
      const absl::Status status = key_.modulus().load(blocks, pointers, s);
      if (!status.ok()) return status;
      key_.modulus().to_montgomery(blocks, blocks, s);
    }
    return absl::OkStatus();
  }

 private:
  paillier::PublicKey key_;
  std::vector<Integer> r_;
  size_t next_ = 0;
};

}  // namespace acie::tests
