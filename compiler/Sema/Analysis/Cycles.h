// Depth-first ordering of a directed graph, and its cycles as paths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace acie::sema {

struct Ordering {
  std::vector<int> order;                // every node after the nodes it depends on; complete where there are no cycles
  std::vector<std::vector<int>> cycles;  // node lists: each depends on the next, the last on the first
};

/// Orders nodes 0..count-1, visiting roots and dependencies in the order given. Each node is on at most one reported
/// cycle, so that one mistake is one error.
Ordering depth_first(int count, const std::function<const std::vector<int>&(int)>& dependencies);

}  // namespace acie::sema
