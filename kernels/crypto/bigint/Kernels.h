// Arithmetic on eight big integers at once: what each level of processor offers to the rest of kernels/crypto.
//
// A *block* is eight integers of n digits (lanes 0..7) in the level's own order of digits; it takes 8·n words. Outside
// blocks an integer is its n digits in a row ("a row"), least significant first. Only gather() and scatter() know how
// rows lie in a block.
//
// Montgomery's form of x modulo an odd m is x·R mod m with R = 2^(radix·n). Moduli are below R/16. Operands of
// multiply() and square() are below 4m, results below 2m ("almost Montgomery": nothing is subtracted at the end).
// Digits of operands and results are below 2^radix.
//
// Nothing here branches on a digit, an index or a mask, or forms an address from one, multiply_public() and, on their (public)
// pointers, gather() and scatter() excepted. Results may be operands. `wide` is scratch of wide_words(n).
#pragma once

#include <cstddef>
#include <cstdint>

namespace acie::bigint {

inline constexpr int kLanes = 8;
inline constexpr int kShelfGroup = 16;

inline constexpr size_t block_words(int n) { return static_cast<size_t>(kLanes) * static_cast<size_t>(n); }
inline constexpr size_t wide_words(int n) { return block_words(2 * n + 2); }

/// Eight moduli: their digits and −m⁻¹ mod 2^radix, one for each lane.
struct ModulusView {
  const uint64_t* m;
  const uint64_t* inverse;
  int n;
};

/// What work on a block takes, in cycles as measured: planning tables by it.
struct Costs {
  double product;  // a product, for each digit squared
  double look_up;  // a look-up, for each digit and place of the shelf
};

struct Kernels {
  const char* name;
  int radix;
  Costs costs;
  /// Whether long powers are OpenSSL's, one after another, in place of eight at once by square() and multiply().
  bool openssl_powers;
  /// wide = a·b, 2n digits.
  void (*product)(uint64_t* wide, const uint64_t* a, const uint64_t* b, int n);
  /// out = a·b/R mod m.
  void (*multiply)(uint64_t* out, const uint64_t* a, const uint64_t* b, const ModulusView& m, uint64_t* wide);
  /// The same for numbers that anybody may know: perhaps faster, by steps that they decide.
  void (*multiply_public)(uint64_t* out, const uint64_t* a, const uint64_t* b, const ModulusView& m, uint64_t* wide);
  /// out = a²/R mod m.
  void (*square)(uint64_t* out, const uint64_t* a, const ModulusView& m, uint64_t* wide);
  /// out = wide/R mod m for 2n digits below m·R; wide is overwritten.
  void (*reduce)(uint64_t* out, uint64_t* wide, const ModulusView& m);
  /// out = a + b, a carry out of the last digit dropped.
  void (*add)(uint64_t* out, const uint64_t* a, const uint64_t* b, int n);
  /// out = a − b modulo R; returns the lanes where a < b, one bit each.
  uint8_t (*subtract)(uint64_t* out, const uint64_t* a, const uint64_t* b, int n);
  /// out = a in the lanes of `lanes`, b in the others.
  void (*blend)(uint64_t* out, uint8_t lanes, const uint64_t* a, const uint64_t* b, int n);
  /// The lowest n_out digits of `in`, zeros where it has fewer; not in place.
  void (*resize)(uint64_t* out, int n_out, const uint64_t* in, int n_in);
  /// out[lane] = table[index[lane]][lane], all `entries` blocks of the table being read.
  void (*pick)(uint64_t* out, const uint64_t* table, int entries, const uint64_t* index, int n);
  /// A *shelf* is a table of `entries` integers (a multiple of kShelfGroup) that all lanes share, in the level's own order;
  /// it takes entries·n words. Puts a row of n digits at a place of it.
  void (*shelve)(uint64_t* shelf, int entries, int place, const uint64_t* row, int n);
  /// out[block][lane] = the integer at place index[8·block + lane], for `blocks` blocks one after the other; all of the
  /// shelf is read.
  void (*look_up)(uint64_t* out, const uint64_t* shelf, int entries, const uint64_t* index, int blocks, int n);
  /// A block from eight rows, and back. Rows are readable and writable up to row_words(n).
  void (*gather)(uint64_t* out, const uint64_t* const* rows, int n);
  void (*scatter)(uint64_t* const* rows, const uint64_t* in, int n);
};

/// Words a row takes: its digits and what gather() and scatter() may touch beyond them.
inline constexpr size_t row_words(int n) { return (static_cast<size_t>(n) + 7) / 8 * 8; }

/// AVX-512 IFMA: one vector holds a digit of 52 bits of each lane.
extern const Kernels kIfmaKernels;
/// AVX2: two vectors hold a digit of 27 bits of each lane.
extern const Kernels kAvx2Kernels;
/// The same code on arrays in place of vectors: for checking it where valgrind must follow, slow.
extern const Kernels kEmulatedKernels;
/// Digits of 64 bits, lane by lane, by GMP and OpenSSL, for any processor.
extern const Kernels kPortableKernels;

/// Whether this processor and system can run kIfmaKernels, kAvx2Kernels.
bool has_ifma();
bool has_avx2();
/// The fastest that runs here.
const Kernels& host_kernels();

}  // namespace acie::bigint
