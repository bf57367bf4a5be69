// Views within blocks of rows that are not made, because kernels can read what they show where it is: a value that all elements of
// a line share (x - max(x, axis: 1)[.., new]), or one line for all (x * scale[new, ..]).
//
// A line is a run of elements along the last axes. A kernel that reads such a view is called for one line after the other.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "runtime/package/Plan.h"
#include "runtime/scheduler/Fusion.h"

namespace acie::scheduler {

/// Views of `body`, steps that run for some of `rows` rows at a time, that need not be made; `inside` are buffers that nothing
/// else reads.
std::vector<RowBlocks::Stretch> find_stretches(const package::Entry& entry, const std::vector<KernelStep>& body, const std::set<int>& inside, int64_t rows);

/// How a kernel reads an operand line by line: line l begins at element l / each % period * step, its elements are `stride` apart.
struct LineOperand {
  int64_t each = 1, period = 0, step = 0, stride = 1;  // period 0: none

  int64_t begin(int64_t line) const {
    if (each > 1) line /= each;
    if (period > 0) line %= period;
    return line * step;
  }
};

/// Elements of the lines of a kernel of which `inputs` are stretched; null for those that are not. 0 where none is.
int64_t line_of(const std::vector<const RowBlocks::Stretch*>& inputs);

/// How lines of `line` elements read an operand; null: one that is not stretched.
LineOperand line_operand(const RowBlocks::Stretch* stretch, int64_t line);

}  // namespace acie::scheduler
