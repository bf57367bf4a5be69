#include "kernels/crypto/paillier/Ciphertexts.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "kernels/crypto/files/Bignum.h"
#include "kernels/crypto/paillier/Numbers.h"
#include "kernels/crypto/paillier/Plaintexts.h"
#include "runtime/status/Errors.h"

namespace acie::paillier {
namespace {

absl::Status refused() { return refused_error("the ciphertexts are damaged, forged, or under another key"); }

uint64_t reversed(uint64_t word) { return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word; }

/// Words from big-endian bytes, as many words as these need.
void from_bytes(Words& out, const char* bytes, size_t count) {
  const size_t whole = count / 8, rest = count % 8;
  for (size_t i = 0; i < whole; ++i) {
    uint64_t word;
    std::memcpy(&word, bytes + count - 8 * (i + 1), 8);
    out[i] = reversed(word);
  }
  if (rest == 0) return;
  out[whole] = 0;
  for (size_t i = 0; i < rest; ++i) out[whole] = out[whole] << 8 | static_cast<unsigned char>(bytes[i]);
}

void to_bytes(char* bytes, size_t count, const Words& words) {
  const size_t whole = count / 8, rest = count % 8;
  for (size_t i = 0; i < whole; ++i) {
    const uint64_t word = reversed(words[i]);
    std::memcpy(bytes + count - 8 * (i + 1), &word, 8);
  }
  for (size_t i = 0; i < rest; ++i) bytes[rest - 1 - i] = static_cast<char>(words[whole] >> (8 * i));
}

/// Whether a number has an inverse modulo n. Not in constant time, much faster than OpenSSL's greatest common divisor, which is.
absl::StatusOr<bool> is_unit(const PublicKey& key, const BIGNUM* number) {
  const Number rest = secure::make_bignum();
  const secure::BignumContext context(BN_CTX_new());
  if (!rest || !context || BN_mod(rest.get(), number, key.n(), context.get()) != 1) return numbers_failed();
  ERR_set_mark();
  const bool unit = BN_mod_inverse(rest.get(), rest.get(), key.n(), context.get()) != nullptr;
  ERR_pop_to_mark();
  return unit;
}

}  // namespace

Ciphertexts::Ciphertexts(const PublicKey& key, size_t size)
    : key_(key), size_(size), data_((size + kLanes - 1) / kLanes * key.modulus().words()) {
  for (size_t i = 0; i < blocks(); ++i) std::memcpy(block(i), key.modulus().one(), key.modulus().words() * 8);
}

Ciphertexts Ciphertexts::copy() const {
  Ciphertexts result(key_, 0);
  result.size_ = size_;
  result.data_ = data_.copy();
  return result;
}

absl::StatusOr<Ciphertexts> Ciphertexts::read(const PublicKey& key, std::string_view bytes, size_t size) {
  const size_t each = key.ciphertext_bytes();
  if (bytes.size() % each != 0 || bytes.size() / each != size) return refused();
  const Modulus& m = key.modulus();
  const int n = m.digits();
  Ciphertexts result(key, size);
  Scratch s(n);
  const int words = static_cast<int>((each + 7) / 8);
  Words row(static_cast<size_t>(words)), limit(static_cast<size_t>(words)), zero(static_cast<size_t>(words));
  ACIE_RETURN_IF_ERROR(to_words(limit, key.n_squared()));
  limit[0] -= 1;  // n² is odd
  const size_t stride = bigint::row_words(n);
  for (size_t i = 0; i < result.blocks(); ++i) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const size_t index = i * kLanes + lane;
      if (index < size) {
        from_bytes(row, bytes.data() + index * each, each);
        if (at_most(row.data(), zero.data(), words) != 0 || at_most(row.data(), limit.data(), words) == 0) return refused();
      } else {
        std::memset(row.data(), 0, row.size() * 8);
        row[0] = 1;
      }
      bigint::row_from_words(s.rows.data() + lane * stride, n, key.kernels().radix, row.data(), words);
    }
    bigint::gather(key.kernels(), result.block(i), s.rows.data(), n);
    m.to_montgomery(result.block(i), result.block(i), s);
  }

  // All are units if and only if their product is one.
  Words product(m.words());
  product_of_all(key, product.data(), result, s);
  m.from_montgomery(product.data(), product.data(), s);
  const Number number = secure::make_bignum();
  if (!number) return numbers_failed();
  ACIE_RETURN_IF_ERROR(m.store(number.get(), product.data(), 0, s));
  ACIE_ASSIGN_OR_RETURN(const bool units, is_unit(key, number.get()));
  if (!units) return refused();
  return result;
}

std::string Ciphertexts::bytes() const {
  const Modulus& m = key_.modulus();
  const int n = m.digits();
  const size_t each = key_.ciphertext_bytes(), stride = bigint::row_words(n);
  std::string out(size_ * each, '\0');
  Scratch s(n);
  Words plain(m.words()), row((each + 7) / 8);
  for (size_t i = 0; i < blocks(); ++i) {
    m.from_montgomery(plain.data(), block(i), s);
    bigint::scatter(key_.kernels(), s.rows.data(), plain.data(), n);
    for (size_t lane = 0; lane < kLanes && i * kLanes + lane < size_; ++lane) {
      bigint::words_from_row(row.data(), static_cast<int>(row.size()), s.rows.data() + lane * stride, n,
                             key_.kernels().radix);
      to_bytes(out.data() + (i * kLanes + lane) * each, each, row);
    }
  }
  return out;
}

absl::Status check_alike(const Ciphertexts& a, const Ciphertexts& b) {
  if (!(a.key() == b.key())) return usage_error("ciphertexts under different keys cannot be combined");
  if (a.size() != b.size())
    return usage_error("vectors of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                       " ciphertexts cannot be combined");
  return absl::OkStatus();
}

void product_of_all(const PublicKey& key, uint64_t* out, const Ciphertexts& values, Scratch& s) {
  const Modulus& m = key.modulus();
  const int n = m.digits();
  std::memcpy(out, m.one(), m.words() * 8);
  for (size_t i = 0; i < values.blocks(); ++i) m.multiply_public(out, out, values.block(i), s);
  // Across the lanes: times itself, turned by 4, 2 and 1 lanes.
  Words turned(m.words());
  for (size_t by : {4, 2, 1}) {
    bigint::scatter(key.kernels(), s.rows.data(), out, n);
    std::array<const uint64_t*, kLanes> rows;
    for (size_t lane = 0; lane < kLanes; ++lane)
      rows[lane] = s.rows.data() + (lane + by) % kLanes * bigint::row_words(n);
    key.kernels().gather(turned.data(), rows.data(), n);
    m.multiply_public(out, out, turned.data(), s);
  }
}

}  // namespace acie::paillier
