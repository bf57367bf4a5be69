#include "kernels/crypto/files/PaillierNumbers.h"

#include <bit>
#include <utility>

#include "kernels/crypto/files/Bignum.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

// FIPS 186-4, B.3.3: factors nearer than that to each other are found by Fermat's method.
constexpr int kDistanceBits = 100;

absl::Status failed() { return run_error("OpenSSL cannot compute the numbers of a key"); }

bool is_far_apart(const BIGNUM* p, const BIGNUM* q, int bits) {
  const Bignum distance = make_bignum();
  return distance && BN_sub(distance.get(), p, q) == 1 &&
         BN_num_bits(distance.get()) > bits / 2 - kDistanceBits;
}

/// gcd(n, (p−1)(q−1)) = 1 and gcd(p−1, q−1); nothing where OpenSSL fails.
struct Gcds {
  bool n_is_coprime = false;
  bool is_djn = false;  // p ≡ q ≡ 3 mod 4 and gcd(p−1, q−1) = 2
};

bool compute_gcds(const BIGNUM* n, const BIGNUM* p, const BIGNUM* q, BN_CTX* context, Gcds& out) {
  const Bignum p1 = make_bignum(), q1 = make_bignum(), phi = make_bignum(), gcd = make_bignum();
  if (!p1 || !q1 || !phi || !gcd || BN_sub(p1.get(), p, BN_value_one()) != 1 ||
      BN_sub(q1.get(), q, BN_value_one()) != 1 || BN_mul(phi.get(), p1.get(), q1.get(), context) != 1 ||
      BN_gcd(gcd.get(), n, phi.get(), context) != 1)
    return false;
  out.n_is_coprime = BN_is_one(gcd.get()) == 1;
  if (BN_gcd(gcd.get(), p1.get(), q1.get(), context) != 1) return false;
  out.is_djn = BN_is_word(gcd.get(), 2) == 1 && BN_is_bit_set(p, 1) == 1 && BN_is_bit_set(q, 1) == 1;
  return true;
}

/// ⌊√a⌋ by Newton's iteration from above.
Bignum square_root(const BIGNUM* a, BN_CTX* context) {
  Bignum x = make_bignum(), next = make_bignum();
  if (!x || !next || BN_set_bit(x.get(), (BN_num_bits(a) + 1) / 2) != 1) return nullptr;
  for (;;) {
    if (BN_div(next.get(), nullptr, a, x.get(), context) != 1 ||
        BN_add(next.get(), next.get(), x.get()) != 1 || BN_rshift1(next.get(), next.get()) != 1)
      return nullptr;
    if (BN_cmp(next.get(), x.get()) >= 0) return x;
    std::swap(x, next);
  }
}

}  // namespace

int bits_of(std::string_view n) {
  while (!n.empty() && n.front() == '\0') n.remove_prefix(1);
  return n.empty()
             ? 0
             : static_cast<int>(8 * (n.size() - 1)) + std::bit_width(static_cast<unsigned char>(n.front()));
}

absl::StatusOr<PaillierNumbers> generate_paillier(int bits) {
  if (bits < kSmallestTestBits || bits > kLargestPaillierBits || bits % 2 != 0)
    return usage_error("a Paillier key has an even number of bits up to " +
                       std::to_string(kLargestPaillierBits));
  const BignumContext context(BN_CTX_secure_new());
  const Bignum four = make_bignum(), three = make_bignum(), n = make_bignum();
  Bignum p = make_bignum(), q = make_bignum();
  if (!context || !four || !three || !n || !p || !q || BN_set_word(four.get(), 4) != 1 ||
      BN_set_word(three.get(), 3) != 1)
    return failed();
  for (;;) {
    for (const BIGNUM* prime : {p.get(), q.get()})
      if (BN_generate_prime_ex2(const_cast<BIGNUM*>(prime), bits / 2, 0, four.get(), three.get(), nullptr,
                                context.get()) != 1)
        return failed();
    if (BN_cmp(p.get(), q.get()) < 0) std::swap(p, q);
    if (BN_mul(n.get(), p.get(), q.get(), context.get()) != 1) return failed();
    Gcds gcds;
    if (!compute_gcds(n.get(), p.get(), q.get(), context.get(), gcds)) return failed();
    if (BN_num_bits(n.get()) == bits && gcds.n_is_coprime && gcds.is_djn &&
        is_far_apart(p.get(), q.get(), bits))
      return PaillierNumbers{std::string(to_bytes(n.get()).view()), to_bytes(p.get()), to_bytes(q.get())};
  }
}

