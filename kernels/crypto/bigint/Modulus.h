// Eight odd moduli prepared for Montgomery's arithmetic.
#pragma once

#include <openssl/bn.h>

#include <array>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "kernels/crypto/bigint/Kernels.h"
#include "kernels/crypto/bigint/OpensslPower.h"
#include "kernels/crypto/bigint/Words.h"

namespace acie::bigint {

/// Memory that operations on n digits work in; one for each thread.
struct Scratch {
  explicit Scratch(int n) : wide(wide_words(n)), block(block_words(n)), rows(kLanes * row_words(n)) {}
  Words wide, block, rows;
};

class Modulus {
 public:
  /// One modulus for all lanes, or eight; odd and above 1. `bits` is the size of the largest, or more. What depends on the
  /// moduli alone is computed by OpenSSL, not in constant time: once for each key.
  static absl::StatusOr<Modulus> create(const Kernels& kernels, std::span<const BIGNUM* const> moduli, int bits);

  const Kernels& kernels() const { return *kernels_; }
  int digits() const { return n_; }
  size_t words() const { return block_words(n_); }
  ModulusView view() const { return {m_.data(), inverse_.data(), n_}; }

  /// The modulus itself, R mod m and R² mod m: 1 and R in Montgomery's form.
  const uint64_t* m() const { return m_.data(); }
  /// The integer 1, not in Montgomery's form.
  const uint64_t* unit() const { return unit_.data(); }
  const uint64_t* one() const { return one_.data(); }
  const uint64_t* r2() const { return r2_.data(); }

  void multiply(uint64_t* out, const uint64_t* a, const uint64_t* b, Scratch& s) const {
    kernels_->multiply(out, a, b, view(), s.wide.data());
  }
  /// For numbers that anybody may know.
  void multiply_public(uint64_t* out, const uint64_t* a, const uint64_t* b, Scratch& s) const {
    kernels_->multiply_public(out, a, b, view(), s.wide.data());
  }
  void square(uint64_t* out, const uint64_t* a, Scratch& s) const { kernels_->square(out, a, view(), s.wide.data()); }
  void to_montgomery(uint64_t* out, const uint64_t* a, Scratch& s) const { multiply(out, a, r2(), s); }
  /// Below m.
  void from_montgomery(uint64_t* out, const uint64_t* a, Scratch& s) const;
  /// a mod m for a below 2m.
  void canonical(uint64_t* out, const uint64_t* a, Scratch& s) const;

  /// Where the level's long powers are OpenSSL's.
  const OpensslPower* openssl() const { return openssl_.get(); }

  /// A block from eight numbers, each below R, and one lane of a block as a number. `load` takes one number for all lanes too.
  absl::Status load(uint64_t* out, std::span<const BIGNUM* const> numbers, Scratch& s) const;
  absl::Status store(BIGNUM* out, const uint64_t* block, int lane, Scratch& s) const;

  Modulus copy() const;

 private:
  Modulus() = default;
  const Kernels* kernels_ = nullptr;
  int n_ = 0;
  Words m_, inverse_, unit_, one_, r2_;
  std::shared_ptr<const OpensslPower> openssl_;
};

/// Digits that a modulus of `bits` bits takes: R is 16 times above it.
int digits_for(const Kernels& kernels, int bits);

/// Between little-endian words of 64 bits and rows of digits; what does not fit is dropped, what is missing is zero.
void row_from_words(uint64_t* row, int n, int radix, const uint64_t* words, int count);
void words_from_row(uint64_t* words, int count, const uint64_t* row, int n, int radix);

/// Eight blocks' lanes as rows and back, through pointers into one buffer of kLanes·row_words(n).
void scatter(const Kernels& kernels, uint64_t* rows, const uint64_t* block, int n);
void gather(const Kernels& kernels, uint64_t* block, const uint64_t* rows, int n);

}  // namespace acie::bigint
