// Exponentiation of eight integers at once.
#pragma once

#include <cstdint>

#include "kernels/crypto/bigint/Modulus.h"
#include "kernels/crypto/bigint/Words.h"

namespace acie::bigint {

/// Eight exponents of `words` little-endian words each, lane after lane; only their lowest `bits` count.
struct Exponents {
  const uint64_t* data;
  int words;
  int bits;
};

/// out = base^e in Montgomery's form, base below 2m. The time depends on the number of bits and the moduli's size only:
/// fixed windows, each looked up by reading the whole table.
void power(const Modulus& m, uint64_t* out, const uint64_t* base, const Exponents& exponents, Scratch& s);

/// The same for one public exponent of `bits` bits in all lanes: sliding windows, the time and the memory read tell it.
void power_public(const Modulus& m, uint64_t* out, const uint64_t* base, const uint64_t* exponent, int bits, Scratch& s);

/// Powers of one base that is known beforehand: base^e = Π base^(e_i·2^(wi)), one product for each window of w bits and no
/// squaring, all powers being in a table. Constant time as power().
class FixedBase {
 public:
  FixedBase() = default;
  /// For exponents of up to `bits` bits; all lanes of m have the same modulus; `base` is a block with it in all lanes.
  FixedBase(const Modulus& m, const uint64_t* base, int bits, int window);

  int bits() const { return bits_; }
  size_t bytes() const { return table_.size() * 8; }
  /// `exponents.bits` is bits() or less.
  void power(const Modulus& m, uint64_t* out, const Exponents& exponents, Scratch& s) const;

 private:
  int bits_ = 0, window_ = 0;
  size_t row_ = 0;
  Words table_;  // window after window, 2^w rows each
};

}  // namespace acie::bigint
