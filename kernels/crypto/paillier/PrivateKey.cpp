#include "kernels/crypto/paillier/PrivateKey.h"

#include <array>
#include <cstring>
#include <utility>

#include "kernels/crypto/bigint/Power.h"
#include "kernels/crypto/paillier/Numbers.h"
#include "kernels/crypto/paillier/Plaintexts.h"
#include "kernels/crypto/paillier/Secrecy.h"
#include "runtime/status/Errors.h"

namespace acie::paillier {
namespace {

using bigint::block_words;
using bigint::row_words;
using bigint::wide_words;

constexpr int kHalfLanes = kLanes / 2;

/// p in lanes 0 to 3, q in 4 to 7.
std::array<const BIGNUM*, kLanes> halves(const BIGNUM* p, const BIGNUM* q) {
  std::array<const BIGNUM*, kLanes> result;
  for (size_t lane = 0; lane < kLanes; ++lane) result[lane] = lane < kHalfLanes ? p : q;
  return result;
}

/// Four lanes of a, from `first_a`, then four lanes of b, from `first_b`.
void join_lanes(const bigint::Kernels& kernels, uint64_t* out, const uint64_t* a, size_t first_a, const uint64_t* b,
                size_t first_b, int n) {
  const size_t stride = row_words(n);
  Words rows(2 * kLanes * stride);
  bigint::scatter(kernels, rows.data(), a, n);
  bigint::scatter(kernels, rows.data() + kLanes * stride, b, n);
  std::array<const uint64_t*, kLanes> pointers;
  for (size_t lane = 0; lane < kHalfLanes; ++lane) {
    pointers[lane] = rows.data() + (first_a + lane) * stride;
    pointers[lane + kHalfLanes] = rows.data() + (kLanes + first_b + lane) * stride;
  }
  kernels.gather(out, pointers.data(), n);
}

/// Zero where the blocks are equal: all their words' differences.
uint64_t difference(const uint64_t* a, const uint64_t* b, int n) {
  uint64_t bits = 0;
  for (size_t i = 0; i < block_words(n); ++i) bits |= a[i] ^ b[i];
  return bits;
}

/// OpenSSL's functions in a row, of which any may fail.
class Computation {
 public:
  explicit Computation(BN_CTX* context) : context_(context) {}
  bool ok() const { return ok_; }
  Number number() {
    Number n = secure::make_bignum();
    ok_ = ok_ && n != nullptr;
    if (n) compute_in_constant_time(n);
    return n;
  }
  Number square(const BIGNUM* a) {
    Number r = number();
    ok_ = ok_ && BN_sqr(r.get(), a, context_) == 1;
    return r;
  }
  Number product(const BIGNUM* a, const BIGNUM* b) {
    Number r = number();
    ok_ = ok_ && BN_mul(r.get(), a, b, context_) == 1;
    return r;
  }
  Number inverse(const BIGNUM* a, const BIGNUM* m) {
    Number r = number();
    ok_ = ok_ && BN_mod_inverse(r.get(), a, m, context_) != nullptr;
    return r;
  }
  /// a·2^bits mod m, bits of either sign; m odd.
  Number scaled(const BIGNUM* a, int bits, const BIGNUM* m) {
    Number r = number(), power = number();
    ok_ = ok_ && BN_set_bit(power.get(), bits < 0 ? -bits : bits) == 1;
    if (bits < 0) power = inverse(power.get(), m);
    ok_ = ok_ && BN_mod_mul(r.get(), a, power.get(), m, context_) == 1;
    return r;
  }
  Number negative(const BIGNUM* a, const BIGNUM* m) {
    Number r = number();
    ok_ = ok_ && BN_nnmod(r.get(), a, m, context_) == 1 && BN_sub(r.get(), m, r.get()) == 1;
    return r;
  }

