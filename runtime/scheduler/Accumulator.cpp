#include "runtime/scheduler/Accumulator.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/scheduler/Fusion.h"

namespace acie::scheduler {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

template <typename T, typename F>
void for_each(const Operand& operand, int64_t count, F f) {
  const T* data = static_cast<const T*>(operand.data);
  if (operand.keep == nullptr) {
    for (int64_t i = 0; i < count; ++i) f(static_cast<double>(data[i * operand.stride]));
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    if (operand.keep[i] != 0) f(static_cast<double>(data[i * operand.stride]));
}

}  // namespace

void Accumulator::add(double x) {
  ++count_;
  switch (op_) {
    case Op::Count: break;
    case Op::Any:
    case Op::All: true_count_ += x != 0; break;
    case Op::Mean:
    case Op::Sum:
      if (wants_error_)
        moments_.add(x);
      else
        sum_.add(x);
      break;
    default: moments_.add(x); break;
    case Op::Quantile: break;
  }
  if (keeps_values_) values_.push_back(x);
}

void Accumulator::add(const Operand& operand, int64_t count) {
  const auto take = [this](double x) { add(x); };
  switch (operand.dtype) {
    case ACIE_F64: for_each<double>(operand, count, take); break;
    case ACIE_F32: for_each<float>(operand, count, take); break;
    case ACIE_I64: for_each<int64_t>(operand, count, take); break;
    case ACIE_I32: for_each<int32_t>(operand, count, take); break;
    case ACIE_BOOL: for_each<uint8_t>(operand, count, take); break;
  }
}

void Accumulator::add_each(std::span<Accumulator> sums, const Operand& first, int64_t count) {
  Operand operand = first;
  for (Accumulator& sum : sums) {
    sum.add(operand, count);
    operand.data = static_cast<const std::byte*>(operand.data) + size_of(operand.dtype);
  }
}

void Accumulator::merge(const Accumulator& later) {
  count_ += later.count_;
  true_count_ += later.true_count_;
  if (op_ == Op::Mean || op_ == Op::Sum) sum_.merge(later.sum_);
  if (needs_moments() || op_ == Op::Min || op_ == Op::Max) moments_.merge(later.moments_);
  values_.insert(values_.end(), later.values_.begin(), later.values_.end());
}

Estimate Accumulator::finish() const {
  const double n = static_cast<double>(count_);
  switch (op_) {
    case Op::Count: return {n, kNan};
    case Op::Any: return {true_count_ > 0 ? 1.0 : 0.0, kNan};
    case Op::All: return {true_count_ == count_ ? 1.0 : 0.0, kNan};
    case Op::Min: return {moments_.min(), kNan};
    case Op::Max: return {moments_.max(), kNan};
    case Op::Mean:
      if (!wants_error_) return {count_ == 0 ? kNan : sum_.value() / n, kNan};
      return {moments_.mean(), std::sqrt(moments_.variance() / n)};
    case Op::Sum:
      if (!wants_error_) return {sum_.value(), kNan};
      return {moments_.sum(), std::sqrt(moments_.variance() * n)};
    case Op::Quantile: return quantile();
    case Op::Variance:
    case Op::StdDev: return spread();
  }
  return {kNan, kNan};
}

Estimate Accumulator::spread() const {
  const double variance = moments_.variance(), deviation = std::sqrt(variance);
  double error = kNan;
  if (wants_error_ && count_ >= 2) {
    // Each term is the same wherever it stands and the sum is exact, so the order of the draws cannot show.
    const double mean = moments_.mean(), n = static_cast<double>(count_);
    reduce::ExactSum fourth;
    for (double x : values_) {
      const double square = (x - mean) * (x - mean);
      fourth.add(square * square);
    }
    const double of_variance =
        std::sqrt(std::max(0.0, (fourth.value() / n - variance * variance * (n - 3) / (n - 1)) / n));
    error = op_ == Op::Variance ? of_variance : deviation == 0 ? 0 : of_variance / (2 * deviation);
    if (std::isnan(variance)) error = kNan;
  }
  return {op_ == Op::Variance ? variance : deviation, error};
}

Estimate Accumulator::quantile() const {
  if (values_.empty() || std::any_of(values_.begin(), values_.end(), [](double x) { return std::isnan(x); }))
    return {kNan, kNan};
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end(), [](double a, double b) {
    return a < b || (a == b && std::signbit(a) && !std::signbit(b));  // -0 before 0: one order for equal sets
  });
  const double n = static_cast<double>(sorted.size()), last = n - 1;
  const double place = level_ * last, below = std::floor(place);
  const double low = sorted[static_cast<size_t>(below)];
  const double high = sorted[static_cast<size_t>(std::min(below + 1, last))];
  const double value = place == below ? low : low + (place - below) * (high - low);
  if (!wants_error_ || sorted.size() < 2) return {value, kNan};
  const double reach = std::sqrt(n * level_ * (1 - level_));
  const auto at = [&](double rank) { return sorted[static_cast<size_t>(std::clamp(rank, 0.0, last))]; };
  return {value, (at(std::ceil(n * level_ + reach) - 1) - at(std::floor(n * level_ - reach))) / 2};
}

}  // namespace acie::scheduler
