#include "kernels/crypto/paillier/Rearrange.h"

#include <algorithm>
#include <array>

#include "runtime/status/Errors.h"

namespace acie::paillier {
namespace {

/// All ciphertexts as rows of digits, a pointer to each in `where`.
void append_rows(const Ciphertexts& from, uint64_t* rows, std::vector<const uint64_t*>& where) {
  const int n = from.key().modulus().digits();
  const size_t row = bigint::row_words(n);
  for (size_t i = 0; i < from.blocks(); ++i) bigint::scatter(from.key().kernels(), rows + i * kLanes * row, from.block(i), n);
  for (size_t i = 0; i < from.size(); ++i) where.push_back(rows + i * row);
}

size_t rows_of(const Ciphertexts& from) {
  return from.blocks() * kLanes * bigint::row_words(from.key().modulus().digits());
}

/// `count` ciphertexts from the rows that `row_at` gives; lanes beyond the last keep the 1 they have.
template <typename RowAt>
Ciphertexts from_rows(const PublicKey& key, size_t count, RowAt row_at) {
  const int n = key.modulus().digits();
  Ciphertexts result(key, count);
  Words one(kLanes * bigint::row_words(n));
  bigint::scatter(key.kernels(), one.data(), key.modulus().one(), n);
  for (size_t i = 0; i < result.blocks(); ++i) {
    std::array<const uint64_t*, kLanes> lanes;
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const size_t index = i * kLanes + lane;
      lanes[lane] = index < count ? row_at(index) : one.data();
    }
    key.kernels().gather(result.block(i), lanes.data(), n);
  }
  return result;
}

}  // namespace

absl::StatusOr<Ciphertexts> select(const Ciphertexts& from, std::span<const int64_t> indices) {
  for (const int64_t index : indices)
    if (index < 0 || static_cast<size_t>(index) >= from.size()) return usage_error("a ciphertext is chosen that does not exist");
  Words rows(rows_of(from));
  std::vector<const uint64_t*> where;
  append_rows(from, rows.data(), where);
  return from_rows(from.key(), indices.size(), [&](size_t i) { return where[static_cast<size_t>(indices[i])]; });
}

absl::StatusOr<Ciphertexts> join(std::span<const Ciphertexts* const> parts) {
  if (parts.empty()) return usage_error("no vectors of ciphertexts to join");
  size_t words = 0;
  for (const Ciphertexts* part : parts) {
    if (!(part->key() == parts[0]->key())) return usage_error("the ciphertexts are under different keys");
    words += rows_of(*part);
  }
  Words rows(words);
  std::vector<const uint64_t*> where;
  size_t at = 0;
  for (const Ciphertexts* part : parts) {
    append_rows(*part, rows.data() + at, where);
    at += rows_of(*part);
  }
  return from_rows(parts[0]->key(), where.size(), [&](size_t i) { return where[i]; });
}

}  // namespace acie::paillier
