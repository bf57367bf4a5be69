#include "compiler/Sema/Analysis/LinearBlocks.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

using Equation = std::pair<const Variable*, std::vector<const Variable*>>;

}  // namespace

bool is_linear(const Expr* equation, const std::vector<const Variable*>& unknowns) {
  enum class Form { Free, Linear, Other };
  absl::flat_hash_map<const Expr*, Form> forms;
  for (const Expr* node : postorder(equation)) {
    const bool unknown = node->kind == Expr::Kind::Variable && std::find(unknowns.begin(), unknowns.end(), node->variable) != unknowns.end();
    std::vector<Form> x;
    for (const Expr* operand : node->operands) x.push_back(forms.at(operand));
    const bool free = std::all_of(x.begin(), x.end(), [](Form f) { return f == Form::Free; });
    const bool other = std::any_of(x.begin(), x.end(), [](Form f) { return f == Form::Other; });
    Form form = unknown ? Form::Linear : free ? Form::Free : Form::Other;
    if (!unknown && !free && !other && node->kind == Expr::Kind::Apply) {
      const bool linear = node->op == Op::Neg || node->op == Op::Add || node->op == Op::Sub ||
                          (node->op == Op::Mul && (x[0] == Form::Free || x[1] == Form::Free)) || (node->op == Op::Div && x[1] == Form::Free) ||
                          // A branch without unknowns would leave them open where it is taken.
                          (node->op == Op::Select && x[0] == Form::Free && x[1] == Form::Linear && x[2] == Form::Linear);
      if (linear) form = Form::Linear;
    }
    if (form != Form::Free && (node->type.scalar != equation->type.scalar || node->type.shape != equation->type.shape)) form = Form::Other;
    forms[node] = form;
  }
  return forms.at(equation) == Form::Linear && is_float(equation->type.scalar);
}

namespace {

/// The b_j of a linear equation, where all are known when compiling.
std::optional<std::map<const Variable*, double>> coefficients(const Expr* equation, const std::vector<const Variable*>& unknowns) {
  using Slopes = std::map<const Variable*, double>;
  absl::flat_hash_map<const Expr*, Slopes> slopes;
  for (const Expr* node : postorder(equation)) {
    Slopes& own = slopes[node];
    if (node->kind == Expr::Kind::Variable && std::find(unknowns.begin(), unknowns.end(), node->variable) != unknowns.end()) own[node->variable] = 1;
    if (node->kind != Expr::Kind::Apply) continue;
    std::vector<Slopes> x;
    for (const Expr* operand : node->operands) x.push_back(slopes[operand]);
    if (std::all_of(x.begin(), x.end(), [](const Slopes& each) { return each.empty(); })) continue;
    Slopes sum;
    const auto add = [&](const Slopes& each, double factor) {
      for (const auto& [unknown, slope] : each) sum[unknown] += factor * slope;
    };
    std::optional<double> factor;
    switch (node->op) {
      case Op::Neg: add(x[0], -1); break;
      case Op::Add: add(x[0], 1), add(x[1], 1); break;
      case Op::Sub: add(x[0], 1), add(x[1], -1); break;
      case Op::Mul:
        factor = constant_value(node->operands[x[0].empty() ? 0 : 1]);
        if (!factor) return std::nullopt;
        add(x[x[0].empty() ? 1 : 0], *factor);
        break;
      case Op::Div:
        factor = constant_value(node->operands[1]);
        if (!factor || *factor == 0) return std::nullopt;
        add(x[0], 1 / *factor);
        break;
      default: return std::nullopt;
    }
    slopes[node] = std::move(sum);
  }
  return slopes[equation];
}

}  // namespace

