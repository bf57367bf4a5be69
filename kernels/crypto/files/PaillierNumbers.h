// The numbers of a Paillier key as key files hold them: big-endian bytes without leading zeros.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/crypto/files/Secret.h"

namespace acie::secure {

inline constexpr int kDefaultPaillierBits = 3072;
inline constexpr int kSmallestPaillierBits = 2048;
inline constexpr int kLargestPaillierBits = 8192;
/// The smallest keys tests make; they are called insecure wherever they appear.
inline constexpr int kSmallestTestBits = 512;

/// n alone, or with its factors p > q.
struct PaillierNumbers {
  std::string n;
  Secret p, q;

  bool is_private() const { return !p.empty(); }
};

/// New primes p ≡ q ≡ 3 mod 4 with gcd(p−1, q−1) = 2, as the Damgård-Jurik-Nielsen encryption asks for, n =
/// p·q of exactly `bits` bits, |p − q| ≥ 2^(bits/2 − 100), gcd(n, φ(n)) = 1; from the operating system's
/// randomness.
absl::StatusOr<PaillierNumbers> generate_paillier(int bits);

/// Checks numbers that come from elsewhere: sizes, and of a private key also n = p·q, that both are prime (64
/// rounds of Miller-Rabin and more), far apart, and gcd(n, φ(n)) = 1. Puts p above q. `smallest_bits` is
/// kSmallestPaillierBits but in tests. Errors are BadData and say what is wrong.
absl::Status check_paillier(PaillierNumbers& numbers, int smallest_bits = kSmallestPaillierBits);

/// p and q from n and λ = lcm(p−1, q−1) or (p−1)(q−1).
absl::StatusOr<PaillierNumbers> factor_with_lambda(std::string_view n, std::string_view lambda);

/// Bits of a big-endian number.
int bits_of(std::string_view n);

}  // namespace acie::secure
