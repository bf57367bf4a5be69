// The methods of Matvec.h, over a machine that computes or only counts.
//
// A machine has numbered cells: cells 0 to columns − 1 hold the vector. multiply(to, a, b), square(to, a) and copy(to, a)
// may be carried out later, but as if in order. Several machines may share their cells: what one thread prepares, another
// multiplies by.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/crypto/paillier/Matvec.h"

namespace acie::paillier {

struct WeightMatrix {
  std::span<const int64_t> weights;
  size_t rows, columns;

  static uint64_t magnitude(int64_t w) { return w < 0 ? 0 - static_cast<uint64_t>(w) : static_cast<uint64_t>(w); }
  int64_t at(size_t r, size_t c) const { return weights[r * columns + c]; }
  /// Bits of the largest magnitude, one at least.
  int bits() const {
    uint64_t all = 1;
    for (int64_t w : weights) all |= magnitude(w);
    return std::bit_width(all);
  }
  /// What makes all weights 0 or more when added, and the bits of the largest then.
  uint64_t shift() const {
    int64_t least = 0;
    for (int64_t w : weights) least = std::min(least, w);
    return magnitude(least);
  }
  int shifted_bits() const {
    uint64_t all = 1;
    for (const uint64_t by = shift(); const int64_t w : weights) all |= static_cast<uint64_t>(w) + by;
    return std::bit_width(all);
  }
};

/// Cells that are products of what was put into them; empty ones take the first factor as it is.
class Partial {
 public:
  Partial(size_t first, size_t count) : first_(first), used_(count, 0) {}
  size_t cell(size_t i) const { return first_ + i; }
  bool used(size_t i) const { return used_[i] != 0; }
  template <class Machine>
  void times(Machine& machine, size_t i, size_t cell_of_factor) {
    if (used(i))
      machine.multiply(cell(i), cell(i), cell_of_factor);
    else
      machine.copy(cell(i), cell_of_factor);
    used_[i] = 1;
  }
  template <class Machine>
  void square(Machine& machine, size_t i) const {
    if (used(i)) machine.square(cell(i), cell(i));
  }

 private:
  size_t first_;
  std::vector<uint8_t> used_;
};

/// Cells of the products of positive and of negative weights of each row, and of what all rows are to be divided by; kNone
/// where there is none.
struct RowProducts {
  std::vector<size_t> positive, negative;
  size_t common = kNone;
  static constexpr size_t kNone = ~size_t{0};
};

/// Elements first to first + count − 1.
struct Range {
  size_t first, count;
  size_t end() const { return first + count; }
};

/// A product in steps. Groups of columns, `ahead` at a time, are prepared in any order: their tables are made. When they are,
/// ranges of rows are multiplied by them in any order. After all groups, ranges of rows are finished. Steps of one kind may
/// run at once, each on a machine of its own, over cells that all share; with buckets, for all rows only.
class MultiExponent {
 public:
  MultiExponent(const WeightMatrix& w, MatvecMethod method, int window, size_t ahead = 1)
      : w_(w),
        method_(method),
        window_(window),
        entries_(size_t{1} << window),
        shift_(method == MatvecMethod::kShiftedSubsets ? w.shift() : 0),
        signs_(method == MatvecMethod::kShiftedSubsets ? 1 : 2),
        windows_(subsets() ? static_cast<size_t>(signs_ == 1 ? w.shifted_bits() : w.bits())
                           : static_cast<size_t>((w.bits() + window - 1) / window)),
        // Columns are dealt out to so many partial products for each row that lanes have work.
        split_(method == MatvecMethod::kBuckets ? 1 : std::max<size_t>(1, kMatvecLanes / std::max<size_t>(1, w.rows))),
        ahead_(std::min(ahead, std::max<size_t>(1, groups()))),
        partial_(w.columns + ahead_ * held_for_group(), w.rows * lists() * split_),
        all_(partial_.cell(w.rows * lists() * split_), kBlock + 1),
        sets_(subsets() ? ahead_ * w.rows * lists() : 0) {
    result_.positive.resize(w.rows, RowProducts::kNone);
    result_.negative.resize(w.rows, RowProducts::kNone);
  }

