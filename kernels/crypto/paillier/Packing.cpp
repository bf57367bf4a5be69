#include "kernels/crypto/paillier/Packing.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "runtime/status/Errors.h"

namespace acie::paillier {
namespace {

absl::Status check_bits(const PublicKey& key, int bits) {
  if (bits < 1 || bits > 63 || slots_of(key, bits) < 1) return usage_error("slots have 1 to 63 bits and fit into the key");
  return absl::OkStatus();
}

/// row += value·2^shift, both two's complement.
void add_shifted(uint64_t* row, int words, int64_t value, int shift) {
  const int word = shift / 64, bit = shift % 64;
  const auto low = static_cast<uint64_t>(value) << bit;
  const auto high = static_cast<uint64_t>((value >> 1) >> (63 - bit));  // the sign where bit is 0
  const uint64_t sign = static_cast<uint64_t>(value >> 63);
  uint64_t carry = 0;
  for (int w = word; w < words; ++w) {
    const uint64_t term = w == word ? low : w == word + 1 ? high : sign;
    const unsigned __int128 sum = static_cast<unsigned __int128>(row[w]) + term + carry;
    row[w] = static_cast<uint64_t>(sum);
    carry = static_cast<uint64_t>(sum >> 64);
  }
}

/// `bits` bits from `first`, as a signed number.
int64_t digit_at(const uint64_t* row, int words, int first, int bits) {
  const int word = first / 64, shift = first % 64;
  uint64_t value = row[word] >> shift;
  if (shift != 0 && word + 1 < words) value |= row[word + 1] << (64 - shift);
  return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits);
}

}  // namespace

int slots_of(const PublicKey& key, int bits) { return (key.bits() - 3) / bits; }  // the limit is above 2^(bits−3)

absl::StatusOr<Words> pack(const PublicKey& key, const int64_t* values, size_t count, int bits) {
  ACIE_RETURN_IF_ERROR(check_bits(key, bits));
  const auto slots = static_cast<size_t>(slots_of(key, bits)), words = static_cast<size_t>(key.words());
  Words result((count + slots - 1) / slots * words);
  for (size_t i = 0; i < count; ++i) {
    if (values[i] < -(int64_t{1} << (bits - 1)) || values[i] >= int64_t{1} << (bits - 1))
      return bad_data_error("value " + std::to_string(i) + " does not fit into a slot of " + std::to_string(bits) + " bits");
    add_shifted(result.data() + i / slots * words, key.words(), values[i], static_cast<int>(i % slots) * bits);
  }
  return result;
}

std::vector<int64_t> unpack(const PublicKey& key, const uint64_t* plaintexts, size_t count, int bits) {
  const auto slots = static_cast<size_t>(slots_of(key, bits)), words = static_cast<size_t>(key.words());
  std::vector<int64_t> result(count);
  Words row(words);
  for (size_t i = 0; i < count; ++i) {
    if (i % slots == 0) std::memcpy(row.data(), plaintexts + i / slots * words, words * 8);
    const int first = static_cast<int>(i % slots) * bits;
    result[i] = digit_at(row.data(), key.words(), first, bits);
    add_shifted(row.data(), key.words(), -result[i], first);  // a negative digit borrowed from those above
  }
  return result;
}

absl::StatusOr<Ciphertexts> pack_encrypted(const Ciphertexts& values, size_t each, int bits) {
  const PublicKey& key = values.key();
  ACIE_RETURN_IF_ERROR(check_bits(key, bits));
  if (each == 0 ? values.size() > 0 : values.size() % each != 0)
    return usage_error(std::to_string(values.size()) + " ciphertexts are no rows of " + std::to_string(each));
  const Modulus& m = key.modulus();
  const int n = m.digits();
  const size_t row = bigint::row_words(n);
  const auto slots = static_cast<size_t>(slots_of(key, bits));
  const size_t per_row = (each + slots - 1) / slots;
  Ciphertexts result(key, each == 0 ? 0 : values.size() / each * per_row);
  Scratch s(n);
  Words rows((values.blocks() + 1) * kLanes * row), term(m.words());
  for (size_t i = 0; i < values.blocks(); ++i) bigint::scatter(key.kernels(), rows.data() + i * kLanes * row, values.block(i), n);
  const size_t one = values.blocks() * kLanes;
  bigint::scatter(key.kernels(), rows.data() + one * row, m.one(), n);
  for (size_t i = 0; i < result.blocks(); ++i)
    // Horner's rule in the exponent, from the uppermost slot that any row fills.
    for (size_t slot = std::min(slots, each); slot-- > 0;) {
      std::array<const uint64_t*, kLanes> lanes;
      for (size_t lane = 0; lane < kLanes; ++lane) {
        const size_t at = i * kLanes + lane, element = at % per_row * slots + slot;
        const bool filled = at < result.size() && element < each;
        lanes[lane] = rows.data() + (filled ? at / per_row * each + element : one) * row;
      }
      for (int k = 0; k < bits; ++k) m.square(result.block(i), result.block(i), s);
      key.kernels().gather(term.data(), lanes.data(), n);
      m.multiply_public(result.block(i), result.block(i), term.data(), s);
    }
  return result;
}

}  // namespace acie::paillier
