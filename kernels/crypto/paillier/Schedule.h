// In which products of a matrix times a vector share a block's eight lanes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "kernels/crypto/bigint/Kernels.h"

namespace acie::paillier {

/// Products of numbered cells that wait for their turn: eight that do not depend on each other are computed at a time, so that
/// all is as if computed in order. Two batches wait, so that the second's numbers can be fetched while the first is computed.
class Schedule {
 public:
  /// to = a·b.
  struct Entry {
    size_t to, a, b;
    bool square;
  };

  /// machine.compute() is called with the entries of a batch, one to eight, when their turn comes.
  template <class Machine>
  void push(const Entry& entry, Machine& machine) {
    for (size_t i = count_; i-- > 0;)
      if (conflict(waiting_[i], entry)) {
        for (size_t batches = i / kBatch + 1; batches > 0; --batches) next(machine);
        break;
      }
    if (count_ == waiting_.size()) next(machine);
    waiting_[count_++] = entry;
  }

  /// What must be done before cell `from` may be copied to cell `to`.
  template <class Machine>
  void before_copy(size_t to, size_t from, Machine& machine) {
    const Entry entry = {to, from, from, false};
    if (std::any_of(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(count_),
                    [&](const Entry& waiting) { return conflict(waiting, entry); }))
      flush(machine);
  }

  template <class Machine>
  void flush(Machine& machine) {
    while (count_ > 0) next(machine);
  }

  /// One product among them makes all of a batch products.
  static bool squares(std::span<const Entry> batch) {
    return std::all_of(batch.begin(), batch.end(), [](const Entry& entry) { return entry.square; });
  }

 private:
  static constexpr size_t kBatch = bigint::kLanes;

  static bool conflict(const Entry& x, const Entry& y) {
    return (x.to == y.to) | (x.to == y.a) | (x.to == y.b) | (y.to == x.a) | (y.to == x.b);
  }

  template <class Machine>
  void next(Machine& machine) {
    const size_t now = std::min(count_, kBatch);
    machine.compute(std::span<const Entry>(waiting_.data(), now));
    std::copy(waiting_.begin() + static_cast<ptrdiff_t>(now), waiting_.begin() + static_cast<ptrdiff_t>(count_), waiting_.begin());
    count_ -= now;
  }

  std::array<Entry, 2 * kBatch> waiting_;
  size_t count_ = 0;
};

}  // namespace acie::paillier
