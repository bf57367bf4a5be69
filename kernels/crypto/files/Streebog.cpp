// Names (g, LPS, N, Σ) are those of RFC 6986, sections 7 and 8.

#include "kernels/crypto/files/Streebog.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "kernels/crypto/files/StreebogTables.h"

namespace acie::secure {
namespace {

using Block = std::array<uint64_t, 8>;

static_assert(std::endian::native == std::endian::little, "blocks are loaded as they lie in memory");

Block operator^(const Block& a, const Block& b) {
  Block c;
  for (size_t i = 0; i < 8; ++i) c[i] = a[i] ^ b[i];
  return c;
}

Block lps(const Block& in) {
  Block out;
  for (size_t i = 0; i < 8; ++i) {
    uint64_t word = 0;
    for (size_t j = 0; j < 8; ++j) word ^= streebog::kTable[j][in[j] >> 8 * i & 255];
    out[i] = word;
  }
  return out;
}

Block g(const Block& n, const Block& h, const Block& m) {
  Block key = lps(h ^ n), state = m;
  for (const auto& printed : streebog::kRound) {
    Block constant;
    for (size_t i = 0; i < 8; ++i) constant[i] = printed[7 - i];
    state = lps(state ^ key);
    key = lps(key ^ constant);
  }
  return state ^ key ^ h ^ m;
}

/// a += b modulo 2^512.
void add(Block& a, const Block& b) {
  uint64_t carry = 0;
  for (size_t i = 0; i < 8; ++i) {
    const uint64_t sum = a[i] + b[i], whole = sum + carry;
    carry = static_cast<uint64_t>(sum < a[i]) | static_cast<uint64_t>(whole < sum);
    a[i] = whole;
  }
}

Block load(const char* bytes) {
  Block block;
  std::memcpy(block.data(), bytes, sizeof block);
  return block;
}

}  // namespace

Streebog::Streebog(int bits) : bits_(bits) { hash_.fill(bits == 512 ? 0 : 0x0101010101010101); }

void Streebog::absorb(const Block& block, uint64_t bits) {
  hash_ = g(count_, hash_, block);
  add(count_, {bits});
  add(sum_, block);
}

void Streebog::update(std::string_view bytes) {
  while (!bytes.empty()) {
    if (pending_size_ == 0 && bytes.size() >= 64) {
      absorb(load(bytes.data()), 512);
      bytes.remove_prefix(64);
      continue;
    }
    const size_t count = std::min(64 - pending_size_, bytes.size());
    std::memcpy(pending_.data() + pending_size_, bytes.data(), count);
    bytes.remove_prefix(count);
    pending_size_ += count;
    if (pending_size_ < 64) continue;
    absorb(load(pending_.data()), 512);
    pending_size_ = 0;
  }
}

std::string Streebog::finish() {
  std::fill(pending_.begin() + static_cast<std::ptrdiff_t>(pending_size_), pending_.end(), '\0');
  pending_[pending_size_] = 1;
  absorb(load(pending_.data()), 8 * pending_size_);
  hash_ = g({}, hash_, count_);
  hash_ = g({}, hash_, sum_);
  const std::string_view bytes(reinterpret_cast<const char*>(hash_.data()), 64);
  return std::string(bits_ == 512 ? bytes : bytes.substr(32));
}

}  // namespace acie::secure
