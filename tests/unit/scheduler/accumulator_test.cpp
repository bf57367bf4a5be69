// Estimates and their standard errors: against the formulas written out, and whatever the order of the terms.

#include "runtime/scheduler/Accumulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

namespace acie::scheduler {
namespace {

using Op = package::ReduceNode::Op;

Accumulator make(Op op, bool error = true, double level = 0.5) {
  package::ReduceNode node;
  node.op = op;
  node.level = level;
  node.standard_error = error ? 1 : -1;
  return Accumulator(node);
}

Estimate of(Op op, const std::vector<double>& values, bool error = true, double level = 0.5) {
  Accumulator sum = make(op, error, level);
  sum.add({values.data(), ACIE_F64, 1, nullptr}, static_cast<int64_t>(values.size()));
  return sum.finish();
}

TEST(Accumulator, SmallSamplesByHand) {
  const std::vector<double> values{4, 1, 3, 2};
  EXPECT_EQ(of(Op::Mean, values).value, 2.5);
  EXPECT_DOUBLE_EQ(of(Op::Mean, values).standard_error, std::sqrt(5.0 / 3 / 4));
  EXPECT_EQ(of(Op::Sum, values).value, 10);
  EXPECT_DOUBLE_EQ(of(Op::Sum, values).standard_error, std::sqrt(5.0 / 3 * 4));
  EXPECT_DOUBLE_EQ(of(Op::Variance, values).value, 5.0 / 3);
  // m4 = (2 * 1.5^4 + 2 * 0.5^4) / 4; sqrt((m4 - s^4 (n-3)/(n-1)) / n)
  const double m4 = (2 * 5.0625 + 2 * 0.0625) / 4, error = std::sqrt((m4 - 25.0 / 9 / 3) / 4);
  EXPECT_DOUBLE_EQ(of(Op::Variance, values).standard_error, error);
  EXPECT_DOUBLE_EQ(of(Op::StdDev, values).value, std::sqrt(5.0 / 3));
  EXPECT_DOUBLE_EQ(of(Op::StdDev, values).standard_error, error / (2 * std::sqrt(5.0 / 3)));
  EXPECT_EQ(of(Op::Min, values).value, 1);
  EXPECT_EQ(of(Op::Max, values).value, 4);
  EXPECT_EQ(of(Op::Count, values).value, 4);
  EXPECT_EQ(of(Op::Quantile, values).value, 2.5);
  EXPECT_EQ(of(Op::Quantile, values, true, 0).value, 1);
  EXPECT_EQ(of(Op::Quantile, values, true, 1).value, 4);
  EXPECT_DOUBLE_EQ(of(Op::Quantile, values, true, 0.1).value, 1.3);
}

TEST(Accumulator, FlagsAndEmptySums) {
  const uint8_t flags[] = {1, 0, 0, 1};
  const auto of_flags = [&](Op op, int64_t count) {
    Accumulator sum = make(op);
    sum.add({flags, ACIE_BOOL, 1, nullptr}, count);
    return sum.finish();
  };
  EXPECT_EQ(of_flags(Op::Mean, 4).value, 0.5);
  EXPECT_DOUBLE_EQ(of_flags(Op::Mean, 4).standard_error, std::sqrt(0.25 * 4 / 3 / 4));
  EXPECT_EQ(of_flags(Op::Any, 4).value, 1);
  EXPECT_EQ(of_flags(Op::All, 4).value, 0);
  EXPECT_EQ(of_flags(Op::All, 1).value, 1);
  EXPECT_TRUE(std::isnan(of_flags(Op::Mean, 0).value));
  EXPECT_TRUE(std::isnan(of_flags(Op::Min, 0).value));
  EXPECT_TRUE(std::isnan(of(Op::Quantile, {}).value));
  EXPECT_TRUE(std::isnan(of(Op::Mean, {1}).standard_error));
  EXPECT_TRUE(std::isnan(of(Op::Quantile, {1, NAN}).value));
}

TEST(Accumulator, LeavesOutWhatIsNotKept) {
  const float values[] = {1, 100, 3, 100};
  const uint8_t keep[] = {1, 0, 1, 0};
  Accumulator sum = make(Op::Mean, false);
  sum.add({values, ACIE_F32, 1, keep}, 4);
  EXPECT_EQ(sum.finish().value, 2);
  const int64_t constant = 7;
  Accumulator same = make(Op::Sum, false);
  same.add({&constant, ACIE_I64, 0, nullptr}, 3);
  EXPECT_EQ(same.finish().value, 21);
}

TEST(Accumulator, OrderAndPartitionDoNotShow) {
  std::mt19937_64 random(1);
  std::vector<double> values(1000);
  for (double& x : values) x = std::ldexp(std::normal_distribution<double>()(random), static_cast<int>(random() % 80) - 40);
  values[3] = 0.0;
  values[4] = -0.0;
  for (const Op op : {Op::Mean, Op::Sum, Op::Variance, Op::StdDev, Op::Quantile, Op::Min, Op::Max}) {
    for (const bool error : {false, true}) {
      const Estimate whole = of(op, values, error);
      std::vector<double> shuffled = values;
      std::shuffle(shuffled.begin(), shuffled.end(), random);
      Accumulator parts = make(op, error);
      for (size_t at = 0; at < shuffled.size(); at += 7) {
        Accumulator part = make(op, error);
        part.add({shuffled.data() + at, ACIE_F64, 1, nullptr}, static_cast<int64_t>(std::min<size_t>(7, shuffled.size() - at)));
        parts.merge(part);
      }
      EXPECT_EQ(std::bit_cast<uint64_t>(parts.finish().value), std::bit_cast<uint64_t>(whole.value));
      EXPECT_EQ(std::bit_cast<uint64_t>(parts.finish().standard_error), std::bit_cast<uint64_t>(whole.standard_error));
    }
  }
}

/// The stated error must be the spread of the estimate over repeated samples, within the error of that spread.
TEST(Accumulator, StandardErrorsCover) {
  std::mt19937_64 random(2);
  std::gamma_distribution<double> gamma(3);
  constexpr int kRepeats = 400, kSize = 500;
  for (const auto& [op, level, slack] : {std::tuple{Op::Mean, 0.5, 0.15}, {Op::Variance, 0.5, 0.2}, {Op::StdDev, 0.5, 0.2},
                                         {Op::Quantile, 0.5, 0.2}, {Op::Quantile, 0.9, 0.2}}) {
    double sum = 0, squares = 0, errors = 0;
    for (int i = 0; i < kRepeats; ++i) {
      std::vector<double> values(kSize);
      for (double& x : values) x = gamma(random);
      const Estimate estimate = of(op, values, true, level);
      sum += estimate.value;
      squares += estimate.value * estimate.value;
      errors += estimate.standard_error;
    }
    const double spread = std::sqrt(squares / kRepeats - (sum / kRepeats) * (sum / kRepeats));
    EXPECT_NEAR(errors / kRepeats / spread, 1, slack) << static_cast<int>(op) << " " << level;
  }
}

}  // namespace
}  // namespace acie::scheduler
