// The methods of Matvec.h, over a machine that computes or only counts.
//
// A machine has numbered cells: cells 0 to columns − 1 hold the vector. multiply(to, a, b), square(to, a) and copy(to, a)
// may be carried out later, but as if in order.
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
template <class Machine>
class Partial {
 public:
  Partial(Machine& machine, size_t first, size_t count) : machine_(machine), first_(first), used_(count, 0) {}
  size_t cell(size_t i) const { return first_ + i; }
  bool used(size_t i) const { return used_[i] != 0; }
  void times(size_t i, size_t cell_of_factor) {
    if (used(i))
      machine_.multiply(cell(i), cell(i), cell_of_factor);
    else
      machine_.copy(cell(i), cell_of_factor);
    used_[i] = 1;
  }
  void square(size_t i) {
    if (used(i)) machine_.square(cell(i), cell(i));
  }

 private:
  Machine& machine_;
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

template <class Machine>
class MultiExponent {
 public:
  MultiExponent(Machine& machine, const WeightMatrix& w) : machine_(machine), w_(w), bits_(w.bits()) {}

  RowProducts run(MatvecMethod method, int window) {
    switch (method) {
      case MatvecMethod::kTables: return tables(window);
      case MatvecMethod::kSubsets: return subsets(window, false);
      case MatvecMethod::kShiftedSubsets: return subsets(window, true);
      case MatvecMethod::kBuckets: break;
    }
    return buckets(window);
  }

 private:
  static constexpr size_t kBlock = 8;  // columns whose tables are made together, one a lane

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

  /// Columns are dealt out to so many partial products for each row that lanes have work.
  size_t parts() const { return std::max<size_t>(1, kMatvecLanes / std::max<size_t>(1, w_.rows)); }

  RowProducts tables(int window) {
    const size_t windows = static_cast<size_t>((bits_ + window - 1) / window), entries = size_t{1} << window;
    const uint64_t mask = entries - 1;
    const size_t first_table = w_.columns, first_partial = first_table + kBlock * entries, split = parts();
    Partial<Machine> partial(machine_, first_partial, w_.rows * 2 * windows * split);
    const auto index = [&](size_t r, bool negative, size_t i, size_t part) {
      return ((r * 2 + (negative ? 1 : 0)) * windows + i) * split + part;
    };
    for (size_t c0 = 0; c0 < w_.columns; c0 += kBlock) {
      const size_t block = std::min(kBlock, w_.columns - c0);
      const auto entry = [&](size_t j, uint64_t digit) { return digit == 1 ? c0 + j : first_table + j * entries + digit; };
      std::array<std::vector<Step>, kBlock> steps;
      size_t longest = 0;
      for (size_t j = 0; j < block; ++j) {
        std::vector<uint8_t> wanted(entries, 0);
        for (size_t r = 0; r < w_.rows; ++r)
          for (uint64_t m = WeightMatrix::magnitude(w_.at(r, c0 + j)); m != 0; m >>= window) wanted[m & mask] = 1;
        steps[j] = entries > 2 ? chain(wanted) : std::vector<Step>();
        longest = std::max(longest, steps[j].size());
      }
      for (size_t k = 0; k < longest; ++k)
        for (size_t j = 0; j < block; ++j) {
          if (k >= steps[j].size()) continue;
          const Step& s = steps[j][k];
          if (s.a == s.b)
            machine_.square(entry(j, s.value), entry(j, s.a));
          else
            machine_.multiply(entry(j, s.value), entry(j, s.a), entry(j, s.b));
        }
      for (size_t j = 0; j < block; ++j)
        for (size_t r = 0; r < w_.rows; ++r) {
          const int64_t w = w_.at(r, c0 + j);
          uint64_t m = WeightMatrix::magnitude(w);
          for (size_t i = 0; m != 0; ++i, m >>= window)
            if ((m & mask) != 0) partial.times(index(r, w < 0, i, (c0 + j) % split), entry(j, m & mask));
        }
    }
    return finish(partial, windows, window, split);
  }

  /// The weights' bits, plane by plane: a row's factor is the product of the columns whose bit is set, from a table of all
  /// subsets of `group` columns. Shifted, the smallest weight is subtracted from all, so that none is negative, and what this
  /// put in is in all rows alike: `common`.
  RowProducts subsets(int group, bool shifted) {
    const uint64_t shift = shifted ? w_.shift() : 0;
    const size_t signs = shifted ? 1 : 2, planes = static_cast<size_t>(shifted ? w_.shifted_bits() : bits_);
    const size_t entries = size_t{1} << group, width = static_cast<size_t>(group), lists = signs * planes;
    const size_t first_table = w_.columns, first_partial = first_table + entries, split = parts();
    const size_t first_common = first_partial + w_.rows * lists * split;
    Partial<Machine> partial(machine_, first_partial, w_.rows * lists * split);
    std::vector<uint32_t> sets(w_.rows * lists);  // row by row, sign by sign, plane by plane
    std::vector<uint8_t> wanted(entries);
    for (size_t c0 = 0, turn = 0; c0 < w_.columns; c0 += width, ++turn) {
      const size_t count = std::min(width, w_.columns - c0);
      const auto cell = [&](size_t set) {
        return std::has_single_bit(set) ? c0 + static_cast<size_t>(std::countr_zero(set)) : first_table + set;
      };
      std::fill(sets.begin(), sets.end(), 0);
      for (size_t r = 0; r < w_.rows; ++r)
        for (size_t j = 0; j < count; ++j) {
          const int64_t w = w_.at(r, c0 + j);
          uint64_t m = shifted ? static_cast<uint64_t>(w) + shift : WeightMatrix::magnitude(w);
          uint32_t* of_row = sets.data() + r * lists + (!shifted && w < 0 ? planes : 0);
          for (; m != 0; m &= m - 1) of_row[std::countr_zero(m)] |= uint32_t{1} << j;
        }
      // Each from the one without its last column: those with the same last column do not depend on each other.
      std::fill(wanted.begin(), wanted.end(), 0);
      for (size_t set : sets)
        for (; set != 0 && !wanted[set]; set ^= std::bit_floor(set)) wanted[set] = 1;
      for (size_t set = 1; set < entries; ++set)
        if (const size_t last = std::bit_floor(set); wanted[set] && set != last)
          machine_.multiply(cell(set), cell(set ^ last), cell(last));
      for (size_t i = 0; i < sets.size(); ++i)
        if (sets[i] != 0) partial.times(i * split + turn % split, cell(sets[i]));
    }
    RowProducts result = finish(partial, planes, 1, split, signs);
    if (shift != 0) result.common = power_of_all(first_common, shift);
    return result;
  }

