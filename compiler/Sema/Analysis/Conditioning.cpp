#include "compiler/Sema/Analysis/Conditioning.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Analysis/Undetermined.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

using Equation = std::pair<const Variable*, std::vector<const Variable*>>;

/// Whether the law is m + s n of one standard normal n.
bool is_normal(const Variable* noise) {
  const Expr* primitive = nullptr;
  absl::flat_hash_map<const Expr*, bool> linear;  // in the primitive noise; false: free of it
  for (const Expr* node : postorder(noise->equation)) {
    if (node->kind == Expr::Kind::Noise) {
      if (primitive != nullptr || node->noise->law != Noise::Law::StdNormal) return false;
      primitive = node;
      linear[node] = true;
      continue;
    }
    std::vector<bool> x;
    for (const Expr* operand : node->operands) x.push_back(linear.at(operand));
    if (std::find(x.begin(), x.end(), true) == x.end()) {
      linear[node] = false;
      continue;
    }
    if (node->kind != Expr::Kind::Apply) return false;
    const bool kept = node->op == Op::Neg || node->op == Op::Add || node->op == Op::Sub || (node->op == Op::Mul && !(x[0] && x[1])) || (node->op == Op::Div && !x[1]);
    if (!kept) return false;
    linear[node] = true;
  }
  return primitive != nullptr && linear.at(noise->equation);
}

/// Equations that share unknowns are one part.
std::vector<std::vector<Equation>> parts_of(const std::vector<Equation>& equations) {
  std::vector<std::vector<Equation>> parts;
  std::vector<bool> taken(equations.size());
  for (size_t first = 0; first < equations.size(); ++first) {
    if (taken[first]) continue;
    std::vector<size_t> members = {first};
    taken[first] = true;
    absl::flat_hash_set<const Variable*> held(equations[first].second.begin(), equations[first].second.end());
    for (bool more = true; more;) {
      more = false;
      for (size_t other = 0; other < equations.size(); ++other) {
        const auto& unknowns = equations[other].second;
        if (taken[other] || std::none_of(unknowns.begin(), unknowns.end(), [&](const Variable* u) { return held.contains(u); })) continue;
        taken[other] = more = true;
        members.push_back(other);
        held.insert(unknowns.begin(), unknowns.end());
      }
    }
    std::sort(members.begin(), members.end());
    parts.emplace_back();
    for (const size_t member : members) parts.back().push_back(equations[member]);
  }
  return parts;
}

/// Why a block cannot be conditioned on; empty where it can.
std::string obstacle(const std::vector<Equation>& block) {
  for (const auto& [equation, unknowns] : block) {
    // Of one unknown it would have been solved for that: where it is linear in it, the unknown cancels out.
    if (unknowns.size() == 1) return absl::StrCat("the equation of `", equation->name, "` cannot be solved for `", unknowns[0]->name, "`");
    for (const Variable* unknown : unknowns) {
      if (unknown->role != Variable::Role::Exo) return absl::StrCat("`", unknown->name, "` has no equation");
      if (!is_normal(unknown)) return absl::StrCat("the law of `", unknown->name, "` is ", unknown->law_text);
    }
    if (!is_linear(equation->equation, unknowns)) {
      const bool whole = !equation->type.shape.empty();
      return absl::StrCat("the equation of `", name_text(equation), "`", whole ? absl::StrCat(sizes::any_open(equation->type.shape) ? ", whose size is read at start," : absl::StrCat(", which has more than ", kUnrolled, " elements,"), " is not linear in all of its noises element by element") : " is not linear in all of its noises");
    }
    if (!equation->type.shape.empty() && block.size() > 1) {
      return absl::StrCat("several equations of tensors of more than ", kUnrolled, " elements, or of a size read at start, share noises");
    }
  }
  return "";
}

}  // namespace

std::string why_not_normal(const std::vector<Equation>& equations, const Variable* noise) {
  for (const std::vector<Equation>& part : parts_of(equations)) {
    for (const auto& [equation, unknowns] : part) {
      if (std::find(unknowns.begin(), unknowns.end(), noise) != unknowns.end()) return obstacle(part);
    }
  }
  return "";
}

std::vector<LinearBlock> normal_blocks(const std::vector<Equation>& equations) {
  std::vector<LinearBlock> blocks;
  for (std::vector<Equation>& part : parts_of(equations)) {
    if (!obstacle(part).empty()) continue;
    if (part.size() > 1) drop_repetitions(part);
    LinearBlock block;
    for (const auto& [equation, unknowns] : part) {
      block.equations.push_back(equation);
      for (const Variable* unknown : unknowns) {
        if (std::find(block.unknowns.begin(), block.unknowns.end(), unknown) == block.unknowns.end()) block.unknowns.push_back(unknown);
      }
    }
    std::sort(block.unknowns.begin(), block.unknowns.end(), [](const Variable* a, const Variable* b) { return a->index < b->index; });
    blocks.push_back(std::move(block));
  }
  return blocks;
}

}  // namespace acie::sema
