#include "compiler/Sema/Analysis/Relevance.h"

#include <cstddef>
#include <utility>

namespace acie::sema {

std::vector<Node> Relevance::inputs_of(const Node& node) const {
  std::vector<Node> inputs;
  if (abduction_ && abduction_(node, inputs)) return inputs;
  for (const Dependency& dependency : graph_.dependencies(node)) inputs.push_back(dependency.target);
  return inputs;
}

void Relevance::require(Node root) {
  root = graph_.resolve(root);
  if (!reached_.insert(root).second) return;
  struct Frame {
    Node node;
    std::vector<Node> inputs;
    size_t next = 0;
  };
  std::vector<Frame> stack;
  stack.push_back({root, inputs_of(root), 0});
  while (!stack.empty()) {
    Frame& frame = stack.back();
    if (frame.next == frame.inputs.size()) {
      nodes_.push_back(frame.node);
      stack.pop_back();
      continue;
    }
    Node input = graph_.resolve(frame.inputs[frame.next++]);
    if (reached_.insert(input).second) stack.push_back({input, inputs_of(input), 0});
  }
}

void Relevance::require(const Expr* expr, WorldId world) {
  for (const Dependency& read : WorldGraph::reads(expr, world)) require(read.target);
}

}  // namespace acie::sema
