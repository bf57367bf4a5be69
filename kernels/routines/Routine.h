// Operations on tensors that are whole algorithms: what they are called, and on which shapes they work. The compiler, the
// reader of packages and the runtime share this table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace acie::routines {

enum class Routine : uint8_t {
  Solve,           // x of a x = b: [.., n, n], [.., n] or [.., n, k] → like b
  SolveLower,      // the same, a lower triangular: what stands above its diagonal is not read
  SolveUpper,      // the same, a upper triangular
  Cholesky,        // lower l of a = l lᵀ: [.., n, n] → the same; only the lower half is read
  Inverse,         // [.., n, n] → the same
  Fft,             // Σ x[j] exp(-2πi jk/n) over the last axis; axis 0 is the real and the imaginary part: [2, .., n] → the same
  InverseFft,      // its inverse, divided by n
  RealFft,         // of real numbers, k = 0 … n/2: [.., n] → [2, .., n/2 + 1]
  InverseRealFft,  // its inverse: [2, .., n/2 + 1] → [.., n]
  CumulativeSum,   // along the last axis, from the left: [.., n] → the same
  Sort,            // each line of the last axis upwards; NaN throughout where one is
  ArgMin,          // place of the first least element of the last axes, which the output lacks; counted row-major
  ArgMax
};
inline constexpr size_t kRoutines = 13;

/// As programs and plans call them.
inline constexpr const char* kRoutineNames[kRoutines] = {"solve", "solve_lower", "solve_upper",   "cholesky", "inverse", "fft", "inverse_fft",
                                                         "rfft",  "inverse_rfft", "cumsum", "sort", "argmin", "argmax"};

/// Operands a routine takes.
constexpr size_t operands_of(Routine routine) { return routine <= Routine::SolveUpper ? 2 : 1; }
/// Whether it works on f32 and f64 alone.
constexpr bool floats_only(Routine routine) { return routine < Routine::CumulativeSum; }
/// Whether its result is an i64, of elements of any type.
constexpr bool makes_places(Routine routine) { return routine >= Routine::ArgMin; }
/// Whether there may be no result: of a singular matrix, or one that is not positive definite. It is NaN then.
constexpr bool may_fail(Routine routine) { return routine <= Routine::Inverse; }

using Shape = std::vector<int64_t>;

/// A transform's length, at most: its roots of unity are kept.
inline constexpr int64_t kLongestTransform = int64_t{1} << 26;
/// Sizes from 2^40 on stand for those read at start, whose length is seen then.
constexpr bool too_long_to_transform(int64_t length) { return length > kLongestTransform && length < int64_t{1} << 40; }

/// Whether `routine` makes a tensor of shape `to` from operands of shapes `a` and, where it takes two, `b`.
inline bool fits(Routine routine, const Shape& a, const Shape& b, const Shape& to) {
  const auto square = [&] { return a.size() >= 2 && a[a.size() - 1] == a[a.size() - 2]; };
  switch (routine) {
    case Routine::Solve:
    case Routine::SolveLower:
    case Routine::SolveUpper:
      return square() && (b.size() + 1 == a.size() || b.size() == a.size()) && std::equal(a.begin(), a.end() - 1, b.begin()) && to == b;
    case Routine::Cholesky:
    case Routine::Inverse: return square() && to == a;
    case Routine::Fft:
    case Routine::InverseFft: return a.size() >= 2 && a[0] == 2 && !too_long_to_transform(a.back()) && to == a;
    case Routine::RealFft:
    case Routine::InverseRealFft: {
      const Shape &numbers = routine == Routine::RealFft ? a : to, &spectrum = routine == Routine::RealFft ? to : a;
      if (numbers.empty() || too_long_to_transform(numbers.back()) || spectrum.size() != numbers.size() + 1 || spectrum[0] != 2) return false;
      return std::equal(numbers.begin(), numbers.end() - 1, spectrum.begin() + 1) && spectrum.back() == numbers.back() / 2 + 1;
    }
    case Routine::CumulativeSum:
    case Routine::Sort: return !a.empty() && to == a;
    case Routine::ArgMin:
    case Routine::ArgMax: return to.size() < a.size() && std::equal(to.begin(), to.end(), a.begin());
  }
  return false;
}

}  // namespace acie::routines
