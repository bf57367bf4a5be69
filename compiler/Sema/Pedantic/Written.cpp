#include "compiler/Sema/Pedantic/Written.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/container/inlined_vector.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Analysis/Ranges.h"

namespace acie::sema {
namespace {

Interval declared(const Type& type) {
  if (type.scalar == ScalarKind::Bool) return Interval::closed(0, 1);
  if (!type.range) return {};
  return {type.range->low, type.range->high, std::isinf(type.range->low), std::isinf(type.range->high)};
}

}  // namespace

WrittenOperations::WrittenOperations(const PedanticSubject& subject) {
  if (subject.module == nullptr) return;
  std::vector<const Expr*> roots;
  for (const Model* model : subject.program.models) {
    const Ranges ranges(*model);
    for (const Variable* variable : model->variables) {
      if (variable->role == Variable::Role::Exo) noises_[variable] = ranges.of(variable);
      roots.push_back(variable->equation);
    }
  }
  for (const Query* query : subject.program.queries) {
    for (const World& world : query->worlds) {
      for (const Intervention& intervention : world.interventions) roots.push_back(intervention.value);
    }
    for (const Output& output : query->outputs) roots.push_back(output.value);
  }
  std::vector<Span> bodies;
  for (const syntax::Decl* decl : subject.module->file->declarations) {
    if (decl->kind == syntax::Decl::Kind::Model || decl->kind == syntax::Decl::Kind::Query) bodies.push_back(decl->span);
  }
  std::map<std::pair<uint64_t, Op>, Place> found;
  for (const Expr* node : postorder(roots)) {
    if (node->kind != Expr::Kind::Apply) continue;
    const Span at = node->span;
    // Declarations stand one after the other: the last that begins before the place is the only one that can hold it.
    const auto after = std::upper_bound(bodies.begin(), bodies.end(), at.begin, [](uint32_t begin, Span body) { return begin < body.begin; });
    if (after == bodies.begin() || at.begin >= at.end) continue;
    if (const Span body = *std::prev(after); body.file != at.file || at.end > body.end) continue;
    Place& place = found[{uint64_t{at.begin} << 32 | at.end, node->op}];
    place.span = at;
    place.op = node->op;
    place.nodes.push_back(node);
  }
  for (auto& [key, place] : found) places_.push_back(std::move(place));
}

Interval WrittenOperations::range(const Variable* variable) const {
  const auto noise = noises_.find(variable);
  return noise != noises_.end() ? noise->second : declared(variable->type);
}

Interval WrittenOperations::range(const Expr* root) const {
  for (const Expr* node : postorder(root)) {
    if (known_.contains(node)) continue;
    Interval range = compute(*node);
    if (std::isnan(range.low) || std::isnan(range.high)) range = {};
    known_[node] = range;
  }
  return known_.at(root);
}

Interval WrittenOperations::compute(const Expr& expr) const {
  switch (expr.kind) {
    case Expr::Kind::Constant: {
      const bool is_float = expr.type.scalar == ScalarKind::F64 || expr.type.scalar == ScalarKind::F32;
      const double value = is_float ? expr.number : static_cast<double>(expr.integer);
      return std::isfinite(value) ? Interval::point(value) : Interval{};
    }
    case Expr::Kind::Variable: case Expr::Kind::Natural: return range(expr.variable);
    case Expr::Kind::Slot: return declared(expr.slot->type);
    case Expr::Kind::Present: return Interval::closed(0, 1);
    case Expr::Kind::Apply: {
      absl::InlinedVector<Interval, 3> operands;
      for (const Expr* operand : expr.operands) operands.push_back(known_.at(operand));
      const bool same = operands.size() == 2 && same_expression(expr.operands[0], expr.operands[1]);
      return image(expr.op, operands, same);
    }
    default: return {};
  }
}

}  // namespace acie::sema
