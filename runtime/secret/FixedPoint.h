// Between numbers and the integers that stand for them under encryption: x ↔ round(x / scale), exactly.
#pragma once

#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/crypto/bigint/Words.h"
#include "runtime/package/Integer.h"
#include "runtime/package/Party.h"

namespace acie::secret {

using bigint::Words;
using package::Integer;

/// What a declaration says of integers: the scale, the interval of every element and the words of 64 bits each takes.
struct FixedPoint {
  Integer numerator = 1, denominator = 1;
  Integer low, high;
  int words = 1;

  /// Of a value that was verified (Integers or Ciphertexts).
  static FixedPoint of(const package::PartyValue& value);
};

/// round(x / scale), ties to even, exactly for the double x. `out` has form.words for each. Errors (BadData) name the
/// element: not finite, or outside the interval.
absl::Status quantise(std::span<const double> values, const FixedPoint& form, uint64_t* out);

/// The doubles nearest to integer·scale, ties to even.
void dequantise(std::span<double> out, const FixedPoint& form, const uint64_t* integers);

/// Whether all are within the interval.
bool within(const FixedPoint& form, const uint64_t* integers, size_t count);

/// The double nearest to numerator/denominator (> 0), ties to even.
double nearest_double(const Integer& numerator, const Integer& denominator);

}  // namespace acie::secret
