#include "compiler/Sema/Analysis/Ranges.h"

#include <algorithm>
#include <cmath>

#include "absl/container/inlined_vector.h"
#include "compiler/Sema/Analysis/ExprWalk.h"

namespace acie::sema {
namespace {

Interval declared_by(const Type& type) {
  if (type.scalar == ScalarKind::Bool) return Interval::closed(0, 1);
  if (!type.range) return {};
  const Range& range = *type.range;
  return {range.low, range.high, std::isinf(range.low), std::isinf(range.high)};
}

bool is_integer(ScalarKind kind) { return kind == ScalarKind::I64 || kind == ScalarKind::I32; }

}  // namespace

Ranges Ranges::declared() {
  Ranges ranges;
  ranges.trusts_declarations_ = true;
  return ranges;
}

Ranges::Ranges(const Model& model) : trusts_declarations_(true) {
  for (const Variable* variable : model.variables) {
    Interval range = declared_by(variable->type);
    if (variable->role == Variable::Role::Exo) {
      range = intersect(support(variable->support), range);
    } else if (variable->equation != nullptr) {
      range = intersect(of(variable->equation), range);
    }
    variables_[variable] = range;
  }
}

Interval Ranges::support(const Support& support) const {
  Interval out;
  if (support.low != nullptr) out.low = of(support.low).low, out.low_open = support.low_open;
  if (support.high != nullptr) out.high = of(support.high).high, out.high_open = support.high_open;
  return out;
}

Interval Ranges::of(const Variable* variable) const {
  auto found = variables_.find(variable);
  if (found != variables_.end()) return found->second;
  Type type = variable->type;
  if (!trusts_declarations_) type.range.reset();
  return declared_by(type);
}

Interval Ranges::of(const Expr* root) const {
  auto found = expressions_.find(root);
  if (found != expressions_.end()) return found->second;
  for (const Expr* node : postorder(root)) {
    if (expressions_.contains(node)) continue;
    Interval range = compute(*node);
    // What chooses among elements says itself where its result lies.
    if ((node->kind == Expr::Kind::Apply || node->kind == Expr::Kind::Routine) && node->type.range) range = intersect(declared_by(node->type), range);
    // Infinities of opposite sign meet only where the program itself overflows: nothing is known then.
    if (std::isnan(range.low) || std::isnan(range.high)) range = {};
    expressions_[node] = range;
  }
  return expressions_[root];
}

Interval Ranges::compute(const Expr& expr) const {
  switch (expr.kind) {
    case Expr::Kind::Constant: {
      bool is_float = expr.type.scalar == ScalarKind::F64 || expr.type.scalar == ScalarKind::F32;
      double value = is_float ? expr.number : static_cast<double>(expr.integer);
      return std::isfinite(value) ? Interval::point(value) : Interval{};
    }
    case Expr::Kind::Variable:
    case Expr::Kind::Natural: return of(expr.variable);
    case Expr::Kind::Slot: return declared_by(expr.slot->type);
    case Expr::Kind::Bound: return declared_by(expr.type);
    case Expr::Kind::Present: return Interval::closed(0, 1);
    case Expr::Kind::Apply: {
      absl::InlinedVector<Interval, 3> operands;
      for (const Expr* operand : expr.operands) operands.push_back(expressions_.at(operand));
      if (expr.op == Op::Convert && is_integer(expr.type.scalar)) return image(Op::Trunc, operands);
      if (is_integer(expr.type.scalar) && operands.size() == 2 && operands[1].is_point() && operands[1].low >= 1) {
        const double divisor = operands[1].low;
        if (expr.op == Op::Mod) return intersect(Interval::closed(0, divisor - 1), operands[0].low >= 0 ? Interval::closed(0, operands[0].high) : Interval{});
        if (expr.op == Op::IDiv) return {std::floor(operands[0].low / divisor), std::floor(operands[0].high / divisor), operands[0].low_open, operands[0].high_open};
      }
      bool same = operands.size() == 2 && same_expression(expr.operands[0], expr.operands[1]);
      return image(expr.op, operands, same);
    }
    case Expr::Kind::Dense: {
      const auto [low, high] = std::minmax_element(expr.elements->numbers.begin(), expr.elements->numbers.end());
      return std::isfinite(*low) && std::isfinite(*high) ? Interval::closed(*low, *high) : Interval{};
    }
    case Expr::Kind::View:
    case Expr::Kind::Gather: return expressions_.at(expr.operands[0]);
    case Expr::Kind::Concat: {
      Interval all = expressions_.at(expr.operands[0]);
      for (const Expr* part : expr.operands) all = hull(all, expressions_.at(part));
      return all;
    }
    case Expr::Kind::Fold: {
      const Interval each = expressions_.at(expr.operands[0]);
      if (expr.folding != Folding::Sum && expr.folding != Folding::Product) return each;
      return each.is_positive() ? Interval::positive() : each.is_not_negative() ? Interval::not_negative() : Interval{};
    }
    case Expr::Kind::Routine:
      if (expr.routine == routines::Routine::Sort) return expressions_.at(expr.operands[0]);
      return {};
    case Expr::Kind::Places:
    case Expr::Kind::Contract:
    case Expr::Kind::Loop:
    case Expr::Kind::Last:
    case Expr::Kind::Every:
    case Expr::Kind::Extern:
    case Expr::Kind::Noise:
    case Expr::Kind::Estimate:
    case Expr::Kind::RowReduce: return {};
  }
  return {};
}

}  // namespace acie::sema