  /// The cell of (Π x)^exponent, for an exponent above 0; takes kBlock + 1 cells from `first`.
  size_t power_of_all(size_t first, uint64_t exponent) {
    Partial<Machine> all(machine_, first, kBlock + 1);
    for (size_t c = 0; c < w_.columns; ++c) all.times(c % kBlock, c);
    for (size_t i = 1; i < kBlock; ++i)
      if (all.used(i)) all.times(0, all.cell(i));
    all.times(kBlock, all.cell(0));
    for (int i = std::bit_width(exponent) - 1; i-- > 0;) {
      all.square(kBlock);
      if ((exponent >> i & 1) != 0) all.times(kBlock, all.cell(0));
    }
    return all.cell(kBlock);
  }

  RowProducts buckets(int window) {
    const size_t windows = static_cast<size_t>((bits_ + window - 1) / window), digits = (size_t{1} << window) - 1;
    const uint64_t mask = digits;
    const size_t lists = w_.rows * 2 * windows;
    // A list is a window of the positive or negative weights of a row. Eight rows' buckets are held at a time.
    const size_t held = std::min<size_t>(w_.rows, kBlock) * 2 * windows;
    const size_t first_bucket = w_.columns, first_running = first_bucket + held * digits, first_total = first_running + held;
    Partial<Machine> total(machine_, first_total, lists);
    for (size_t r0 = 0; r0 < w_.rows; r0 += kBlock) {
      const size_t block = std::min(kBlock, w_.rows - r0);
      Partial<Machine> bucket(machine_, first_bucket, held * digits), running(machine_, first_running, held);
      for (size_t c = 0; c < w_.columns; ++c)
        for (size_t r = 0; r < block; ++r) {
          const int64_t w = w_.at(r0 + r, c);
          uint64_t m = WeightMatrix::magnitude(w);
          for (size_t i = 0; m != 0; ++i, m >>= window)
            if ((m & mask) != 0) bucket.times(((r * 2 + (w < 0 ? 1 : 0)) * windows + i) * digits + (m & mask) - 1, c);
        }
      // Π bucket[d]^d: the product of the running products from the top.
      for (size_t d = digits; d-- > 0;) {
        for (size_t list = 0; list < block * 2 * windows; ++list)
          if (bucket.used(list * digits + d)) running.times(list, bucket.cell(list * digits + d));
        for (size_t list = 0; list < block * 2 * windows; ++list)
          if (running.used(list)) total.times(r0 * 2 * windows + list, running.cell(list));
      }
    }
    return finish(total, windows, window, 1);
  }

  /// Multiplies parts together, then windows with their squarings. A row has one list of windows for each sign.
  RowProducts finish(Partial<Machine>& partial, size_t windows, int window, size_t split, size_t signs = 2) {
    const size_t lists = w_.rows * signs;
    for (size_t part = 1; part < split; ++part)
      for (size_t i = 0; i < lists * windows; ++i)
        if (partial.used(i * split + part)) partial.times(i * split, partial.cell(i * split + part));
    const auto index = [&](size_t list, size_t i) { return (list * windows + i) * split; };
    for (size_t i = windows - 1; i-- > 0;) {
      // The sum so far is in the uppermost window.
      for (int k = 0; k < window; ++k)
        for (size_t list = 0; list < lists; ++list) partial.square(index(list, windows - 1));
      for (size_t list = 0; list < lists; ++list)
        if (partial.used(index(list, i))) partial.times(index(list, windows - 1), partial.cell(index(list, i)));
    }
    RowProducts result;
    const auto product = [&](size_t r, size_t sign) {
      const size_t i = index(r * signs + sign, windows - 1);
      return partial.used(i) ? partial.cell(i) : RowProducts::kNone;
    };
    for (size_t r = 0; r < w_.rows; ++r) {
      result.positive.push_back(product(r, 0));
      result.negative.push_back(signs == 2 ? product(r, 1) : RowProducts::kNone);
    }
    return result;
  }

  Machine& machine_;
  WeightMatrix w_;
  int bits_;
};

}  // namespace acie::paillier
