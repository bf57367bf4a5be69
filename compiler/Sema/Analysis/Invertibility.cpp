#include "compiler/Sema/Analysis/Invertibility.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprText.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Analysis/OneToOne.h"
#include "compiler/Sema/Analysis/Triangles.h"
#include "compiler/Sema/Strides.h"
#include "compiler/Sema/Symbols.h"
#include "compiler/Support/Rearrangement.h"

namespace acie::sema {
namespace {

/// What is known of one node of the equation as a function of the unknown.
struct State {
  bool mentions = false;
  bool one_to_one = false;  // by undoing operations
  bool affine = false;      // a + b u with a, b free of u
  int direction = 0;        // where one_to_one
  bool check = false;       // where one_to_one
  int next = -1;            // operand that holds the unknown; -1 at the unknown, or where an `if` holds it in both
  Interval slope = Interval::point(0);  // where affine
  Obstacle obstacle;                    // where neither
};

class Solver {
 public:
  /// `part`: what stands for the unknown, in the step of a loop.
  Solver(const Variable* unknown, const Ranges& ranges, const Expr* part = nullptr) : unknown_(unknown), ranges_(ranges), part_(part) {}

  Inversion solve(const Expr* equation) {
    for (const Expr* node : postorder(equation)) states_[node] = state(*node);
    const State& root = states_.at(equation);
    Inversion out;
    const bool in_many = root.affine && equation->type.shape != unknown_->type.shape;
    if (root.one_to_one && !in_many) {
      out.direction = root.direction;
      out.check = root.check;
      out.system = system_;
      if (root.affine) out.slope = root.slope;
      const Expr* node = equation;
      for (int next = root.next; next >= 0; next = states_.at(node).next) {
        out.path.push_back(next);
        node = node->operands[next];
      }
      return out;
    }
    if (root.affine) {
      if (root.slope.is_point() && root.slope.low == 0) {
        out.obstacle = root.obstacle;
        if (root.obstacle.repeated) out.obstacle = {equation, absl::StrCat("`", unknown_->name, "` cancels out"), "", false};
        return out;
      }
      out.affine = true;
      out.direction = root.slope.sign();
      out.slope = root.slope;
      // One number in many elements: found from one of them, and all must agree.
      out.check = equation->type.shape != unknown_->type.shape;
      return out;
    }
    out.obstacle = root.obstacle;
    return out;
  }

 private:
  State state(const Expr& node) {
    if (part_ != nullptr ? &node == part_ : node.kind == Expr::Kind::Variable && node.variable == unknown_) {
      State leaf{true, true, true, 1, false, -1, Interval::point(1), {}};
      return leaf;
    }
    int holders = 0, last = -1;
    bool spread = false;
    for (int i = 0; i < static_cast<int>(node.operands.size()); ++i) {
      if (!states_.at(node.operands[i]).mentions) continue;
      ++holders, last = i;
      spread = spread || node.operands[i]->type.shape != node.type.shape;
    }
    if (holders == 0) return {};
    State out;
    out.mentions = true;
    if (node.kind == Expr::Kind::View && is_rearrangement(node)) {
      single_step(states_.at(node.operands[0]), 0, out);
      linear_of_elements(node, out);
      return out;
    }
    if (node.kind == Expr::Kind::Contract && holders == 1) {
      product(node, last, out);
      linear_of_elements(node, out);
      return out;
    }
    if (node.kind == Expr::Kind::Routine && holders == 1 && undo_of(node, last)) {
      single_step(states_.at(node.operands[last]), last, out);
      if (out.one_to_one) system_ = *undo_of(node, last);
      return out;
    }
    if (node.kind == Expr::Kind::Loop) {
      out.next = last;
      return out;  // what is read of it decides
    }
    if (node.kind == Expr::Kind::Every || node.kind == Expr::Kind::Last) {
      steps(node, out);
      return out;
    }
    if (node.kind != Expr::Kind::Apply) {
      const bool estimate = node.kind == Expr::Kind::Estimate || node.kind == Expr::Kind::RowReduce;
      out.obstacle = {&node, estimate ? absl::StrCat("`", unknown_->name, "` stands inside an estimate")
                                      : absl::StrCat("`", to_text(&node, nullptr, 2), "` mixes the elements of `", unknown_->name, "`"),
                      estimate ? "" : absl::StrCat("tensors of more than ", kUnrolled, " elements are solved element by element"), false};
      out.obstacle.mixes = !estimate;
      linear_of_elements(node, out);
      return out;
    }
    if (node.op == Op::Select) {
      select(node, out);
    } else if (holders == 1) {
      single(node, last, out);
    } else {
      several(node, out);
    }
    // One number for many elements: found from the element that follows it most, and all must agree.
    if (spread && out.one_to_one) out.check = true;
    linear(node, out);
    return out;
  }

