#include "compiler/Sema/Analysis/Cycles.h"

#include <algorithm>
#include <utility>

namespace acie::sema {

Ordering depth_first(int count, const std::function<const std::vector<int>&(int)>& dependencies) {
  enum class Mark : uint8_t { Unseen, Open, Done };
  std::vector<Mark> marks(count, Mark::Unseen);
  std::vector<bool> on_cycle(count, false);
  std::vector<std::pair<int, size_t>> stack;
  Ordering out;
  for (int root = 0; root < count; ++root) {
    if (marks[root] != Mark::Unseen) continue;
    marks[root] = Mark::Open;
    stack.emplace_back(root, 0);
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      const std::vector<int>& edges = dependencies(node);
      if (next == edges.size()) {
        marks[node] = Mark::Done;
        out.order.push_back(node);
        stack.pop_back();
        continue;
      }
      int target = edges[next++];
      if (marks[target] == Mark::Unseen) {
        marks[target] = Mark::Open;
        stack.emplace_back(target, 0);
      } else if (marks[target] == Mark::Open) {
        auto first = std::find_if(stack.begin(), stack.end(), [&](const auto& entry) { return entry.first == target; });
        std::vector<int> cycle;
        for (auto it = first; it != stack.end(); ++it) cycle.push_back(it->first);
        if (std::any_of(cycle.begin(), cycle.end(), [&](int n) { return on_cycle[n]; })) continue;
        for (int n : cycle) on_cycle[n] = true;
        out.cycles.push_back(std::move(cycle));
      }
    }
  }
  return out;
}

}  // namespace acie::sema