  /// Columns that are prepared together; the last group may have fewer.
  size_t group() const { return method_ == MatvecMethod::kBuckets ? w_.columns : subsets() ? static_cast<size_t>(window_) : kBlock; }
  size_t groups() const { return group() == 0 ? 0 : (w_.columns + group() - 1) / group(); }
  size_t ahead() const { return ahead_; }
  /// That steps may use.
  size_t cells() const { return all_.cell(kBlock + 1); }

  template <class Machine>
  void prepare(Machine& machine, size_t group) {
    if (subsets()) return prepare_subsets(machine, group);
    if (method_ == MatvecMethod::kTables) prepare_tables(machine, group);
  }

  template <class Machine>
  void multiply(Machine& machine, Range groups, Range rows) {
    if (method_ == MatvecMethod::kBuckets) return multiply_buckets(machine, rows);
    for (size_t g = groups.first; g < groups.end(); ++g)
      if (subsets())
        multiply_subsets(machine, g, rows);
      else
        multiply_tables(machine, g, rows);
  }

  /// Multiplies parts together, then windows with their squarings. A row has one list of windows for each sign.
  template <class Machine>
  void finish(Machine& machine, Range rows) {
    const size_t first = rows.first * signs_, last = rows.end() * signs_;
    for (size_t part = 1; part < split_; ++part)
      for (size_t i = first * windows_; i < last * windows_; ++i)
        if (partial_.used(i * split_ + part)) partial_.times(machine, i * split_, partial_.cell(i * split_ + part));
    const auto index = [&](size_t list, size_t i) { return (list * windows_ + i) * split_; };
    for (size_t i = windows_ - 1; i-- > 0;) {
      // The sum so far is in the uppermost window.
      for (int k = 0; k < (subsets() ? 1 : window_); ++k)
        for (size_t list = first; list < last; ++list) partial_.square(machine, index(list, windows_ - 1));
      for (size_t list = first; list < last; ++list)
        if (partial_.used(index(list, i))) partial_.times(machine, index(list, windows_ - 1), partial_.cell(index(list, i)));
    }
    for (size_t list = first; list < last; ++list)
      if (const size_t i = index(list, windows_ - 1); partial_.used(i))
        (list % signs_ == 0 ? result_.positive : result_.negative)[list / signs_] = partial_.cell(i);
  }

  /// What shifting put into all rows: (Π x)^shift.
  template <class Machine>
  void finish_common(Machine& machine) {
    if (shift_ == 0) return;
    for (size_t c = 0; c < w_.columns; ++c) all_.times(machine, c % kBlock, c);
    for (size_t i = 1; i < kBlock; ++i)
      if (all_.used(i)) all_.times(machine, 0, all_.cell(i));
    all_.times(machine, kBlock, all_.cell(0));
    for (int i = std::bit_width(shift_) - 1; i-- > 0;) {
      all_.square(machine, kBlock);
      if ((shift_ >> i & 1) != 0) all_.times(machine, kBlock, all_.cell(0));
    }
    result_.common = all_.cell(kBlock);
  }

  /// Once all is finished.
  const RowProducts& result() const { return result_; }

 private:
  static constexpr size_t kBlock = 8;  // columns whose tables are made together, one a lane

  bool subsets() const { return method_ == MatvecMethod::kSubsets || method_ == MatvecMethod::kShiftedSubsets; }
  /// Partial products of a row, parts not counted.
  size_t lists() const { return signs_ * windows_; }
  size_t digits() const { return entries_ - 1; }
  /// Eight rows' buckets are held at a time: of a list, a window of the positive or negative weights of a row.
  size_t held_lists() const { return std::min<size_t>(w_.rows, kBlock) * lists(); }
  size_t held_for_group() const {
    if (subsets()) return entries_;
    return method_ == MatvecMethod::kTables ? kBlock * entries_ : held_lists() * entries_;
  }
  size_t first_table(size_t group) const { return w_.columns + group % ahead_ * held_for_group(); }