void drop_repetitions(std::vector<Equation>& equations) {
  constexpr double kRounding = 1e-12;
  std::vector<std::pair<const Variable*, std::map<const Variable*, double>>> reduced;  // each with its pivot
  std::erase_if(equations, [&](const Equation& equation) {
    auto row = coefficients(equation.first->equation, equation.second);
    if (!row) return false;
    double size = 0;
    for (const auto& [unknown, slope] : *row) size = std::max(size, std::abs(slope));
    for (const auto& [pivot, other] : reduced) {
      const double factor = (*row)[pivot] / other.at(pivot);
      for (const auto& [unknown, slope] : other) (*row)[unknown] -= factor * slope;
      (*row)[pivot] = 0;
    }
    const Variable* pivot = nullptr;
    for (const Variable* unknown : equation.second) {
      if (pivot == nullptr || std::abs((*row)[unknown]) > std::abs((*row)[pivot])) pivot = unknown;
    }
    if (std::abs((*row)[pivot]) <= kRounding * size) return true;
    reduced.emplace_back(pivot, *std::move(row));
    return false;
  });
}

namespace {

/// A matching of equations with unknowns (Kuhn 1955), equations in their order.
class Matching {
 public:
  explicit Matching(const std::vector<Equation>& equations) : equations_(equations) {
    for (size_t e = 0; e < equations.size(); ++e) {
      std::set<const Variable*> tried;
      improve(e, tried);
    }
  }
  /// The unknown of each equation, by its number; equations without one are missing.
  std::map<size_t, const Variable*> pairs() const {
    std::map<size_t, const Variable*> result;
    for (const auto& [unknown, equation] : equation_of_) result[equation] = unknown;
    return result;
  }

 private:
  bool improve(size_t equation, std::set<const Variable*>& tried) {
    for (const Variable* unknown : equations_[equation].second) {
      if (!tried.insert(unknown).second) continue;
      const auto taken = equation_of_.find(unknown);
      if (taken == equation_of_.end() || improve(taken->second, tried)) {
        equation_of_[unknown] = equation;
        return true;
      }
    }
    return false;
  }

  const std::vector<Equation>& equations_;
  std::map<const Variable*, size_t> equation_of_;
};

}  // namespace

std::vector<LinearBlock> linear_blocks(std::vector<Equation> equations) {
  std::erase_if(equations, [](const Equation& e) { return !e.first->type.shape.empty() || !is_linear(e.first->equation, e.second); });
  drop_repetitions(equations);
  // What is reached from an unknown without an equation, by steps to an equation that holds it and on to that one's own
  // unknown, is not determined (Dulmage and Mendelsohn 1958).
  std::map<size_t, const Variable*> pairs = Matching(equations).pairs();
  std::set<const Variable*> open;
  for (const auto& [variable, unknowns] : equations) open.insert(unknowns.begin(), unknowns.end());
  for (const auto& [equation, unknown] : pairs) open.erase(unknown);
  for (bool more = true; more;) {
    more = false;
    for (auto pair = pairs.begin(); pair != pairs.end();) {
      const auto& unknowns = equations[pair->first].second;
      const bool lost = std::any_of(unknowns.begin(), unknowns.end(), [&](const Variable* u) { return open.contains(u); });
      if (lost) {
        open.insert(pair->second);
        pair = pairs.erase(pair);
        more = true;
      } else {
        ++pair;
      }
    }
  }
  // Equations that share unknowns are one block.
  std::vector<LinearBlock> blocks;
  std::set<size_t> done;
  for (const auto& [first, unused] : pairs) {
    if (done.contains(first)) continue;
    std::set<size_t> members = {first};
    std::set<const Variable*> held(equations[first].second.begin(), equations[first].second.end());
    for (bool more = true; more;) {
      more = false;
      for (const auto& [equation, unknown] : pairs) {
        const auto& unknowns = equations[equation].second;
        if (members.contains(equation) || std::none_of(unknowns.begin(), unknowns.end(), [&](const Variable* u) { return held.contains(u); })) continue;
        members.insert(equation);
        held.insert(unknowns.begin(), unknowns.end());
        more = true;
      }
    }
    LinearBlock block;
    for (const size_t member : members) {
      done.insert(member);
      block.equations.push_back(equations[member].first);
      block.unknowns.push_back(pairs.at(member));
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

}  // namespace acie::sema
