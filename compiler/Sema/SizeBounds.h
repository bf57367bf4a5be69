// Between which sizes an integer lies that is computed from dimensions read at start, as `div(J, 2)`.
#pragma once

#include <cstdint>
#include <optional>

#include "compiler/Sema/Builder.h"

namespace acie::sema {

/// low / low_by ≤ the integer ≤ high / high_by, where low and high may be open sizes.
struct SizeBounds {
  int64_t low = 0, low_by = 1, high = 0, high_by = 1;
  /// At least 1 where the integer is certainly not below 0.
  int64_t room_below() const { return sizes::plus(low, low_by); }
  /// At least 1 where it is certainly below `size`.
  int64_t room_above(int64_t size) const { return sizes::minus(sizes::times(size, high_by), high); }
};

/// Of sums, differences, multiples, `div` and `mod` by constants of sizes; nullopt for other expressions.
std::optional<SizeBounds> size_bounds(const Expr* e);

}  // namespace acie::sema
