// Exact integers of any size, for intervals and fixed-point numbers. A value type over OpenSSL's.
#pragma once

#include <openssl/bn.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace acie::package {

class Integer {
 public:
  Integer(int64_t value = 0);
  Integer(const Integer& other);
  Integer& operator=(const Integer& other);
  Integer(Integer&&) = default;
  Integer& operator=(Integer&&) = default;

  /// Decimal digits with an optional minus, no leading zeros; nothing for anything else or over 5000 digits.
  static std::optional<Integer> parse(std::string_view decimal);
  /// mantissa·2^exponent, exactly.
  static Integer shifted(int64_t mantissa, int exponent);
  /// Two's complement words of 64 bits, little-endian.
  static Integer from_words(std::span<const uint64_t> words);

  std::string decimal() const;
  /// Two's complement. False where the words do not hold it.
  bool to_words(std::span<uint64_t> words) const;
  /// Bits of the magnitude.
  int bits() const { return BN_num_bits(value_.get()); }
  bool negative() const { return BN_is_negative(value_.get()) != 0; }
  bool zero() const { return BN_is_zero(value_.get()); }
  const BIGNUM* get() const { return value_.get(); }

  friend Integer operator+(const Integer& a, const Integer& b);
  friend Integer operator-(const Integer& a, const Integer& b);
  friend Integer operator*(const Integer& a, const Integer& b);
  Integer operator-() const { return Integer(0) - *this; }
  Integer magnitude() const { return negative() ? -*this : *this; }
  /// Rounded down; the divisor is positive.
  static Integer divide(const Integer& a, const Integer& b, Integer* remainder = nullptr);
  static Integer gcd(const Integer& a, const Integer& b);

  friend bool operator==(const Integer& a, const Integer& b) { return BN_cmp(a.get(), b.get()) == 0; }
  friend auto operator<=>(const Integer& a, const Integer& b) { return BN_cmp(a.get(), b.get()) <=> 0; }

 private:
  struct Free {
    void operator()(BIGNUM* number) const { BN_clear_free(number); }
  };
  std::unique_ptr<BIGNUM, Free> value_;
};

/// What a key of `bits` holds: magnitudes up to ⌊2^(bits−1)/3⌋ − 1.
Integer largest_plaintext(int bits);

}  // namespace acie::package
