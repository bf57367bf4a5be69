// Paillier: known answers, Paillier's formulas in GMP, homomorphic laws, what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "kernels/crypto/paillier/Operations.h"
#include "kernels/crypto/paillier/PrivateKey.h"
#include "tests/unit/crypto/Keys.h"

namespace acie::paillier {
namespace {

using tests::decrypted;
using tests::encrypted;
using tests::Integer;
using tests::private_key;
using tests::Random;

std::vector<const bigint::Kernels*> levels() {
  std::vector<const bigint::Kernels*> result = {&bigint::kPortableKernels, &bigint::kEmulatedKernels};
  if (bigint::has_avx2()) result.push_back(&bigint::kAvx2Kernels);
  if (bigint::has_ifma()) result.push_back(&bigint::kIfmaKernels);
  return result;
}

TEST(Paillier, KnownAnswers) {
  for (const bigint::Kernels* kernels : levels()) {
    const auto key = private_key(tests::numbers_of(1000003, 1000033), *kernels);
    tests::KnownRandomness random(key->public_key(), {12345, 6789, 424242});
    const Ciphertexts c = encrypted(random, {150, 200, 350});
    const auto numbers = tests::integers_of(c);
    EXPECT_EQ(numbers[0], Integer::decimal("401052622349226220970618"));
    EXPECT_EQ(numbers[1], Integer::decimal("96378763532408283319615"));
    EXPECT_EQ(numbers[2], Integer::decimal("610338315096965424369940"));
    EXPECT_EQ(decrypted(*key, c), (std::vector<Integer>{150, 200, 350}));

    // Weights (2, 3, 1) give 1250.
    const std::vector<uint64_t> weights = {2, 3, 1};
    const Ciphertexts scaled = multiply_plain(c, weights.data(), 1, 2).value();
    const auto terms = tests::integers_of(scaled);
    const Integer n = tests::from_openssl(key->public_key().n());
    const Ciphertexts sum = tests::ciphertexts_of(key->public_key(), {terms[0] * terms[1] * terms[2] % (n * n)}).value();
    EXPECT_EQ(decrypted(*key, sum), (std::vector<Integer>{1250}));
  }
}

/// Decrypts by the textbook: L(c^λ mod n²)·μ mod n, signed.
Integer textbook_decrypt(const secure::PaillierNumbers& numbers, const Integer& c) {
  const Integer p = tests::from_big_endian(numbers.p.view()), q = tests::from_big_endian(numbers.q.view()), n = p * q;
  const Integer lambda = (p - Integer(1L)) * (q - Integer(1L));
  const Integer x = tests::power_modulo(c, lambda, n * n);
  const Integer m = (x - Integer(1L)) / n * tests::inverse_modulo(lambda, n) % n;
  return m + m < n ? m : m - n;
}

std::vector<Integer> hard_plaintexts(const PublicKey& key, Random& random) {
  Integer limit;
  mpz_import(limit.get(), key.limit().size(), -1, 8, 0, 0, key.limit().data());
  return {0, 1, -1, limit, Integer(0L) - limit, limit - Integer(1L), random.below(limit), Integer(0L) - random.below(limit),
          42, tests::power_of_two(64), Integer(0L) - tests::power_of_two(63)};
}

TEST(Paillier, EveryWayToEncryptIsDecryptedByTheTextbook) {
  Random random(1);
  for (const bigint::Kernels* kernels : levels()) {
    const auto numbers = tests::fixed_numbers(256);
    const auto key = private_key(numbers, *kernels);
    const auto values = hard_plaintexts(key->public_key(), random);
    for (Randomness how : {Randomness::kAnyKey, Randomness::kHalf, Randomness::kShort})
      for (bool owner : {false, true}) {
        Randomizers source = owner ? Randomizers::create(key, how).value() : tests::randomizers(key->public_key(), how);
        const Ciphertexts c = encrypted(source, values);
        const auto all = tests::integers_of(c);
        for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(textbook_decrypt(numbers, all[i]), values[i]) << kernels->name;
        EXPECT_EQ(decrypted(*key, c), values) << kernels->name << " owner " << owner;
        EXPECT_EQ(std::set<std::string>({all[0].text(), all[1].text(), all[8].text()}).size(), 3u);
      }
  }
}

TEST(Paillier, KeysOfEverySizeInUse) {
  Random random(2);
  for (int bits : {2048, 3072, 4096}) {
    const auto numbers = tests::fixed_numbers(bits);
    const auto key = PrivateKey::create(numbers).value();
    const auto values = hard_plaintexts(key->public_key(), random);
    Randomizers source = Randomizers::create(key, Randomness::kShort).value();
    const Ciphertexts c = encrypted(source, values);
    EXPECT_EQ(decrypted(*key, c), values) << bits;
    EXPECT_EQ(textbook_decrypt(numbers, tests::integers_of(c)[7]), values[7]) << bits;
  }
}

TEST(Paillier, RandomnessIsAnNthPower) {
  // Encryptions of zero raised to φ(n) are 1 modulo n², whichever way they were made.
  const auto numbers = tests::fixed_numbers(512);
  const auto key = private_key(numbers);
  const Integer p = tests::from_big_endian(numbers.p.view()), q = tests::from_big_endian(numbers.q.view()), n = p * q;
  for (bool owner : {false, true}) {
    Randomizers source =
        owner ? Randomizers::create(key, Randomness::kHalf).value() : tests::randomizers(key->public_key(), Randomness::kHalf);
    for (const Integer& c : tests::integers_of(encrypted(source, std::vector<Integer>(9, 0)))) {
      EXPECT_EQ(tests::power_modulo(c, (p - Integer(1L)) * (q - Integer(1L)), n * n), Integer(1L));
      EXPECT_FALSE(c == Integer(1L));
    }
  }
}

TEST(Paillier, HomomorphicLaws) {
  Random random(3);
  for (const bigint::Kernels* kernels : levels()) {
    const auto key = private_key(tests::fixed_numbers(320), *kernels);
    Randomizers source = tests::randomizers(key->public_key());
    std::vector<Integer> a, b, sum, difference, negated, product;
    std::vector<Integer> factors;
    for (long i = 0; i < 21; ++i) {
      a.push_back(random.below(tests::power_of_two(200)) - tests::power_of_two(199));
      b.push_back(random.below(tests::power_of_two(200)) - tests::power_of_two(199));
      factors.push_back(i == 0 ? Integer(0L) : i == 1 ? Integer(-1L) : random.below(tests::power_of_two(71)) - tests::power_of_two(70));
      sum.push_back(a.back() + b.back());
      difference.push_back(a.back() - b.back());
      negated.push_back(Integer(0L) - a.back());
      product.push_back(a.back() * factors.back());
    }
    const Ciphertexts x = encrypted(source, a), y = encrypted(source, b);
    EXPECT_EQ(decrypted(*key, add(x, y).value()), sum);
    EXPECT_EQ(decrypted(*key, subtract(x, y).value()), difference);
    EXPECT_EQ(decrypted(*key, negate(x).value()), negated);
    const auto plain = tests::to_words(b, 4), words = tests::to_words(factors, 2);
    EXPECT_EQ(decrypted(*key, add_plain(x, plain.data(), 4).value()), sum);
    EXPECT_EQ(decrypted(*key, multiply_plain(x, words.data(), 2, 70).value()), product);

    // What is re-randomised is another ciphertext of the same.
    Ciphertexts again = x.copy();
    ASSERT_TRUE(rerandomize(again, source).ok());
    EXPECT_EQ(decrypted(*key, again), a);
    const auto before = tests::integers_of(x), after = tests::integers_of(again);
    for (size_t i = 0; i < before.size(); ++i) EXPECT_FALSE(before[i] == after[i]);

    // Outside and in again.
    const Ciphertexts back = Ciphertexts::read(key->public_key(), x.bytes(), x.size()).value();
    EXPECT_EQ(tests::integers_of(back), before);
  }
}

TEST(Paillier, CiphertextsObeyTheLawsOfTheirGroup) {
  // As numbers modulo n², not only as what they hide: results do not tell in which order they were computed.
  Random random(4);
  for (const bigint::Kernels* kernels : levels()) {
    const auto key = private_key(tests::fixed_numbers(320), *kernels);
    Randomizers source = tests::randomizers(key->public_key());
    for (int round = 0; round < 5; ++round) {
      std::vector<Integer> a, b, c;
      for (size_t i = 0; i < 9; ++i)
        for (std::vector<Integer>* values : {&a, &b, &c})
          values->push_back(random.below(tests::power_of_two(100)) - tests::power_of_two(99));
      const Ciphertexts x = encrypted(source, a), y = encrypted(source, b), z = encrypted(source, c);
      const auto equal = [](const absl::StatusOr<Ciphertexts>& left, const absl::StatusOr<Ciphertexts>& right) {
        return tests::integers_of(left.value()) == tests::integers_of(right.value());
      };
      EXPECT_TRUE(equal(add(x, y), add(y, x)));
      EXPECT_TRUE(equal(add(add(x, y).value(), z), add(x, add(y, z).value())));
      EXPECT_TRUE(equal(add(subtract(x, y).value(), y), x.copy()));
      EXPECT_TRUE(equal(negate(negate(x).value()), x.copy()));
      std::vector<uint64_t> k(9), l(9), sum(9);
      for (size_t i = 0; i < 9; ++i) {
        k[i] = i * 7919 - 30000;
        l[i] = 20000 - i * 104729;
        sum[i] = k[i] + l[i];
      }
      const auto times = [](const Ciphertexts& v, const std::vector<uint64_t>& factors) {
        return multiply_plain(v, factors.data(), 1, 24).value();
      };
      EXPECT_TRUE(equal(times(add(x, y).value(), k), add(times(x, k), times(y, k))));
      EXPECT_TRUE(equal(times(x, sum), add(times(x, k), times(x, l))));
    }
  }
}

TEST(Paillier, LongSumsStayCorrect) {
  // A chain of additions on results that are never reduced below n².
  const auto key = private_key(tests::fixed_numbers(256));
  Randomizers source = tests::randomizers(key->public_key());
  Ciphertexts c = encrypted(source, {3, -5});
  for (int i = 0; i < 40; ++i) c = add(c, c).value();
  EXPECT_EQ(decrypted(*key, c), (std::vector<Integer>{3L << 40, -(5L << 40)}));
}

TEST(Paillier, MalformedCiphertextsAreRefusedAlike) {
  for (const bigint::Kernels* kernels : levels()) {
    const auto numbers = tests::fixed_numbers(256);
    const auto key = private_key(numbers, *kernels);
    const PublicKey& pub = key->public_key();
    const Integer p = tests::from_big_endian(numbers.p.view()), q = tests::from_big_endian(numbers.q.view()), n = p * q;
    std::string message;
    for (const Integer& bad : {Integer(0L), n, p, q, p * Integer(12345L), q * q, n * Integer(7L), n * n, n * n + Integer(1L),
                               tests::power_of_two(512) - Integer(1L)})
      for (size_t place : {0, 9}) {
        std::vector<Integer> values(11, Integer(2L));
        values[place] = bad;
        const auto read = tests::ciphertexts_of(pub, values);
        ASSERT_FALSE(read.ok()) << bad.text();
        if (message.empty()) message = std::string(read.status().message());
        EXPECT_EQ(std::string(read.status().message()), message);
      }
    EXPECT_TRUE(tests::ciphertexts_of(pub, {n * n - Integer(1L), Integer(1L)}).ok());
    EXPECT_FALSE(Ciphertexts::read(pub, std::string(63, '\1'), 1).ok());
    EXPECT_FALSE(Ciphertexts::read(pub, std::string(64, '\1'), 2).ok());
    EXPECT_FALSE(Ciphertexts::read(pub, std::string(64, '\1'), size_t{1} << 63).ok());
  }
}

TEST(Paillier, PlaintextsOutOfRangeAreRefused) {
  const auto key = private_key(tests::fixed_numbers(256));
  Randomizers source = tests::randomizers(key->public_key());
  Integer limit;
  mpz_import(limit.get(), key->public_key().limit().size(), -1, 8, 0, 0, key->public_key().limit().data());
  const Integer n = tests::from_openssl(key->public_key().n());
  EXPECT_EQ(limit, tests::power_of_two(255) / Integer(3L) - Integer(1L));
  for (const Integer& bad : {limit + Integer(1L), Integer(0L) - limit - Integer(1L), n, tests::power_of_two(300)}) {
    const auto rows = tests::to_words({1, bad}, 6);
    EXPECT_FALSE(encrypt(source, rows.data(), 6, 2).ok()) << bad.text();
  }
  // A sum that leaves the middle third, and one that does not fit the words asked for.
  const Ciphertexts c = encrypted(source, {limit, 5});
  std::vector<uint64_t> out(10, 7);
  EXPECT_FALSE(key->decrypt(out.data(), 5, add(c, c).value()).ok());
  EXPECT_EQ(out, std::vector<uint64_t>(10, 0));
  const Ciphertexts wide = encrypted(source, {tests::power_of_two(63), 0, -1});
  EXPECT_FALSE(key->decrypt(out.data(), 1, wide).ok());
  EXPECT_TRUE(key->decrypt(out.data(), 2, wide).ok());
  const Ciphertexts edge = encrypted(source, {Integer(0L) - tests::power_of_two(63), tests::power_of_two(63) - Integer(1L)});
  EXPECT_TRUE(key->decrypt(out.data(), 1, edge).ok());
  EXPECT_EQ(out[0], uint64_t{1} << 63);
  const uint64_t factors[] = {4, 0};
  EXPECT_FALSE(multiply_plain(c, factors, 1, 2).ok());
  EXPECT_TRUE(multiply_plain(c, factors, 1, 3).ok());
}

TEST(Paillier, KeysDoNotMix) {
  const auto a = private_key(tests::fixed_numbers(256)), b = private_key(tests::fixed_numbers(258));
  Randomizers from_a = tests::randomizers(a->public_key()), from_b = tests::randomizers(b->public_key());
  Ciphertexts x = encrypted(from_a, {1});
  const Ciphertexts y = encrypted(from_b, {1});
  uint64_t out;
  EXPECT_FALSE(add(x, y).ok());
  EXPECT_FALSE(b->decrypt(&out, 1, x).ok());
  EXPECT_FALSE(rerandomize(x, from_b).ok());
  EXPECT_FALSE(add(x, encrypted(from_a, {1, 2})).ok());
}

TEST(Paillier, SmallKeysAreRefused) {
  EXPECT_FALSE(PrivateKey::create(tests::fixed_numbers(1024)).ok());
  EXPECT_FALSE(PublicKey::create(tests::fixed_numbers(2046).n).ok());
}

TEST(Paillier, GeneratedKeysFollowTheRules) {
  const secure::PaillierNumbers numbers = secure::generate_paillier(1024).value();
  const Integer p = tests::from_big_endian(numbers.p.view()), q = tests::from_big_endian(numbers.q.view());
  const Integer p1 = p - Integer(1L), q1 = q - Integer(1L);
  EXPECT_EQ((p * q).bits(), 1024u);
  EXPECT_EQ(p % Integer(4L), Integer(3L));
  EXPECT_EQ(q % Integer(4L), Integer(3L));
  Integer gcd;
  mpz_gcd(gcd.get(), p1.get(), q1.get());
  EXPECT_EQ(gcd, Integer(2L));
  EXPECT_NE(mpz_probab_prime_p(p.get(), 64), 0);
  EXPECT_NE(mpz_probab_prime_p(q.get(), 64), 0);
  const auto key = private_key(numbers);
  Randomizers source = Randomizers::create(key, Randomness::kHalf).value();
  EXPECT_EQ(decrypted(*key, encrypted(source, {-77, 12})), (std::vector<Integer>{-77, 12}));
}

TEST(Paillier, EmptyVectors) {
  const auto key = private_key(tests::fixed_numbers(256));
  Randomizers source = tests::randomizers(key->public_key());
  const Ciphertexts none = encrypted(source, {});
  EXPECT_EQ(none.bytes(), "");
  EXPECT_TRUE(Ciphertexts::read(key->public_key(), "", 0).ok());
  EXPECT_TRUE(key->decrypt(nullptr, 1, none).ok());
  EXPECT_EQ(negate(none).value().size(), 0u);
}

}  // namespace
}  // namespace acie::paillier