  /// A table's steps: value = a + b, both there before.
  struct Step {
    unsigned value, a, b;
  };

  /// Steps that reach all the wanted values from 1, in a few more steps than there are values.
  static std::vector<Step> chain(const std::vector<uint8_t>& wanted) {
    std::vector<Step> steps;
    std::vector<uint8_t> have(wanted.size(), 0);
    std::vector<unsigned> values = {1};
    have[1] = 1;
    const auto add = [&](unsigned value, unsigned a, unsigned b) {
      steps.push_back({value, a, b});
      have[value] = 1;
      values.push_back(value);
    };
    const auto reach = [&](auto& self, unsigned value) -> void {
      if (have[value]) return;
      if (value % 2 == 0 && have[value / 2]) return add(value, value / 2, value / 2);
      unsigned below = 1;
      for (unsigned a : values) {
        if (a >= value) continue;
        if (have[value - a]) return add(value, a, value - a);
        below = std::max(below, a);
      }
      self(self, value - below);
      add(value, below, value - below);
    };
    for (unsigned value = 2; value < wanted.size(); ++value)
      if (wanted[value]) reach(reach, value);
    return steps;
  }

  /// The cell of column c to the power of a digit.
  size_t table_cell(size_t c, uint64_t digit) const {
    return digit == 1 ? c : first_table(c / kBlock) + c % kBlock * entries_ + digit;
  }

  template <class Machine>
  void prepare_tables(Machine& machine, size_t group) {
    const size_t c0 = group * kBlock, block = std::min(kBlock, w_.columns - c0);
    std::array<std::vector<Step>, kBlock> steps;
    size_t longest = 0;
    for (size_t j = 0; j < block; ++j) {
      std::vector<uint8_t> wanted(entries_, 0);
      for (size_t r = 0; r < w_.rows; ++r)
        for (uint64_t m = WeightMatrix::magnitude(w_.at(r, c0 + j)); m != 0; m >>= window_) wanted[m & digits()] = 1;
      steps[j] = entries_ > 2 ? chain(wanted) : std::vector<Step>();
      longest = std::max(longest, steps[j].size());
    }
    for (size_t k = 0; k < longest; ++k)
      for (size_t j = 0; j < block; ++j) {
        if (k >= steps[j].size()) continue;
        const Step& s = steps[j][k];
        const auto entry = [&](unsigned digit) { return table_cell(c0 + j, digit); };
        if (s.a == s.b)
          machine.square(entry(s.value), entry(s.a));
        else
          machine.multiply(entry(s.value), entry(s.a), entry(s.b));
      }
  }

  template <class Machine>
  void multiply_tables(Machine& machine, size_t group, Range rows) {
    for (size_t c = group * kBlock; c < std::min((group + 1) * kBlock, w_.columns); ++c)
      for (size_t r = rows.first; r < rows.end(); ++r) {
        const int64_t w = w_.at(r, c);
        uint64_t m = WeightMatrix::magnitude(w);
        for (size_t i = 0; m != 0; ++i, m >>= window_)
          if ((m & digits()) != 0)
            partial_.times(machine, ((r * 2 + (w < 0 ? 1 : 0)) * windows_ + i) * split_ + c % split_, table_cell(c, m & digits()));
      }
  }

  size_t subset_cell(size_t group, size_t set) const {
    return std::has_single_bit(set) ? group * static_cast<size_t>(window_) + static_cast<size_t>(std::countr_zero(set))
                                    : first_table(group) + set;
  }

