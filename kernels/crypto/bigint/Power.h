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
  /// Whether the highest word that counts is zero in no lane, whatever the secret: primes of known size are so. OpenSSL's
  /// time would tell how many words a number has.
  bool full = false;
};

/// out = base^e in Montgomery's form, base below 2m. The time depends on the number of bits and the moduli's size only:
/// fixed windows, each looked up by reading the whole table.
void power(const Modulus& m, uint64_t* out, const uint64_t* base, const Exponents& exponents, Scratch& s);

/// The same for one public exponent of `bits` bits in all lanes: sliding windows, the time and the memory read tell it.
void power_public(const Modulus& m, uint64_t* out, const uint64_t* base, const uint64_t* exponent, int bits, Scratch& s);

/// How FixedBase divides an exponent: into `teeth` rows of tables·positions bits, one bit of each row being an index.
struct Comb {
  int teeth, tables, positions;

  /// The fewest cycles, by a model of products, look-ups and the reading of tables, for a modulus of `digits` digits.
  static Comb choose(const Kernels& kernels, int digits, int bits);
  static Comb of(int bits, int teeth, int positions) {
    return {teeth, bits == 0 ? 1 : (bits + teeth * positions - 1) / (teeth * positions), positions};
  }
  int row() const { return tables * positions; }
  /// Places in a table, used or not.
  int entries() const { return teeth < 4 ? kShelfGroup : 1 << teeth; }
};

/// Powers of one base that is known beforehand (Lim, Lee, *More flexible exponentiation with precomputation*, 1994). Bit
/// row·i + positions·j + k of the exponent, i < teeth, is bit i of the index that position k has into table j, whose place d
/// holds Π base^(2^(row·i + positions·j)) over the bits i of d: base^e = Π_k (Π_j table_j[index_jk])^(2^k), one product for
/// each index and a squaring and a product for each position. All positions and all blocks look into a table at a time, so
/// that it is read from far memory once. Constant time as power().
class FixedBase {
 public:
  FixedBase() = default;
  /// For exponents of up to `bits` bits; all lanes of m have the same modulus; `base` is a block with it in all lanes.
  FixedBase(const Modulus& m, const uint64_t* base, int bits) : FixedBase(m, base, bits, Comb::choose(m.kernels(), m.digits(), bits)) {}
  FixedBase(const Modulus& m, const uint64_t* base, int bits, const Comb& comb);

  int bits() const { return bits_; }
  const Comb& comb() const { return comb_; }
  size_t bytes() const { return tables_.size() * 8; }
  /// `blocks` blocks of powers, one after the other, of eight exponents each; `exponents.bits` is bits() or less.
  void power(const Modulus& m, uint64_t* out, const Exponents& exponents, int blocks, Scratch& s) const;

 private:
  void fill_tables(const Modulus& m, const Words& powers, int first, Scratch& s);

  int bits_ = 0;
  Comb comb_ = {};
  size_t table_words_ = 0;
  Words tables_;  // shelves
};

}  // namespace acie::bigint
