#include "compiler/Sema/LoopParts.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Symbols.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

bool counts_from_zero(const std::vector<double>& numbers) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<double>(i)) return false;
  }
  return true;
}

bool is_dense(const Expr* expr) { return expr->kind == Expr::Kind::Dense; }

/// Whether `at` is 0, 1, … `row` - 1 after `place` times `row`: the elements of one row.
bool is_row(const Expr* at, const Expr* place, int64_t row) {
  if (at->kind != Expr::Kind::Apply || at->op != Op::Add) return false;
  const Expr* from = at->operands[is_dense(at->operands[0]) ? 0 : 1];
  const Expr* step = at->operands[is_dense(at->operands[0]) ? 1 : 0];
  if (!is_dense(from) || static_cast<int64_t>(from->elements->numbers.size()) != row || !counts_from_zero(from->elements->numbers)) return false;
  if (row == 1 && step == place) return true;
  if (step->kind != Expr::Kind::Apply || step->op != Op::Mul) return false;
  for (const int side : {0, 1}) {
    const auto factor = constant_value(step->operands[1 - side]);
    if (step->operands[side] == place && factor && *factor == static_cast<double>(row)) return true;
  }
  return false;
}

}  // namespace

std::optional<Range> range_of_parts(const Expr* whole) {
  if (is_float(whole->type.scalar) || whole->kind != Expr::Kind::Dense) return whole->type.range;
  const auto [low, high] = std::minmax_element(whole->elements->numbers.begin(), whole->elements->numbers.end());
  return Range{*low, *high};
}

LoopParts parts_of_steps(std::vector<const Expr*> after, const Expr* place, const Expr* whole, Program& program) {
  LoopParts result;
  result.after = std::move(after);
  if (whole->kind != Expr::Kind::Dense || whole->type.shape.size() != 1 || !counts_from_zero(whole->elements->numbers)) return result;
  const int64_t steps = whole->type.shape[0];
  absl::flat_hash_set<const Expr*> inside;  // what differs from step to step
  absl::flat_hash_map<const Expr*, const Expr*> parts;
  for (const Expr* node : postorder(result.after)) {
    const bool varies = node->kind == Expr::Kind::Bound || std::any_of(node->operands.begin(), node->operands.end(), [&](const Expr* e) { return inside.contains(e); });
    if (varies) inside.insert(node);
    if (node->kind != Expr::Kind::Gather || inside.contains(node->operands[0])) continue;
    const Shape& shape = node->operands[0]->type.shape;
    if (shape.empty() || shape[0] != steps) continue;
    const Shape row(shape.begin() + 1, shape.end());
    const bool own = row.empty() ? node->operands[1] == place : node->type.shape == row && is_row(node->operands[1], place, element_count(row));
    if (own) parts[node] = nullptr;
  }
  if (parts.empty()) return result;
  absl::flat_hash_map<const Expr*, const Expr*> bound_of;  // by the tensor
  result.after = replaced(result.after, [&](const Expr& node) -> const Expr* {
    if (!parts.contains(&node)) return nullptr;
    const Expr*& bound = bound_of[node.operands[0]];
    if (bound == nullptr) {
      Expr part = *place;
      part.type = node.type;
      part.type.range.reset();
      part.span = node.span;
      bound = program.make(std::move(part));
      result.bound.push_back(bound);
      result.over.push_back(node.operands[0]);
    }
    return bound;
  }, program);
  return result;
}

}  // namespace acie::sema
