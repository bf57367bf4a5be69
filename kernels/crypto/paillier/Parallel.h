// How the parts of an operation are carried out: one after another, or by a caller that has threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "absl/status/status.h"

namespace acie::paillier {

/// Carries out what has no order among itself. The default is the caller's thread; whoever has threads says how many and
/// brings a `run` of its own. Results have the same bits with any.
struct Parallel {
  /// Carries out elements first to first + size − 1.
  using Work = std::function<absl::Status(size_t first, size_t size)>;

  int threads = 1;
  /// Calls `work` for slices of at most `slice` of 0 … count − 1, in any order. The first error stops it.
  std::function<absl::Status(size_t count, size_t slice, const Work& work)> run = one_by_one;

  /// A slice that gives each thread two turns or more, a whole multiple of `least` and `most` at most.
  size_t slice(size_t count, size_t least, size_t most) const {
    if (threads <= 1) return std::max(count, least);
    const size_t turns = 2 * static_cast<size_t>(threads), share = (count + turns - 1) / turns;
    return std::min((share + least - 1) / least * least, most);
  }

 private:
  static absl::Status one_by_one(size_t count, size_t slice, const Work& work) {
    for (size_t first = 0; first < count; first += slice)
      if (absl::Status status = work(first, std::min(slice, count - first)); !status.ok()) return status;
    return absl::OkStatus();
  }
};

}  // namespace acie::paillier