  /// Row by row, sign by sign, plane by plane.
  uint32_t* sets_of(size_t group) { return sets_.data() + group % ahead_ * w_.rows * lists(); }

  /// The weights' bits, plane by plane: a row's factor is the product of the columns whose bit is set, from a table of all
  /// subsets of a few columns. Shifted, the smallest weight is subtracted from all, so that none is negative, and what this
  /// put in is in all rows alike: finish_common().
  template <class Machine>
  void prepare_subsets(Machine& machine, size_t group) {
    const size_t c0 = group * static_cast<size_t>(window_), count = std::min(static_cast<size_t>(window_), w_.columns - c0);
    uint32_t* const sets = sets_of(group);
    std::fill_n(sets, w_.rows * lists(), 0);
    for (size_t r = 0; r < w_.rows; ++r)
      for (size_t j = 0; j < count; ++j) {
        const int64_t w = w_.at(r, c0 + j);
        uint64_t m = signs_ == 1 ? static_cast<uint64_t>(w) + shift_ : WeightMatrix::magnitude(w);
        uint32_t* of_row = sets + r * lists() + (signs_ == 2 && w < 0 ? windows_ : 0);
        for (; m != 0; m &= m - 1) of_row[std::countr_zero(m)] |= uint32_t{1} << j;
      }
    // Each from the one without its last column: those with the same last column do not depend on each other.
    std::vector<uint8_t> wanted(entries_, 0);
    for (size_t i = 0; i < w_.rows * lists(); ++i)
      for (size_t set = sets[i]; set != 0 && !wanted[set]; set ^= std::bit_floor(set)) wanted[set] = 1;
    for (size_t set = 1; set < entries_; ++set)
      if (const size_t last = std::bit_floor(set); wanted[set] && set != last)
        machine.multiply(subset_cell(group, set), subset_cell(group, set ^ last), subset_cell(group, last));
  }

  template <class Machine>
  void multiply_subsets(Machine& machine, size_t group, Range rows) {
    const uint32_t* const sets = sets_of(group);
    for (size_t i = rows.first * lists(); i < rows.end() * lists(); ++i)
      if (sets[i] != 0) partial_.times(machine, i * split_ + group % split_, subset_cell(group, sets[i]));
  }

  template <class Machine>
  void multiply_buckets(Machine& machine, Range rows) {
    const size_t held = held_lists(), first_bucket = first_table(0);
    for (size_t r0 = rows.first; r0 < rows.end(); r0 += kBlock) {
      const size_t block = std::min(kBlock, rows.end() - r0);
      Partial bucket(first_bucket, held * digits()), running(first_bucket + held * digits(), held);
      for (size_t c = 0; c < w_.columns; ++c)
        for (size_t r = 0; r < block; ++r) {
          const int64_t w = w_.at(r0 + r, c);
          uint64_t m = WeightMatrix::magnitude(w);
          for (size_t i = 0; m != 0; ++i, m >>= window_)
            if ((m & digits()) != 0)
              bucket.times(machine, ((r * 2 + (w < 0 ? 1 : 0)) * windows_ + i) * digits() + (m & digits()) - 1, c);
        }
      // Π bucket[d]^d: the product of the running products from the top.
      for (size_t d = digits(); d-- > 0;) {
        for (size_t list = 0; list < block * lists(); ++list)
          if (bucket.used(list * digits() + d)) running.times(machine, list, bucket.cell(list * digits() + d));
        for (size_t list = 0; list < block * lists(); ++list)
          if (running.used(list)) partial_.times(machine, r0 * lists() + list, running.cell(list));
      }
    }
  }

  WeightMatrix w_;
  MatvecMethod method_;
  int window_;
  size_t entries_;
  uint64_t shift_;
  size_t signs_, windows_, split_, ahead_;
  Partial partial_, all_;
  std::vector<uint32_t> sets_;
  RowProducts result_;
};

}  // namespace acie::paillier
