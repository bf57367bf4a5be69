// Collapses many numbers to one, and says how sure it is: what a ReduceNode does over draws or over rows.
//
// Sums are exact until read, so the result has the same bits for any tiling, order or number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/reduce/ExactSum.h"
#include "runtime/include/acie/kernel_abi.h"
#include "runtime/package/Plan.h"

namespace acie::scheduler {

struct Estimate {
  double value;
  double standard_error;  // NaN where it was not asked for or cannot be had (fewer than two terms, min, max, any, all)
};

/// Numbers to collapse: element i is at data + i * stride, of type dtype; those with keep[i] == 0 are left out.
struct Operand {
  const void* data = nullptr;
  acie_dtype dtype = ACIE_F64;
  int64_t stride = 1;
  const uint8_t* keep = nullptr;  // null: all
};

/// Standard errors, n terms with sample deviation s:
///   mean, probability   s / sqrt(n)
///   sum                 s * sqrt(n)
///   variance            sqrt((m4 - s^4 (n-3)/(n-1)) / n), m4 the fourth central moment (Mood, Graybill and Boes 1974, VI.2)
///   sd                  that / (2 s), the delta method
///   quantile p          half the distance of the order statistics at n p -+ sqrt(n p (1-p)) (Woodruff 1952, z = 1)
/// Quantiles interpolate linearly between order statistics (Hyndman and Fan 1996, type 7).
class Accumulator {
 public:
  using Op = package::ReduceNode::Op;

  explicit Accumulator(const package::ReduceNode& node)
      : op_(node.op), level_(node.level), wants_error_(node.standard_error >= 0), keeps_values_(needs_values()) {}

  void add(const Operand& operand, int64_t count);
  /// The same for each of `sums`, whose operands lie one element after the other.
  static void add_each(std::span<Accumulator> sums, const Operand& first, int64_t count);
  /// `count` terms, for Count of everything.
  void add_count(int64_t count) { count_ += count; }
  /// What `later` saw, after what this one saw.
  void merge(const Accumulator& later);
  Estimate finish() const;

  /// Bytes kept per term: nothing but for quantiles and the errors of variance and sd.
  bool keeps_values() const { return keeps_values_; }

 private:
  bool needs_values() const {
    return op_ == Op::Quantile || (wants_error_ && (op_ == Op::Variance || op_ == Op::StdDev));
  }
  bool needs_moments() const {
    return op_ == Op::Variance || op_ == Op::StdDev || (wants_error_ && (op_ == Op::Mean || op_ == Op::Sum));
  }
  void add(double x);
  Estimate quantile() const;
  Estimate spread() const;

  Op op_;
  double level_;
  bool wants_error_;
  bool keeps_values_;
  int64_t count_ = 0;
  int64_t true_count_ = 0;  // of the terms that are not 0: any, all
  reduce::ExactSum sum_;      // mean, sum
  reduce::Moments moments_;   // what needs squares, min, max
  std::vector<double> values_;
};

}  // namespace acie::scheduler
