#include "kernels/crypto/paillier/Operations.h"

#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/crypto/bigint/Power.h"
#include "kernels/crypto/paillier/Numbers.h"
#include "kernels/crypto/paillier/Secrecy.h"

namespace acie::paillier {
namespace {

/// (1 + m·n) in Montgomery's form, below 3n², from plaintexts.
absl::Status with_plaintexts(const PublicKey& key, uint64_t* block, const uint64_t* values, int words, int count, Scratch& s) {
  ACIE_RETURN_IF_ERROR(encode(key, block, values, words, count, s));
  const Modulus& m = key.modulus();
  m.multiply(block, block, key.n_r2(), s);
  m.kernels().add(block, block, m.one(), m.digits());
  return absl::OkStatus();
}

int lanes_in(size_t block, size_t count) { return static_cast<int>(std::min<size_t>(kLanes, count - block * kLanes)); }

const uint64_t* values_of(const uint64_t* values, int words, size_t block) {
  return values + block * kLanes * static_cast<size_t>(words);
}

/// Calls use(i, ρ) for each block i of `ciphertexts` with fresh randomness for it.
template <class Use>
absl::Status hidden_blocks(RandomSource& random, const Ciphertexts& ciphertexts, Use use, Scratch& s) {
  const size_t words = random.key().modulus().words(), size = ciphertexts.size();
  constexpr size_t kStep = kBlocksAtATime;
  Words hidden(words * std::min(kStep, ciphertexts.blocks()));
  for (size_t first = 0; first < ciphertexts.blocks(); first += kStep) {
    ACIE_RETURN_IF_ERROR(random.take(hidden.data(), std::min(size - first * kLanes, kStep * kLanes), s));
    for (size_t i = first; i < std::min(first + kStep, ciphertexts.blocks()); ++i)
      ACIE_RETURN_IF_ERROR(use(i, hidden.data() + (i - first) * words));
  }
  return absl::OkStatus();
}

/// out = 1/a mod n²: the inverse x modulo n, then x·(2 − a·x), which is right modulo n². Half the time of one inversion.
absl::Status invert(const PublicKey& key, BIGNUM* out, const BIGNUM* a, BN_CTX* context) {
  const Number rest = secure::make_bignum();
  if (!rest || BN_mod(rest.get(), a, key.n(), context) != 1) return numbers_failed();
  ERR_set_mark();
  const bool unit = BN_mod_inverse(out, rest.get(), key.n(), context) != nullptr;
  ERR_pop_to_mark();
  if (!unit) return refused_error("a ciphertext has no inverse: damaged or forged");
  if (BN_mod_mul(rest.get(), a, out, key.n_squared(), context) != 1 ||
      BN_sub(rest.get(), key.n_squared(), rest.get()) != 1 || BN_add_word(rest.get(), 2) != 1 ||
      BN_mod_mul(out, out, rest.get(), key.n_squared(), context) != 1)
    return numbers_failed();
  return absl::OkStatus();
}

/// out = the inverse of each lane of `block`, Montgomery's trick within the block.
absl::Status invert_block(const PublicKey& key, uint64_t* out, const uint64_t* block, Scratch& s) {
  const Modulus& m = key.modulus();
  const secure::BignumContext context(BN_CTX_new());
  if (!context) return numbers_failed();
  Words plain(m.words());
  m.from_montgomery(plain.data(), block, s);
  std::vector<Number> value(kLanes), product(kLanes), result(kLanes);
  for (size_t lane = 0; lane < kLanes; ++lane) {
    value[lane] = secure::make_bignum();
    product[lane] = secure::make_bignum();
    result[lane] = secure::make_bignum();
    if (!value[lane] || !product[lane] || !result[lane]) return numbers_failed();
    ACIE_RETURN_IF_ERROR(m.store(value[lane].get(), plain.data(), static_cast<int>(lane), s));
    const BIGNUM* before = lane == 0 ? BN_value_one() : product[lane - 1].get();
    if (BN_mod_mul(product[lane].get(), before, value[lane].get(), key.n_squared(), context.get()) != 1)
      return numbers_failed();
  }
  const Number running = secure::make_bignum();
  if (!running) return numbers_failed();
  ACIE_RETURN_IF_ERROR(invert(key, running.get(), product[kLanes - 1].get(), context.get()));
  std::vector<const BIGNUM*> pointers(kLanes);
  for (size_t lane = kLanes; lane-- > 0;) {
    const BIGNUM* before = lane == 0 ? BN_value_one() : product[lane - 1].get();
    if (BN_mod_mul(result[lane].get(), running.get(), before, key.n_squared(), context.get()) != 1 ||
        BN_mod_mul(running.get(), running.get(), value[lane].get(), key.n_squared(), context.get()) != 1)
      return numbers_failed();
    pointers[lane] = result[lane].get();
  }
  ACIE_RETURN_IF_ERROR(m.load(out, pointers, s));
  m.to_montgomery(out, out, s);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Ciphertexts> encrypt(RandomSource& random, const uint64_t* values, int words, size_t count) {
  const PublicKey& key = random.key();
  const Modulus& m = key.modulus();
  if (words < 1) return usage_error("a plaintext takes one word or more");
  Ciphertexts result(key, count);
  Scratch s(m.digits());
  ACIE_RETURN_IF_ERROR(hidden_blocks(random, result, [&](size_t i, const uint64_t* hidden) -> absl::Status {
    ACIE_RETURN_IF_ERROR(
        with_plaintexts(key, result.block(i), values_of(values, words, i), words, lanes_in(i, count), s));
    m.multiply(result.block(i), result.block(i), hidden, s);
    mark_public(result.block(i), m.words() * 8);
    return absl::OkStatus();
  }, s));
  return result;
}

absl::StatusOr<Ciphertexts> add(const Ciphertexts& a, const Ciphertexts& b, const Parallel& parallel) {
  ACIE_RETURN_IF_ERROR(check_alike(a, b));
  constexpr size_t kLeast = 32, kMost = 1024;  // blocks that are worth a thread's start, and that others need not wait for
  const Modulus& m = a.key().modulus();
  Ciphertexts result(a.key(), a.size());
  ACIE_RETURN_IF_ERROR(parallel.run(a.blocks(), parallel.slice(a.blocks(), kLeast, kMost), [&](size_t first, size_t count) {
    Scratch s(m.digits());
    for (size_t i = first; i < first + count; ++i) m.multiply_public(result.block(i), a.block(i), b.block(i), s);
    return absl::OkStatus();
  }));
  return result;
}

absl::StatusOr<Ciphertexts> subtract(const Ciphertexts& a, const Ciphertexts& b, const Parallel& parallel) {
  ACIE_RETURN_IF_ERROR(check_alike(a, b));
  ACIE_ASSIGN_OR_RETURN(const Ciphertexts minus, inverse(b));
  return add(a, minus, parallel);
}

absl::StatusOr<Ciphertexts> negate(const Ciphertexts& a) { return inverse(a); }

absl::StatusOr<Ciphertexts> add_plain(const Ciphertexts& a, const uint64_t* values, int words) {
  if (words < 1) return usage_error("a plaintext takes one word or more");
  const Modulus& m = a.key().modulus();
  Ciphertexts result(a.key(), a.size());
  Scratch s(m.digits());
  for (size_t i = 0; i < a.blocks(); ++i) {
    ACIE_RETURN_IF_ERROR(
        with_plaintexts(a.key(), result.block(i), values_of(values, words, i), words, lanes_in(i, a.size()), s));
    m.multiply(result.block(i), result.block(i), a.block(i), s);
  }
  return result;
}

absl::StatusOr<Ciphertexts> multiply_plain(const Ciphertexts& a, const uint64_t* values, int words, int bits) {
  if (words < 1 || bits < 1 || bits >= a.key().bits())
    return usage_error("a factor has at least one bit and fewer than the key");
  const Modulus& m = a.key().modulus();
  ACIE_ASSIGN_OR_RETURN(const Ciphertexts minus, inverse(a));
  Ciphertexts result(a.key(), a.size());
  Scratch s(m.digits());
  const int size = std::max(words, (bits + 63) / 64);
  Words exponents(static_cast<size_t>(kLanes * size)), base(m.words()), limit(static_cast<size_t>(size));
  limit[static_cast<size_t>(bits / 64 < size ? bits / 64 : 0)] = bits / 64 < size ? uint64_t{1} << (bits % 64) : 0;
  for (int w = 0, borrow = 1; w < size && borrow != 0; ++w) {  // 2^bits − 1
    borrow = limit[static_cast<size_t>(w)] == 0 ? 1 : 0;
    limit[static_cast<size_t>(w)] -= 1;
  }
  uint64_t fits = ~uint64_t{0};
  for (size_t i = 0; i < a.blocks(); ++i) {
    std::memset(exponents.data(), 0, exponents.size() * 8);
    uint8_t negative = 0;
    for (int lane = 0; lane < lanes_in(i, a.size()); ++lane) {
      uint64_t* row = exponents.data() + static_cast<ptrdiff_t>(lane) * size;
      std::memcpy(row, values_of(values, words, i) + static_cast<ptrdiff_t>(lane) * words, static_cast<size_t>(words) * 8);
      negative |= static_cast<uint8_t>((to_magnitude(row, words) & 1) << lane);
      fits &= at_most(row, limit.data(), size);
    }
    mark_public(&fits, sizeof fits);
    if (fits == 0)
      return bad_data_error("a factor has more than the " + std::to_string(bits) + " bits that were said");
    m.kernels().blend(base.data(), negative, minus.block(i), a.block(i), m.digits());
    bigint::power(m, result.block(i), base.data(), {exponents.data(), size, bits}, s);
  }
  return result;
}

absl::Status rerandomize(Ciphertexts& ciphertexts, RandomSource& random) {
  if (!(ciphertexts.key() == random.key())) return usage_error("the randomness is for another key");
  const Modulus& m = ciphertexts.key().modulus();
  Scratch s(m.digits());
  return hidden_blocks(random, ciphertexts, [&](size_t i, const uint64_t* hidden) {
    m.multiply(ciphertexts.block(i), ciphertexts.block(i), hidden, s);
    return absl::OkStatus();
  }, s);
}

// Montgomery's trick: one inversion for the product of all, then two products for each on the way back.
absl::StatusOr<Ciphertexts> inverse(const Ciphertexts& a) {
  const Modulus& m = a.key().modulus();
  Ciphertexts result(a.key(), a.size());
  if (a.size() == 0) return result;
  Scratch s(m.digits());
  // result[i] holds the product of the blocks before i.
  for (size_t i = 1; i < a.blocks(); ++i) m.multiply_public(result.block(i), result.block(i - 1), a.block(i - 1), s);
  Words running(m.words());
  const size_t last = a.blocks() - 1;
  m.multiply_public(running.data(), result.block(last), a.block(last), s);
  ACIE_RETURN_IF_ERROR(invert_block(a.key(), running.data(), running.data(), s));
  for (size_t i = a.blocks(); i-- > 0;) {
    m.multiply_public(result.block(i), result.block(i), running.data(), s);
    m.multiply_public(running.data(), running.data(), a.block(i), s);
  }
  return result;
}

}  // namespace acie::paillier
