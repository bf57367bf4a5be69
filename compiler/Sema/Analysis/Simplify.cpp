#include "compiler/Sema/Analysis/Simplify.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Analysis/Ranges.h"

namespace acie::sema {
namespace {

class Simplifier {
 public:
  Simplifier(const WorldGraph& graph, Program& program) : graph_(graph), program_(program) {}

  const Expr* simplify(const Expr* root) {
    for (const Expr* node : postorder(root)) result_[node] = rewrite(*node);
    return result_.at(root);
  }

 private:
  const Expr* rewrite(const Expr& node) {
    if (node.kind == Expr::Kind::Variable || node.kind == Expr::Kind::Natural) return reference(node);
    bool changed = false;
    std::vector<const Expr*> operands;
    for (const Expr* operand : node.operands) {
      operands.push_back(result_.at(operand));
      changed = changed || operands.back() != operand;
    }
    if (node.kind == Expr::Kind::Apply) {
      if (const Expr* folded = fold(node, operands)) return folded;
    }
    if (!changed) return &node;
    Expr copy = node;
    copy.operands = std::move(operands);
    return program_.make<Expr>(std::move(copy));
  }

  const Expr* reference(const Expr& node) {
    Node from{node.variable, node.world == kThisWorld ? kFactual : node.world, node.kind == Expr::Kind::Natural};
    Node to = graph_.resolve(from);
    if (to == from && node.world != kThisWorld) return &node;
    Expr copy = node;
    copy.kind = to.natural ? Expr::Kind::Natural : Expr::Kind::Variable;
    copy.world = to.world;
    return program_.make<Expr>(std::move(copy));
  }

  const Expr* fold(const Expr& node, const std::vector<const Expr*>& operands) {
    auto same = [&] { return same_expression(operands[0], operands[1]); };
    auto known = [&](size_t i) { return constant_truth(operands[i]); };
    switch (node.op) {
      case Op::Eq: case Op::Le: case Op::Ge:
        return same() ? truth(node, true) : by_range(node, operands);
      case Op::Ne: case Op::Lt: case Op::Gt:
        return same() ? truth(node, false) : by_range(node, operands);
      case Op::Not:
        if (known(0)) return truth(node, !*known(0));
        if (operands[0]->kind == Expr::Kind::Apply && operands[0]->op == Op::Not) return operands[0]->operands[0];
        return nullptr;
      case Op::And:
      case Op::Or: {
        bool absorbing = node.op == Op::Or;  // `true or x` is true, `false and x` false
        for (size_t i = 0; i < 2; ++i) {
          if (known(i)) return *known(i) == absorbing ? truth(node, absorbing) : operands[1 - i];
        }
        if (same()) return operands[0];
        if (opposite(operands[0], operands[1])) return truth(node, absorbing);
        return nullptr;
      }
      case Op::Select:
        if (known(0)) return operands[*known(0) ? 1 : 2];
        return same_expression(operands[1], operands[2]) ? operands[1] : nullptr;
      default: return nullptr;
    }
  }

  /// exp(x) > 0, x^2 < 0: decided by what the operations can give, whatever the variables are.
  const Expr* by_range(const Expr& node, const std::vector<const Expr*>& operands) {
    Interval result = image(node.op, {ranges_.of(operands[0]), ranges_.of(operands[1])});
    return result.is_point() ? truth(node, result.low != 0) : nullptr;
  }

  static bool negates(const Expr* a, const Expr* b) {
    return a->kind == Expr::Kind::Apply && a->op == Op::Not && same_expression(a->operands[0], b);
  }

  /// One is the negation of the other.
  static bool opposite(const Expr* a, const Expr* b) {
    if (negates(a, b) || negates(b, a)) return true;
    if (a->kind != Expr::Kind::Apply || b->kind != Expr::Kind::Apply || a->operands.size() != 2 ||
        b->operands.size() != 2) {
      return false;
    }
    static constexpr std::pair<Op, Op> pairs[] = {{Op::Lt, Op::Ge}, {Op::Gt, Op::Le}, {Op::Eq, Op::Ne}};
    for (auto [x, y] : pairs) {
      if ((a->op == x && b->op == y) || (a->op == y && b->op == x)) {
        return same_expression(a->operands[0], b->operands[0]) && same_expression(a->operands[1], b->operands[1]);
      }
    }
    return false;
  }

  const Expr* truth(const Expr& node, bool value) {
    Expr constant;
    constant.kind = Expr::Kind::Constant;
    constant.type = node.type;
    constant.integer = value ? 1 : 0;
    constant.span = node.span;
    return program_.make<Expr>(std::move(constant));
  }

  const WorldGraph& graph_;
  Program& program_;
  Ranges ranges_;
  absl::flat_hash_map<const Expr*, const Expr*> result_;
};

}  // namespace

const Expr* simplify(const Expr* expr, const WorldGraph& graph, Program& program) {
  return Simplifier(graph, program).simplify(expr);
}

std::optional<bool> constant_truth(const Expr* expr) {
  if (expr->kind != Expr::Kind::Constant || expr->type.scalar != ScalarKind::Bool) return std::nullopt;
  return expr->integer != 0;
}

}  // namespace acie::sema
