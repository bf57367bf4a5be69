#include "kernels/crypto/paillier/Randomizers.h"

#include <algorithm>
#include <utility>

#include "kernels/crypto/paillier/Numbers.h"
#include "kernels/crypto/paillier/Plaintexts.h"
#include "kernels/crypto/paillier/PrivateKey.h"
#include "kernels/crypto/paillier/Secrecy.h"

namespace acie::paillier {
namespace {

absl::Status fill(Words& words) {
  return secure::fill_random({reinterpret_cast<uint8_t*>(words.data()), words.size() * 8});
}

/// A number from 1 to limit − 1, uniform: drawn until it fits. What is rejected tells nothing of what is not.
absl::Status draw_below(uint64_t* out, const Words& limit, int bits) {
  const int words = static_cast<int>(limit.size());
  Words candidate(limit.size()), zero(limit.size());
  for (;;) {
    ACIE_RETURN_IF_ERROR(fill(candidate));
    if (bits % 64 != 0) candidate[limit.size() - 1] &= (uint64_t{1} << (bits % 64)) - 1;
    if (at_most(limit.data(), candidate.data(), words) == 0 && at_most(candidate.data(), zero.data(), words) == 0) break;
  }
  std::copy(candidate.data(), candidate.data() + words, out);
  return absl::OkStatus();
}

/// h = (−x²)^n mod n² for x uniform; x is wiped.
absl::StatusOr<Number> draw_base(const PublicKey& key) {
  Words limit(static_cast<size_t>(key.words())), x(limit.size());
  ACIE_RETURN_IF_ERROR(to_words(limit, key.n()));
  ACIE_RETURN_IF_ERROR(draw_below(x.data(), limit, key.bits()));
  const secure::BignumContext context(BN_CTX_secure_new());
  Number h = secure::make_bignum();
  if (!context || !h ||
      BN_lebin2bn(reinterpret_cast<const unsigned char*>(x.data()), static_cast<int>(x.size() * 8), h.get()) == nullptr ||
      BN_mod_sqr(h.get(), h.get(), key.n(), context.get()) != 1 || BN_sub(h.get(), key.n(), h.get()) != 1 ||
      BN_mod_exp_mont(h.get(), h.get(), key.n(), key.n_squared(), context.get(), nullptr) != 1)
    return numbers_failed();
  return h;
}

absl::StatusOr<std::shared_ptr<const bigint::FixedBase>> table_of(const Modulus& m, const BIGNUM* base, int bits) {
  Scratch s(m.digits());
  Words block(m.words());
  ACIE_RETURN_IF_ERROR(m.load(block.data(), {&base, 1}, s));
  m.to_montgomery(block.data(), block.data(), s);
  return std::make_shared<const bigint::FixedBase>(m, block.data(), bits);
}

/// Fresh exponents of `bits` bits for `blocks` blocks.
absl::StatusOr<Words> draw_exponents(int bits, int blocks) {
  Words result(static_cast<size_t>(kLanes * blocks) * static_cast<size_t>((bits + 63) / 64));
  ACIE_RETURN_IF_ERROR(fill(result));
  mark_secret(result.data(), result.size() * 8);
  return result;
}

bigint::Exponents view(const Words& exponents, int bits) { return {exponents.data(), (bits + 63) / 64, bits}; }

}  // namespace

int exponent_bits(Randomness how, int bits) {
  if (how == Randomness::kAnyKey) return bits;
  const int half = (bits + 1) / 2;
  if (how == Randomness::kHalf) return half;
  // Strength by NIST SP 800-57, part 1, table 2, rounded up between its lines.
  const int strength = bits <= 2048 ? 112 : bits <= 3072 ? 128 : bits <= 7680 ? 192 : 256;
  return std::min(half, 4 * strength);
}

absl::StatusOr<Randomizers> Randomizers::create(const PublicKey& key, Randomness how) {
  Randomizers result(key, how);
  result.bits_ = exponent_bits(how, key.bits());
  if (how == Randomness::kAnyKey) return result;
  ACIE_ASSIGN_OR_RETURN(const Number h, draw_base(key));
  ACIE_ASSIGN_OR_RETURN(result.table_, table_of(key.modulus(), h.get(), result.bits_));
  return result;
}

absl::StatusOr<Randomizers> Randomizers::create(std::shared_ptr<const PrivateKey> key, Randomness how) {
  if (how == Randomness::kAnyKey) return create(key->public_key(), how);
  Randomizers result(key->public_key(), how);
  result.bits_ = exponent_bits(how, key->public_key().bits());
  ACIE_ASSIGN_OR_RETURN(Number h, draw_base(key->public_key()));
  const secure::BignumContext context(BN_CTX_secure_new());
  const Number p = secure::make_bignum(), q = secure::make_bignum();
  if (!context || !p || !q || BN_mod(p.get(), h.get(), key->p_squared(), context.get()) != 1 ||
      BN_mod(q.get(), h.get(), key->q_squared(), context.get()) != 1)
    return numbers_failed();
  ACIE_ASSIGN_OR_RETURN(result.p_table_, table_of(key->p2(), p.get(), result.bits_));
  ACIE_ASSIGN_OR_RETURN(result.q_table_, table_of(key->q2(), q.get(), result.bits_));
  result.private_key_ = std::move(key);
  return result;
}

size_t Randomizers::table_bytes() const {
  size_t bytes = 0;
  for (const auto& table : {table_, p_table_, q_table_})
    if (table) bytes += table->bytes();
  return bytes;
}

absl::Status Randomizers::take_any(uint64_t* block, Scratch& s) {
  const Modulus& m = key_.modulus();
  const int words = key_.words();
  Words limit(static_cast<size_t>(words)), r(limit.size()), base(m.words());
  ACIE_RETURN_IF_ERROR(to_words(limit, key_.n()));
  for (size_t lane = 0; lane < kLanes; ++lane) {
    ACIE_RETURN_IF_ERROR(draw_below(r.data(), limit, key_.bits()));
    bigint::row_from_words(s.rows.data() + lane * bigint::row_words(m.digits()), m.digits(), key_.kernels().radix, r.data(),
                           words);
  }
  bigint::gather(key_.kernels(), base.data(), s.rows.data(), m.digits());
  m.to_montgomery(base.data(), base.data(), s);
  bigint::power_public(m, block, base.data(), limit.data(), key_.bits(), s);  // the exponent n is public
  return absl::OkStatus();
}

absl::Status Randomizers::take_some(uint64_t* blocks, int count, Scratch& s) {
  ACIE_ASSIGN_OR_RETURN(const Words alpha, draw_exponents(bits_, count));
  if (private_key_ == nullptr) {
    table_->power(key_.modulus(), blocks, view(alpha, bits_), count, s);
    return absl::OkStatus();
  }
  ACIE_ASSIGN_OR_RETURN(const Words beta, draw_exponents(bits_, count));
  const PrivateKey& key = *private_key_;
  Words p(key.p2().words() * static_cast<size_t>(count)), q(key.q2().words() * static_cast<size_t>(count));
  p_table_->power(key.p2(), p.data(), view(alpha, bits_), count, s);
  q_table_->power(key.q2(), q.data(), view(beta, bits_), count, s);
  for (size_t i = 0; i < static_cast<size_t>(count); ++i)
    key.join_squares(blocks + i * key_.modulus().words(), p.data() + i * key.p2().words(), q.data() + i * key.q2().words(), s);
  return absl::OkStatus();
}

absl::Status Randomizers::take(uint64_t* blocks, size_t count, Scratch& s) {
  const size_t step = how_ == Randomness::kAnyKey ? 1 : kBlocksAtATime;
  for (size_t i = 0; i < blocks_of(count); i += step) {
    uint64_t* const at = blocks + i * key_.modulus().words();
    ACIE_RETURN_IF_ERROR(how_ == Randomness::kAnyKey ? take_any(at, s)
                                                     : take_some(at, static_cast<int>(std::min(step, blocks_of(count) - i)), s));
  }
  return absl::OkStatus();
}

}  // namespace acie::paillier
