#include "kernels/reduce/ExactSum.h"

#include <algorithm>
#include <cmath>

namespace acie::reduce {

void Moments::add(double x) {
  sum_.add(x);
  squares_.add(x, x);
  ++count_;
  sawNan_ |= x != x;
  // Of -0 and 0 the smaller is -0, so that the order of terms cannot show.
  if (x < min_ || (x == min_ && std::signbit(x))) min_ = x;
  if (x > max_ || (x == max_ && !std::signbit(x))) max_ = x;
}

void Moments::merge(const Moments& other) {
  sum_.merge(other.sum_);
  squares_.merge(other.squares_);
  count_ += other.count_;
  sawNan_ |= other.sawNan_;
  if (other.min_ < min_ || (other.min_ == min_ && std::signbit(other.min_))) min_ = other.min_;
  if (other.max_ > max_ || (other.max_ == max_ && !std::signbit(other.max_))) max_ = other.max_;
}

double Moments::mean() const {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  if (!sum_.allFinite()) return sum_.value();
  return sum_.total().dividedBy(static_cast<double>(count_));
}

double Moments::variance() const {
  if (count_ < 2 || !sum_.allFinite()) return std::numeric_limits<double>::quiet_NaN();
  // count * sum of squares - sum^2 in whole numbers: nothing cancels.
  const BigBinary total = sum_.total();
  const uint64_t n = static_cast<uint64_t>(count_);
  const BigBinary count{false, {static_cast<uint32_t>(n), static_cast<uint32_t>(n >> 32)}, 0};
  const BigBinary spread = subtract(multiply(count, squares_.total()), multiply(total, total));
  return spread.dividedBy(static_cast<double>(n) * static_cast<double>(n - 1));
}

}  // namespace acie::reduce
