// Arithmetic on integers in two's complement, `words` words of 64 bits each: what ciphertexts hold, at the parties that see it.
//
// Results go into as many words as their declared interval takes. One that does not fit is an error (Run): the compiler proved
// an interval that does not hold, and nothing else in the runtime relies on it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/crypto/bigint/Words.h"
#include "runtime/package/Integer.h"

namespace acie::secret {

using bigint::Words;
using package::Integer;

struct Numbers {
  int words = 1;
  size_t count = 0;
  Words data;

  Numbers() = default;
  Numbers(int words, size_t count) : words(words), count(count), data(static_cast<size_t>(words) * count) {}

  uint64_t* at(size_t i) { return data.data() + i * static_cast<size_t>(words); }
  const uint64_t* at(size_t i) const { return data.data() + i * static_cast<size_t>(words); }
  Integer integer(size_t i) const { return Integer::from_words({at(i), static_cast<size_t>(words)}); }
  absl::Status set(size_t i, const Integer& value);
  Numbers copy() const;
};

/// The same integers in `words` words.
absl::StatusOr<Numbers> resized(const Numbers& from, int words);

/// Number i of the result is number indices[i] of `from`.
Numbers select(const Numbers& from, std::span<const int64_t> indices);

enum class Arithmetic { Add, Subtract, Multiply };
/// Element by element, of equal counts.
absl::StatusOr<Numbers> combine(Arithmetic how, const Numbers& a, const Numbers& b, int words);
absl::StatusOr<Numbers> negate(const Numbers& a, int words);

/// a [rows, inner] times b [inner, columns].
absl::StatusOr<Numbers> product(const Numbers& a, const Numbers& b, size_t rows, size_t inner, size_t columns, int words);

/// Sums of `terms` neighbours each.
absl::StatusOr<Numbers> sums(const Numbers& a, size_t terms, int words);

/// Each as an int64. Errors (Run): one that does not fit, which no key's plaintexts times it would either.
absl::StatusOr<std::vector<int64_t>> as_int64(const Numbers& a);

}  // namespace acie::secret
