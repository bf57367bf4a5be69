#include "compiler/Sema/Analysis/LinearBlocks.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

using Equation = std::pair<const Variable*, std::vector<const Variable*>>;

/// Whether `equation` is a + Σ b_j u_j, with a and b free of the unknowns u.
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
                          (node->op == Op::Select && x[0] == Form::Free);
      if (linear) form = Form::Linear;
    }
    if (form != Form::Free && (node->type.scalar != equation->type.scalar || !node->type.shape.empty())) form = Form::Other;
    forms[node] = form;
  }
  return forms.at(equation) == Form::Linear && is_float(equation->type.scalar);
}

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
  std::erase_if(equations, [](const Equation& e) { return !is_linear(e.first->equation, e.second); });
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
