#include "compiler/Sema/Analysis/ExprWalk.h"

#include <bit>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace acie::sema {
namespace {

bool same_elements(const Expr::Elements* a, const Expr::Elements* b) {
  if (a == b) return true;
  return a != nullptr && b != nullptr && a->offset == b->offset && a->strides == b->strides && a->numbers == b->numbers;
}

bool same_node(const Expr& a, const Expr& b) {
  return a.kind == b.kind && a.op == b.op && a.estimator == b.estimator && a.reducer == b.reducer &&
         a.world == b.world && a.type.scalar == b.type.scalar &&
         std::bit_cast<uint64_t>(a.number) == std::bit_cast<uint64_t>(b.number) && a.integer == b.integer &&
         a.level == b.level && a.variable == b.variable && a.slot == b.slot && a.noise == b.noise &&
         a.type.shape == b.type.shape && a.folding == b.folding && a.routine == b.routine && same_elements(a.elements.get(), b.elements.get()) && a.loop == b.loop &&
         a.operands.size() == b.operands.size();
}

}  // namespace

std::vector<const Expr*> postorder(absl::Span<const Expr* const> roots) {
  std::vector<const Expr*> order;
  absl::flat_hash_set<const Expr*> seen;
  std::vector<std::pair<const Expr*, size_t>> stack;
  for (const Expr* root : roots) {
    if (root == nullptr || !seen.insert(root).second) continue;
    stack.emplace_back(root, 0);
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      const Expr* shape = node->noise != nullptr ? node->noise->shape : nullptr;
      if (next == node->operands.size() + (shape != nullptr ? 1 : 0)) {
        order.push_back(node);
        stack.pop_back();
        continue;
      }
      const Expr* operand = next < node->operands.size() ? node->operands[next] : shape;
      ++next;
      if (seen.insert(operand).second) stack.emplace_back(operand, 0);
    }
  }
  return order;
}

std::vector<const Expr*> postorder(const Expr* root) { return postorder(absl::MakeConstSpan(&root, 1)); }

std::vector<const Expr*> references(absl::Span<const Expr* const> roots) {
  std::vector<const Expr*> found;
  for (const Expr* node : postorder(roots)) {
    if (node->kind == Expr::Kind::Variable || node->kind == Expr::Kind::Natural) found.push_back(node);
  }
  return found;
}

std::vector<const Expr*> references(const Expr* root) { return references(absl::MakeConstSpan(&root, 1)); }

bool same_expression(const Expr* a, const Expr* b) {
  absl::flat_hash_set<std::pair<const Expr*, const Expr*>> compared;
  std::vector<std::pair<const Expr*, const Expr*>> stack = {{a, b}};
  while (!stack.empty()) {
    auto [left, right] = stack.back();
    stack.pop_back();
    if (left == right || !compared.emplace(left, right).second) continue;
    if (!same_node(*left, *right)) return false;
    for (size_t i = 0; i < left->operands.size(); ++i) stack.emplace_back(left->operands[i], right->operands[i]);
  }
  return true;
}

std::vector<const Expr*> replaced(absl::Span<const Expr* const> roots, const std::function<const Expr*(const Expr&)>& instead, Program& program) {
  absl::flat_hash_map<const Expr*, const Expr*> made;
  for (const Expr* node : postorder(roots)) {
    const Expr* now = instead(*node);
    if (now == nullptr) {
      Expr copy = *node;
      bool changed = false;
      for (const Expr*& operand : copy.operands) {
        const Expr* other = made.at(operand);
        changed = changed || other != operand;
        operand = other;
      }
      now = changed ? program.make(std::move(copy)) : node;
    }
    made[node] = now;
  }
  std::vector<const Expr*> result;
  for (const Expr* root : roots) result.push_back(made.at(root));
  return result;
}

}  // namespace acie::sema
