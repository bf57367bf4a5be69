// Interval arithmetic for sign questions: "is this factor ever zero", "is this base never negative".
//
// Ends are real numbers or infinities, open or closed. Bounds are computed in double precision without directed
// rounding: they answer questions about signs and periods of what the program says, not about its last bit.
#pragma once

#include <limits>

#include "absl/types/span.h"
#include "compiler/Sema/Program.h"

namespace acie::sema {

struct Interval {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = true;
  bool high_open = true;

  static Interval point(double x) { return {x, x, false, false}; }
  static Interval closed(double low, double high) { return {low, high, false, false}; }
  static Interval open(double low, double high) { return {low, high, true, true}; }
  static Interval positive() { return {0, std::numeric_limits<double>::infinity(), true, true}; }
  static Interval not_negative() { return {0, std::numeric_limits<double>::infinity(), false, true}; }

  bool is_point() const { return low == high; }
  bool is_positive() const { return low > 0 || (low == 0 && low_open); }
  bool is_negative() const { return high < 0 || (high == 0 && high_open); }
  bool is_not_negative() const { return low >= 0; }
  bool excludes_zero() const { return is_positive() || is_negative(); }
  /// 1 or -1 where every value has that sign, else 0.
  int sign() const { return is_positive() ? 1 : is_negative() ? -1 : 0; }
  bool inside_open(double a, double b) const;
};

/// The values in both; where there are none (contradicting declarations) `a`.
Interval intersect(const Interval& a, const Interval& b);
/// The smallest interval that holds both.
Interval hull(const Interval& a, const Interval& b);

/// The values op can give for operands in these intervals; everything where nothing better is known.
/// `same_operands`: both operands of a binary operation are one node, so x * x is a square.
Interval image(Op op, absl::Span<const Interval> operands, bool same_operands = false);

}  // namespace acie::sema
