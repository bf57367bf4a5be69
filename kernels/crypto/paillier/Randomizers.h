// Random n-th powers modulo n²: what hides a plaintext.
#pragma once

#include <memory>

#include "kernels/crypto/bigint/Power.h"
#include "kernels/crypto/paillier/PublicKey.h"

namespace acie::paillier {

class PrivateKey;

/// Blocks of randomness worth making together: they share the reading of tables.
inline constexpr int kBlocksAtATime = 4;
inline constexpr size_t blocks_of(size_t count) { return (count + kLanes - 1) / kLanes; }

/// Where encryption takes its randomness from. Threads may share one.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual const PublicKey& key() const = 0;
  /// Puts `count` fresh ρ = r^n mod n² into as many blocks as they need, one after the other, in Montgomery's form, below
  /// 4n²; the last block's other lanes hold units. No ρ is ever given twice. Fastest for kBlocksAtATime blocks.
  virtual absl::Status take(uint64_t* blocks, size_t count, Scratch& s) = 0;
};

/// How the exponent of the randomness is chosen.
enum class Randomness {
  /// r^n for r uniform below n: for any key, other people's too.
  kAnyKey,
  /// h^α for one random h = (−x²)^n of this process and α of bits/2 bits (Damgård, Jurik, Nielsen, 2010, section 4.2): for
  /// keys with p ≡ q ≡ 3 mod 4 and gcd(p−1, q−1) = 2, as secure::generate_paillier makes.
  kHalf,
  /// The same with α of four times the key's strength (448 bits for 2048): assumes besides that short exponents are
  /// as good, the discrete logarithm with them being the only attack known.
  kShort,
};

/// Bits of α for a key of `bits` bits.
int exponent_bits(Randomness how, int bits);

/// Makes each ρ when asked: in constant time for secret exponents, from the operating system's randomness.
class Randomizers : public RandomSource {
 public:
  static absl::StatusOr<Randomizers> create(const PublicKey& key, Randomness how);
  /// The key holder's way, modulo p² and q² apart, twice as fast and the same distribution or a more uniform one. kHalf
  /// and kShort only.
  static absl::StatusOr<Randomizers> create(std::shared_ptr<const PrivateKey> key, Randomness how);

  const PublicKey& key() const override { return key_; }
  absl::Status take(uint64_t* blocks, size_t count, Scratch& s) override;
  /// Memory that tables of powers take.
  size_t table_bytes() const;

 private:
  Randomizers(PublicKey key, Randomness how) : key_(std::move(key)), how_(how) {}
  absl::Status take_any(uint64_t* block, Scratch& s);
  absl::Status take_some(uint64_t* blocks, int count, Scratch& s);

  PublicKey key_;
  Randomness how_;
  int bits_ = 0;  // of α
  std::shared_ptr<const PrivateKey> private_key_;
  std::shared_ptr<const bigint::FixedBase> table_, p_table_, q_table_;  // shared by copies, never written
};

}  // namespace acie::paillier
