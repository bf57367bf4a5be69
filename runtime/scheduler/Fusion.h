// Steps of a program that are done together, so that tensors between them are never made as a whole.
//
// A fold along any axis but the last is, in the plan, a view with that axis last and a fold of it: it reads columns instead.
//
// Steps whose tensors have leading axes in common, and which compute a row of those (a softmax: extremes and sums along the last
// axis, and arithmetic between them), are run for a few rows at a time: what lives only between them stays in the cache. Neither
// changes a bit, and small tensors, which fit there anyway, are left alone.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/include/acie/kernel_abi.h"
#include "runtime/package/Plan.h"

namespace acie::scheduler {

inline size_t size_of(acie_dtype dtype) {
  switch (dtype) {
    case ACIE_F64:
    case ACIE_I64: return 8;
    case ACIE_F32:
    case ACIE_I32: return 4;
    case ACIE_BOOL: return 1;
  }
  return 8;
}

/// Of a fold: columns of `rows` elements that lie `stride` apart, `columns` of them side by side, for each place of the outer axes.
struct ColumnFold {
  const package::TensorNode* view = nullptr;  // that the fold reads through
  int64_t rows = 1, columns = 1, stride = 1;
  std::vector<int64_t> shape, strides;  // of the outer axes
};

/// Steps that are run for `at_once` of `rows` rows at a time.
struct RowBlocks {
  /// A buffer that only the steps use, and where its rows lie in a block's memory.
  struct Inside {
    int buffer;
    size_t at;
  };
  /// A view that is not made (Stretches.h): of it `run` elements that lie together share a value, or `repeats` where the same
  /// `run` elements come again and again.
  struct Stretch {
    int buffer;
    bool repeats;
    int64_t run;
  };
  int64_t rows = 1, at_once = 1;
  std::vector<Inside> inside;
  std::vector<Stretch> stretches;
  size_t bytes = 0;  // of a block's memory
};

struct KernelStep;

/// Fuses `steps` of `entry`, and those in the bodies of loops. `aliases`: by buffer, that which it lies in, or -1; what no longer
/// has memory of its own is taken from `placed`.
void fuse_steps(const package::Entry& entry, const std::vector<int>& aliases, std::vector<KernelStep>& steps, std::vector<bool>& placed);

}  // namespace acie::scheduler