  /// Sums, choices and products of elements that are linear in one number.
  void linear_of_elements(const Expr& node, State& out) {
    if (!unknown_->type.shape.empty() || part_ != nullptr) return;
    const auto at = [&](size_t i) -> const State& { return states_.at(node.operands[i]); };
    const auto kept = [&](size_t i) { return !at(i).mentions || at(i).affine; };
    switch (node.kind) {
      case Expr::Kind::View: out.affine = at(0).affine; break;
      case Expr::Kind::Gather: out.affine = at(0).affine && !at(1).mentions; break;
      case Expr::Kind::Fold: out.affine = node.folding == Folding::Sum && at(0).affine; break;
      case Expr::Kind::Contract: out.affine = kept(0) && kept(1) && at(0).mentions != at(1).mentions; break;
      case Expr::Kind::Concat: out.affine = true; break;
      default: return;
    }
    for (size_t i = 0; i < node.operands.size(); ++i) out.affine = out.affine && kept(i);
    out.slope = {};  // of several elements together it is known only when running
    if (node.kind == Expr::Kind::View || node.kind == Expr::Kind::Gather) out.slope = at(0).slope;
  }

  /// Whether a View has every element of its operand once.
  static bool is_rearrangement(const Expr& node) {
    const Shape& shape = node.type.shape;
    const Shape& of = node.operands[0]->type.shape;
    if (sizes::any_open(shape) || sizes::any_open(of)) return sizes::undone(of, shape, {node.elements->offset, node.elements->strides}).has_value();
    const int64_t count = element_count(shape);
    if (count != element_count(of)) return false;
    std::vector<bool> seen(static_cast<size_t>(count));
    for (int64_t position = 0; position < count; ++position) {
      const int64_t place = node.elements->offset + place_in(shape, node.elements->strides, position);
      if (seen[static_cast<size_t>(place)]) return false;
      seen[static_cast<size_t>(place)] = true;
    }
    return true;
  }

  /// What undoes a routine in one operand, in words; nullopt where nothing does.
  static std::optional<std::string> undo_of(const Expr& node, int operand) {
    using routines::Routine;
    switch (node.routine) {
      case Routine::CumulativeSum: return "by differences";
      case Routine::Inverse: return "by the inverse matrix";
      case Routine::Solve:
      case Routine::SolveLower:
      case Routine::SolveUpper:
        if (operand != 1 || node.operands[0]->type.shape.size() != 2) return std::nullopt;
        return "by a product with the matrix";
      default: return std::nullopt;
    }
  }

  static void single_step(const State& inner, int operand, State& out) {
    if (!inner.one_to_one) {
      out.obstacle = inner.obstacle;
      return;
    }
    out.one_to_one = true;
    out.check = inner.check;
    out.next = operand;
  }

