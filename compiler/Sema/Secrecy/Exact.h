// Exact arithmetic for what stands under encryption: scales are rational numbers, intervals have integers of any size.
#pragma once

#include <gmpxx.h>

#include <optional>
#include <string>
#include <vector>

namespace acie::sema {

/// What one unit of a fixed-point integer is worth: an integer q at scale s stands for q·s. Positive, in lowest terms.
class Scale {
 public:
  Scale() : value_(1) {}
  explicit Scale(mpq_class value) : value_(std::move(value)) { value_.canonicalize(); }
  /// 2^-bits.
  static Scale binary(unsigned bits);
  /// The scale that a decimal or binary number means: 1e-3 is 1/1000, not the double next to it. Nothing where x is not
  /// a whole number, one over a whole number, or a short decimal fraction; nor where it is not positive.
  static std::optional<Scale> from_number(double x);

  const mpq_class& value() const { return value_; }
  Scale times(const Scale& other) const { return Scale(value_ * other.value_); }
  bool operator==(const Scale& other) const { return value_ == other.value_; }
  /// "2^-16", "1/1000", "1".
  std::string text() const;

 private:
  mpq_class value_;
};

/// round(x / scale), ties to even. `x` is finite.
mpz_class quantise(double x, const Scale& scale);

/// All integers that a value can be, both ends included.
struct Bounds {
  mpz_class low, high;

  static Bounds point(const mpz_class& x) { return {x, x}; }
  mpz_class magnitude() const;
  bool operator==(const Bounds&) const = default;
};

Bounds operator+(const Bounds& a, const Bounds& b);
Bounds operator-(const Bounds& a, const Bounds& b);
Bounds operator-(const Bounds& a);
Bounds operator*(const Bounds& a, const Bounds& b);
Bounds hull(const Bounds& a, const Bounds& b);

/// Bits of a magnitude: 0 has none, 255 has eight.
int bits_of(const mpz_class& magnitude);
/// The largest magnitude under a Paillier key of so many bits: ⌊2^(bits−1)/3⌋ − 1, the middle third of the residues.
mpz_class plaintext_limit(int key_bits);
/// The smallest key, in steps of 1024 bits, that holds this magnitude.
int smallest_key(const mpz_class& magnitude);

}  // namespace acie::sema