 private:
  BN_CTX* context_;
  bool ok_ = true;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const PrivateKey>> PrivateKey::create(const secure::PaillierNumbers& given,
                                                                     const KeyOptions& options) {
  secure::PaillierNumbers numbers;
  numbers.n = given.n;
  numbers.p = given.p.copy();
  numbers.q = given.q.copy();
  if (!numbers.is_private()) return usage_error("this key has no private half");
  ACIE_RETURN_IF_ERROR(secure::check_paillier(numbers, options.smallest_bits));
  ACIE_ASSIGN_OR_RETURN(PublicKey key, PublicKey::create(numbers.n, options));
  const Number p = secure::to_bignum(numbers.p.view()), q = secure::to_bignum(numbers.q.view());
  const secure::BignumContext context(BN_CTX_secure_new());
  if (!p || !q || !context) return numbers_failed();
  Computation compute(context.get());
  Number p_squared = compute.square(p.get()), q_squared = compute.square(q.get());
  if (!compute.ok()) return numbers_failed();

  const bigint::Kernels& kernels = *options.kernels;
  const int half_bits = BN_num_bits(p.get());  // p is the larger
  ACIE_ASSIGN_OR_RETURN(Modulus p2, same_lanes(kernels, p_squared.get(), 2 * half_bits));
  ACIE_ASSIGN_OR_RETURN(Modulus q2, same_lanes(kernels, q_squared.get(), 2 * half_bits));
  ACIE_ASSIGN_OR_RETURN(Modulus squares,
                        Modulus::create(kernels, halves(p_squared.get(), q_squared.get()), 2 * half_bits));
  ACIE_ASSIGN_OR_RETURN(Modulus primes, Modulus::create(kernels, halves(p.get(), q.get()), half_bits));
  ACIE_ASSIGN_OR_RETURN(Modulus n, same_lanes(kernels, key.n(), key.bits()));
  const std::shared_ptr<PrivateKey> result(new PrivateKey(std::move(key), std::move(p2), std::move(q2), std::move(squares),
                                                          std::move(primes), std::move(n)));
  result->p_squared_.reset(p_squared.release());
  result->q_squared_.reset(q_squared.release());
  ACIE_RETURN_IF_ERROR(result->prepare(p.get(), q.get()));
  return std::shared_ptr<const PrivateKey>(result);
}

absl::Status PrivateKey::prepare(const BIGNUM* p, const BIGNUM* q) {
  const bigint::Kernels& kernels = public_key_.kernels();
  const auto bits_of_r = [&](const Modulus& m) { return m.digits() * kernels.radix; };
  const BIGNUM *p2 = p_squared_.get(), *q2 = q_squared_.get();
  const secure::BignumContext context(BN_CTX_secure_new());
  if (!context) return numbers_failed();
  Computation compute(context.get());
  const auto load = [&](Words& out, const Modulus& m, const Number& a, const Number& b) -> absl::Status {
    if (!compute.ok()) return numbers_failed();
    Scratch s(m.digits());
    out = Words(m.words());
    return m.load(out.data(), halves(a.get(), b.get()), s);
  };
  const auto load_one = [&](Words& out, const Modulus& m, const Number& a) { return load(out, m, a, a); };

  exponent_bits_ = BN_num_bits(p);
  const int words = (exponent_bits_ + 63) / 64;
  same_words_ = (BN_num_bits(q) + 63) / 64 == words;
  exponents_ = Words(static_cast<size_t>(kLanes * words));
  for (size_t lane = 0; lane < kLanes; ++lane) {
    Words row(static_cast<size_t>(words));
    ACIE_RETURN_IF_ERROR(to_words(row, lane < kHalfLanes ? p : q));
    row[0] -= 1;  // odd
    std::memcpy(exponents_.data() + lane * static_cast<size_t>(words), row.data(), row.size() * 8);
  }

  const Number one = compute.number();
  if (!compute.ok() || BN_one(one.get()) != 1) return numbers_failed();
  const int r2 = bits_of_r(squares_), r1 = bits_of_r(primes_), rn = bits_of_r(n_), r4 = bits_of_r(public_key_.modulus());
  ACIE_RETURN_IF_ERROR(load(enter_, squares_, compute.scaled(one.get(), 3 * r2, p2), compute.scaled(one.get(), 3 * r2, q2)));

  const Number r_primes = compute.number();
  if (!compute.ok() || BN_set_bit(r_primes.get(), r1) != 1) return numbers_failed();
  ACIE_RETURN_IF_ERROR(
      load(inverse_, primes_, compute.inverse(p, r_primes.get()), compute.inverse(q, r_primes.get())));

  const Number minus_q = compute.negative(q, p), minus_p = compute.negative(p, q);
  if (!compute.ok()) return numbers_failed();
  ACIE_RETURN_IF_ERROR(load(minus_other_inverse_, primes_,
                            compute.scaled(compute.inverse(minus_q.get(), p).get(), r1, p),
                            compute.scaled(compute.inverse(minus_p.get(), q).get(), r1, q)));
  ACIE_RETURN_IF_ERROR(
      load(minus_other_, primes_, compute.scaled(minus_q.get(), 2 * r1, p), compute.scaled(minus_p.get(), 2 * r1, q)));

  const BIGNUM *n = public_key_.n(), *n2 = public_key_.n_squared();
  const Number ep = compute.product(q, compute.inverse(q, p).get()), eq = compute.product(p, compute.inverse(p, q).get());
  if (!compute.ok()) return numbers_failed();
  ACIE_RETURN_IF_ERROR(load_one(p_part_, n_, compute.scaled(ep.get(), rn, n)));
  ACIE_RETURN_IF_ERROR(load_one(q_part_, n_, compute.scaled(eq.get(), rn, n)));
  // ρ·R₂ times E over R₄ is to be ρ·R₄.
  const Number ep2 = compute.product(q2, compute.inverse(q2, p2).get()),
               eq2 = compute.product(p2, compute.inverse(p2, q2).get());
  if (!compute.ok()) return numbers_failed();
  ACIE_RETURN_IF_ERROR(load_one(p2_part_, public_key_.modulus(), compute.scaled(ep2.get(), 2 * r4 - r2, n2)));
  ACIE_RETURN_IF_ERROR(load_one(q2_part_, public_key_.modulus(), compute.scaled(eq2.get(), 2 * r4 - r2, n2)));
  for (const Words* words : {&exponents_, &enter_, &inverse_, &minus_other_inverse_, &minus_other_, &p_part_, &q_part_,
                             &p2_part_, &q2_part_})
    mark_secret(words->data(), words->size() * 8);
  return absl::OkStatus();
}

void PrivateKey::join_squares(uint64_t* out, const uint64_t* a, const uint64_t* b, Scratch& s) const {
  const Modulus& m = public_key_.modulus();
  Words left(m.words()), right(m.words());
  m.kernels().resize(left.data(), m.digits(), a, squares_.digits());
  m.kernels().resize(right.data(), m.digits(), b, squares_.digits());
  m.multiply(left.data(), left.data(), p2_part_.data(), s);
  m.multiply(right.data(), right.data(), q2_part_.data(), s);
  m.kernels().add(out, left.data(), right.data(), m.digits());
}

/// Four ciphertexts, each modulo p² and modulo q².
struct PrivateKey::Half {
  Half(int n2, int n1) : wide(wide_words(n2)), x(block_words(n2)), t(block_words(n1)), m(block_words(n1)) {}
  Words wide;  // the ciphertexts, 2·n2 digits
  Words x;     // c^(p−1)
  Words t, m;  // (x − 1)/p, the plaintext modulo p
};

/// From `wide` to the plaintext modulo p and q; not zero where x − 1 is no multiple of p.
uint64_t PrivateKey::exponentiate(Half& half, Scratch& s) const {
  const bigint::Kernels& kernels = public_key_.kernels();
  const int n2 = squares_.digits(), n1 = primes_.digits();
  kernels.reduce(half.x.data(), half.wide.data(), squares_.view());
  squares_.multiply(half.x.data(), half.x.data(), enter_.data(), s);
  const int words = static_cast<int>(exponents_.size()) / kLanes;
  Words power(squares_.words());
  bigint::power(squares_, power.data(), half.x.data(),
                {exponents_.data(), words, exponent_bits_, same_words_}, s);
  squares_.from_montgomery(half.x.data(), power.data(), s);

  // x − 1 = p·t: exact division is multiplication by 1/p modulo R.
  kernels.subtract(half.x.data(), half.x.data(), squares_.unit(), n2);
  Words low(block_words(n1)), wide(wide_words(n1)), whole(block_words(2 * n1)), expected(block_words(2 * n1));
  kernels.resize(low.data(), n1, half.x.data(), n2);
  kernels.product(wide.data(), low.data(), inverse_.data(), n1);
  kernels.resize(half.t.data(), n1, wide.data(), 2 * n1);
  kernels.product(wide.data(), half.t.data(), primes_.m(), n1);
  kernels.resize(whole.data(), 2 * n1, wide.data(), 2 * n1);
  kernels.resize(expected.data(), 2 * n1, half.x.data(), n2);
  const uint64_t fault = difference(whole.data(), expected.data(), 2 * n1);

  primes_.multiply(half.m.data(), half.t.data(), minus_other_inverse_.data(), s);
  primes_.canonical(half.m.data(), half.m.data(), s);
  return fault;
}

absl::Status PrivateKey::decrypt_block(uint64_t* out, int words, int count, const uint64_t* block, Scratch& s) const {
  const bigint::Kernels& kernels = public_key_.kernels();
  const Modulus& m4 = public_key_.modulus();
  const int n4 = m4.digits(), n2 = squares_.digits(), n1 = primes_.digits(), nn = n_.digits();
  uint64_t fault = 0;

  Words plain(m4.words()), four(m4.words());
  m4.multiply(plain.data(), block, m4.unit(), s);
  std::array<Half, 2> parts = {Half(n2, n1), Half(n2, n1)};
  const int used = count > kHalfLanes ? 2 : 1;
  for (int i = 0; i < used; ++i) {
    const auto first = static_cast<size_t>(i * kHalfLanes);
    join_lanes(kernels, four.data(), plain.data(), first, plain.data(), first, n4);
    kernels.resize(parts[static_cast<size_t>(i)].wide.data(), 2 * n2, four.data(), n4);
    fault |= exponentiate(parts[static_cast<size_t>(i)], s);
  }
  if (used == 1) std::memcpy(parts[1].m.data(), parts[0].m.data(), parts[0].m.size() * 8);

  // m from its halves, below n.
  Words mp(block_words(n1)), mq(block_words(n1)), left(n_.words()), right(n_.words()), m(n_.words());
  join_lanes(kernels, mp.data(), parts[0].m.data(), 0, parts[1].m.data(), 0, n1);
  join_lanes(kernels, mq.data(), parts[0].m.data(), kHalfLanes, parts[1].m.data(), kHalfLanes, n1);
  kernels.resize(left.data(), nn, mp.data(), n1);
  kernels.resize(right.data(), nn, mq.data(), n1);
  n_.multiply(left.data(), left.data(), p_part_.data(), s);
  n_.multiply(right.data(), right.data(), q_part_.data(), s);
  kernels.add(m.data(), left.data(), right.data(), nn);
  n_.multiply(m.data(), m.data(), n_.one(), s);
  n_.canonical(m.data(), m.data(), s);

  // The second check: −m·q mod p is t again.
  Words wide(wide_words(n1)), again(block_words(n1)), both(n_.words());
  for (int i = 0; i < used; ++i) {
    const auto first = static_cast<size_t>(i * kHalfLanes);
    join_lanes(kernels, both.data(), m.data(), first, m.data(), first, nn);
    kernels.resize(wide.data(), 2 * n1, both.data(), nn);
    kernels.reduce(again.data(), wide.data(), primes_.view());
    primes_.multiply(again.data(), again.data(), minus_other_.data(), s);
    primes_.canonical(again.data(), again.data(), s);
    fault |= difference(again.data(), parts[static_cast<size_t>(i)].t.data(), n1);
  }

  // Signed: above n/2 stands for m − n. In two's complement, into the words asked for.
  Words magnitude(n_.words()), rows(2 * kLanes * row_words(nn));
  kernels.subtract(magnitude.data(), n_.m(), m.data(), nn);  // n − m
  const uint8_t negative = kernels.subtract(s.block.data(), magnitude.data(), m.data(), nn);
  kernels.blend(magnitude.data(), negative, magnitude.data(), m.data(), nn);
  bigint::scatter(kernels, rows.data(), magnitude.data(), nn);
  const int all = std::max(public_key_.words(), words);
  Words value(static_cast<size_t>(all)), limit(static_cast<size_t>(all));
  std::memcpy(limit.data(), public_key_.limit().data(), public_key_.limit().size() * 8);
  for (int lane = 0; lane < count; ++lane) {
    bigint::words_from_row(value.data(), all, rows.data() + static_cast<size_t>(lane) * row_words(nn), nn, kernels.radix);
    fault |= ~at_most(value.data(), limit.data(), all);
    const uint64_t sign = 0 - static_cast<uint64_t>((negative >> lane) & 1);
    uint64_t carry = sign & 1;
    for (int w = 0; w < all; ++w) {
      const unsigned __int128 sum = static_cast<unsigned __int128>(value[static_cast<size_t>(w)] ^ sign) + carry;
      value[static_cast<size_t>(w)] = static_cast<uint64_t>(sum);
      carry = static_cast<uint64_t>(sum >> 64);
    }
    // What is left out must be the sign only; minus zero has none.
    const uint64_t extension = 0 - (value[static_cast<size_t>(words - 1)] >> 63);
    for (int w = words; w < all; ++w) fault |= value[static_cast<size_t>(w)] ^ extension;
    std::memcpy(out + static_cast<ptrdiff_t>(lane) * words, value.data(), static_cast<size_t>(words) * 8);
  }
  mark_public(&fault, sizeof fault);
  if (fault != 0) return refused_error("a ciphertext cannot be decrypted: damaged, forged, or outside the range of plaintexts");
  return absl::OkStatus();
}

absl::Status PrivateKey::decrypt(uint64_t* out, int words, const Ciphertexts& ciphertexts) const {
  if (!(ciphertexts.key() == public_key_)) return usage_error("the ciphertexts are under another key");
  if (words < 1) return usage_error("a plaintext takes one word or more");
  Scratch s(public_key_.modulus().digits());
  for (size_t i = 0; i < ciphertexts.blocks(); ++i) {
    const size_t count = std::min<size_t>(kLanes, ciphertexts.size() - i * kLanes);
    const absl::Status status =
        decrypt_block(out + i * kLanes * static_cast<size_t>(words), words, static_cast<int>(count), ciphertexts.block(i), s);
    if (!status.ok()) {
      OPENSSL_cleanse(out, ciphertexts.size() * static_cast<size_t>(words) * 8);
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace acie::paillier
