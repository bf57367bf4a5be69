#include "kernels/crypto/paillier/Plaintexts.h"

#include <algorithm>
#include <cstring>

#include "kernels/crypto/paillier/Secrecy.h"
#include "runtime/status/Errors.h"

namespace acie::paillier {

uint64_t to_magnitude(uint64_t* row, int words) {
  const uint64_t negative = 0 - (row[words - 1] >> 63);
  uint64_t carry = negative & 1;
  for (int w = 0; w < words; ++w) {
    const unsigned __int128 sum = static_cast<unsigned __int128>(row[w] ^ negative) + carry;
    row[w] = static_cast<uint64_t>(sum);
    carry = static_cast<uint64_t>(sum >> 64);
  }
  return negative;
}

uint64_t at_most(const uint64_t* a, const uint64_t* b, int words) {
  uint64_t borrow = 0;  // of b − a
  for (int w = 0; w < words; ++w) {
    const unsigned __int128 difference = static_cast<unsigned __int128>(b[w]) - a[w] - borrow;
    borrow = static_cast<uint64_t>(difference >> 64) & 1;
  }
  return borrow - 1;
}

absl::Status encode(const PublicKey& key, uint64_t* block, const uint64_t* values, int words, int count, Scratch& s) {
  const Modulus& m = key.modulus();
  const int n = m.digits();
  const int size = std::max(words, key.words());
  Words magnitude(static_cast<size_t>(size)), limit(static_cast<size_t>(size));
  std::memcpy(limit.data(), key.limit().data(), key.limit().size() * 8);
  uint8_t negative = 0;
  uint64_t fits = ~uint64_t{0};
  for (int lane = 0; lane < kLanes; ++lane) {
    std::memset(magnitude.data(), 0, magnitude.size() * 8);
    if (lane < count) {
      std::memcpy(magnitude.data(), values + static_cast<ptrdiff_t>(lane) * words, static_cast<size_t>(words) * 8);
      negative |= static_cast<uint8_t>((to_magnitude(magnitude.data(), words) & 1) << lane);
      fits &= at_most(magnitude.data(), limit.data(), size);
    }
    bigint::row_from_words(s.rows.data() + static_cast<size_t>(lane) * bigint::row_words(n), n, key.kernels().radix,
                           magnitude.data(), size);
  }
  mark_public(&fits, sizeof fits);
  if (fits == 0)
    return bad_data_error("a value does not fit into the plaintexts of a key of " + std::to_string(key.bits()) +
                          " bits: the magnitude is at most a third of 2^" + std::to_string(key.bits() - 1));
  bigint::gather(key.kernels(), block, s.rows.data(), n);
  key.kernels().subtract(s.block.data(), key.n_block(), block, n);
  key.kernels().blend(block, negative, s.block.data(), block, n);
  return absl::OkStatus();
}

}  // namespace acie::paillier