absl::Status check_paillier(PaillierNumbers& numbers, int smallest_bits) {
  const int bits = bits_of(numbers.n);
  if (bits < smallest_bits)
    return bad_data_error("the key has " + std::to_string(bits) + " bits; fewer than " +
                          std::to_string(smallest_bits) + " are not safe");
  if (bits > kLargestPaillierBits)
    return bad_data_error("the key has " + std::to_string(bits) + " bits; at most " +
                          std::to_string(kLargestPaillierBits) + " can be used");
  if ((numbers.n.back() & 1) == 0) return bad_data_error("the modulus n of the key is even");
  if (!numbers.is_private()) return absl::OkStatus();

  const BignumContext context(BN_CTX_secure_new());
  const Bignum n = to_bignum(numbers.n), product = make_bignum();
  Bignum p = to_bignum(numbers.p.view()), q = to_bignum(numbers.q.view());
  if (!context || !n || !p || !q || !product || BN_mul(product.get(), p.get(), q.get(), context.get()) != 1)
    return failed();
  if (BN_cmp(product.get(), n.get()) != 0)
    return bad_data_error("the modulus n of the key is not the product of p and q");
  if (BN_cmp(p.get(), q.get()) < 0) std::swap(p, q);
  for (const BIGNUM* prime : {p.get(), q.get()}) {
    const int answer = BN_check_prime(prime, context.get(), nullptr);
    if (answer < 0) return failed();
    if (answer == 0) return bad_data_error("p or q of the key is not prime");
  }
  if (!is_far_apart(p.get(), q.get(), bits))
    return bad_data_error("p and q of the key are so near to each other that the key is broken");
  Gcds gcds;
  if (!compute_gcds(n.get(), p.get(), q.get(), context.get(), gcds)) return failed();
  if (!gcds.n_is_coprime) return bad_data_error("n and φ(n) of the key have a common factor");
  numbers.p = to_bytes(p.get());
  numbers.q = to_bytes(q.get());
  return absl::OkStatus();
}

// φ = gcd(p−1, q−1)·λ and φ is a little less than n, so the factor is ⌊n/λ⌋. Then p + q = n + 1 − φ and
// (p − q)² = (p + q)² − 4n.
absl::StatusOr<PaillierNumbers> factor_with_lambda(std::string_view n_bytes, std::string_view lambda_bytes) {
  const absl::Status wrong = bad_data_error("λ of the key does not belong to its modulus n");
  const BignumContext context(BN_CTX_secure_new());
  const Bignum n = to_bignum(n_bytes), lambda = to_bignum(lambda_bytes), sum = make_bignum(),
               square = make_bignum(), four_n = make_bignum(), p = make_bignum(), q = make_bignum();
  if (!context || !n || !lambda || !sum || !square || !four_n || !p || !q) return failed();
  // More bits than any key has would only cost time.
  if (bits_of(n_bytes) > kLargestPaillierBits || BN_is_zero(lambda.get()) ||
      BN_cmp(lambda.get(), n.get()) >= 0)
    return wrong;
  if (BN_div(square.get(), nullptr, n.get(), lambda.get(), context.get()) != 1 ||
      BN_mul(square.get(), square.get(), lambda.get(), context.get()) != 1 ||
      BN_sub(sum.get(), n.get(), square.get()) != 1 || BN_add_word(sum.get(), 1) != 1 ||
      BN_sqr(square.get(), sum.get(), context.get()) != 1 || BN_lshift(four_n.get(), n.get(), 2) != 1 ||
      BN_sub(square.get(), square.get(), four_n.get()) != 1)
    return failed();
  if (BN_is_negative(square.get()) == 1) return wrong;
  const Bignum difference = square_root(square.get(), context.get());
  if (!difference || BN_add(p.get(), sum.get(), difference.get()) != 1 || BN_rshift1(p.get(), p.get()) != 1 ||
      BN_sub(q.get(), sum.get(), p.get()) != 1 || BN_mul(square.get(), p.get(), q.get(), context.get()) != 1)
    return failed();
  if (BN_is_negative(q.get()) == 1 || BN_is_one(q.get()) == 1 || BN_cmp(square.get(), n.get()) != 0)
    return wrong;
  return PaillierNumbers{std::string(to_bytes(n.get()).view()), to_bytes(p.get()), to_bytes(q.get())};
}

}  // namespace acie::secure