  /// A matrix times the unknown, or the unknown times a matrix: as many equations as unknowns where the matrix is square. A
  /// singular one gives no finite value, which the run sees.
  void product(const Expr& node, int operand, State& out) {
    const Expr* matrix = node.operands[1 - operand];
    const Shape& shape = matrix->type.shape;
    if (shape.size() != 2 || node.operands[operand]->type.shape.size() != 2) {
      out.obstacle = {&node, absl::StrCat("`", to_text(&node, nullptr, 2), "` is a product of many matrices"), "write it as products of two matrices", false};
      return;
    }
    const int64_t equations = shape[operand == 1 ? 0 : 1], unknowns = shape[operand == 1 ? 1 : 0];
    if (sizes::is_open(equations) || sizes::is_open(unknowns) ? equations != unknowns : equations < unknowns) {
      out.obstacle = {&node, absl::StrCat("`", to_text(&node, nullptr, 2), "` mixes the elements of `", unknown_->name, "` by a matrix of shape ", to_string(shape)),
                      "with as many equations as unknowns it can be solved", false};
      return;
    }
    single_step(states_.at(node.operands[operand]), operand, out);
    if (!out.one_to_one) return;
    if (equations != unknowns) {
      out.check = true;
      system_ = absl::StrCat("more equations than unknowns; by least squares, and all must hold");
      return;
    }
    Triangle triangle = triangle_of(matrix);
    const std::string name = matrix->kind == Expr::Kind::Dense ? "the matrix" : absl::StrCat("`", to_text(matrix, nullptr, 1), "`");
    system_ = triangle == Triangle::None ? absl::StrCat(name, " is square; by its factors, if it is not singular")
                                         : absl::StrCat(name, " is ", triangle == Triangle::Lower ? "lower" : "upper", " triangular; by substitution");
  }

  /// What a loop carries, after each of its steps, along the unknown: each step is solved for its part of it, from what is
  /// carried into the step and out of it.
  void steps(const Expr& node, State& out) {
    const Expr& loop = *node.operands[0];
    const size_t carried = loop.loop->carried.size(), parts = loop.loop->parts.size();
    const std::string name = absl::StrCat("`", unknown_->name, "`");
    if (node.kind == Expr::Kind::Last) {
      out.obstacle = {&node, absl::StrCat("`fold` makes one number of many elements of ", name), "`scan` has a number for each", false};
      return;
    }
    for (size_t i = 0; i < loop.operands.size(); ++i) {
      if ((i >= carried && i < carried + parts) || !states_.at(loop.operands[i]).mentions) continue;
      if (i < carried) {
        out.obstacle = {&node, absl::StrCat(name, " is in what the first step starts from, and in every step after it"), "give the start a noise of its own", false};
      } else {
        out.obstacle = {&node, absl::StrCat("a step reads other elements of ", name, " than its own"), absl::StrCat("go along it: `scan(start, ", unknown_->name, ", |carry, e| …)`"), false};
      }
      return;
    }
    int part = -1;
    for (size_t i = 0; i < parts; ++i) {
      if (!states_.at(loop.operands[carried + i]).mentions) continue;
      if (part >= 0) {
        out.obstacle = {&node, absl::StrCat("a step reads ", name, " twice"), "", false};
        return;
      }
      part = static_cast<int>(i);
    }
    const Expr* after = loop.operands[carried + parts + static_cast<size_t>(node.integer)];
    Solver step(unknown_, ranges_, loop.loop->parts[static_cast<size_t>(part)]);
    const Inversion inverse = step.solve(after);
    if (!step.states_.at(after).mentions) {
      out.obstacle = {&node, absl::StrCat("what a step leaves here does not depend on ", name, " of that step"), "give what it changes at once", false};
      return;
    }
    if (!inverse.ok()) {
      out.obstacle = *inverse.obstacle;
      return;
    }
    single_step(states_.at(loop.operands[carried + static_cast<size_t>(part)]), 0, out);
    if (!out.one_to_one) return;
    out.check = out.check || inverse.check;
    system_ = absl::StrCat("step by step; ", to_text(after, nullptr, 2), " is ", inverse.affine ? "linear" : inverse.direction > 0 ? "increasing" : inverse.direction < 0 ? "decreasing" : "one-to-one", " in the part of each step",
                           inverse.system.empty() ? "" : ": ", inverse.system);
  }

  /// The unknown stands in one operand.
  void single(const Expr& node, int operand, State& out) {
    const State& inner = states_.at(node.operands[operand]);
    OneToOne step = one_to_one(node, operand, ranges_);
    if (!inner.one_to_one) {
      out.obstacle = inner.obstacle;  // the innermost operation in the way is the one to show
    } else if (!step.ok) {
      out.obstacle = {&node, step.reason, step.help, step.discrete};
    } else {
      out.one_to_one = true;
      out.direction = step.direction * inner.direction;
      out.check = step.check || inner.check;
      out.next = operand;
    }
  }

  void several(const Expr& node, State& out) {
    for (const Expr* operand : node.operands) {
      const State& inner = states_.at(operand);
      if (inner.mentions && !inner.one_to_one && !inner.affine) {
        out.obstacle = inner.obstacle;
        return;
      }
    }
    out.obstacle = occurs_often(node);
  }

  Obstacle occurs_often(const Expr& node) {
    return {&node, absl::StrCat("`", unknown_->name, "` occurs more than once here, and the equation is not linear in it"),
            absl::StrCat("write the equation so that `", unknown_->name, "` stands in one place"), false, true};
  }

  void select(const Expr& node, State& out) {
    const State& condition = states_.at(node.operands[0]);
    const State& then = states_.at(node.operands[1]);
    const State& otherwise = states_.at(node.operands[2]);
    if (condition.mentions) {
      out.obstacle = {&node,
                      absl::StrCat("which branch is taken depends on `", unknown_->name,
                                   "`, so two of its values may give one result"),
                      "", !then.mentions && !otherwise.mentions};
      return;
    }
    if (!then.mentions || !otherwise.mentions) {
      out.obstacle = {&node,
                      absl::StrCat("where the condition is ", then.mentions ? "false" : "true",
                                   ", the value does not depend on `", unknown_->name, "`"),
                      "let both branches depend on it", false};
      return;
    }
    if (then.one_to_one && otherwise.one_to_one) {
      out.one_to_one = true;
      out.direction = then.direction == otherwise.direction ? then.direction : 0;
      out.check = then.check || otherwise.check;
      return;
    }
    out.obstacle = (then.one_to_one ? otherwise : then).obstacle;
  }

  /// Whether the node is linear in the unknown, with its slope.
  void linear(const Expr& node, State& out) {
    auto at = [&](int i) -> const State& { return states_.at(node.operands[i]); };
    auto range = [&](int i) { return ranges_.of(node.operands[i]); };
    auto is_linear = [&](int i) { return !at(i).mentions || at(i).affine; };
    auto slope = [&](Op op, Interval a, Interval b) { return image(op, {a, b}); };
    switch (node.op) {
      case Op::Neg:
        out.affine = at(0).affine;
        if (out.affine) out.slope = image(Op::Neg, {at(0).slope});
        return;
      case Op::Add:
      case Op::Sub:
        out.affine = is_linear(0) && is_linear(1);
        if (!out.affine) return;
        out.slope = slope(node.op, at(0).slope, at(1).slope);
        if (node.op == Op::Sub && node.operands[0] == node.operands[1]) out.slope = Interval::point(0);
        return;
      case Op::Mul: {
        if (at(0).mentions && at(1).mentions) return;
        int factor = at(0).mentions ? 1 : 0;
        out.affine = at(1 - factor).affine;
        if (out.affine) out.slope = slope(Op::Mul, range(factor), at(1 - factor).slope);
        return;
      }
      case Op::Div:
        if (at(1).mentions) return;
        out.affine = at(0).affine;
        if (out.affine) out.slope = slope(Op::Div, at(0).slope, range(1));
        return;
      case Op::Select:
        if (at(0).mentions) return;
        out.affine = is_linear(1) && is_linear(2);
        // A branch without the unknown has slope zero there: no division can recover it.
        if (!at(1).mentions || !at(2).mentions) out.affine = false;
        if (out.affine) out.slope = hull(at(1).slope, at(2).slope);
        return;
      case Op::Convert: {
        bool is_float = node.type.scalar == ScalarKind::F64 || node.type.scalar == ScalarKind::F32;
        bool was_float = node.operands[0]->type.scalar == ScalarKind::F64 ||
                         node.operands[0]->type.scalar == ScalarKind::F32;
        out.affine = is_float && was_float && at(0).affine;
        out.slope = at(0).slope;
        return;
      }
      default: return;
    }
  }

  const Variable* unknown_;
  const Ranges& ranges_;
  const Expr* part_;
  std::string system_;
  absl::flat_hash_map<const Expr*, State> states_;
};

}  // namespace

Inversion invert(const Expr* equation, const Variable* unknown, const Ranges& ranges) {
  return Solver(unknown, ranges).solve(equation);
}

}  // namespace acie::sema
