#include "compiler/Sema/Analysis/Abduction.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Sema/Analysis/ExprText.h"
#include "compiler/Sema/Analysis/LinearBlocks.h"

namespace acie::sema {
namespace {

template <class F>
void each_dependency(const Variable& variable, F f) {
  for (const Variable* parent : variable.parents) f(parent);
  for (const Variable* noise : variable.noises) f(noise);
}

std::string explain_inversion(const Recovery& recovery, const Inversion& inversion) {
  if (!inversion.system.empty()) {
    return absl::StrCat(recovery.from->name, " = ", to_text(recovery.from->equation, recovery.noise), " is solved for ", recovery.noise->name, ": ", inversion.system);
  }
  const int direction = inversion.direction;
  std::string how = recovery.affine  ? "linear in"
                    : direction > 0  ? "increasing in"
                    : direction < 0  ? "decreasing in"
                                     : "one-to-one in";
  return absl::StrCat(recovery.from->name, " = ", to_text(recovery.from->equation, recovery.noise), " is ", how, " ",
                      recovery.noise->name);
}

/// A series that a loop computes, where there is evidence on its step's equation as well: noise is recovered from that, step
/// by step from what the series was, and nothing is left to check.
bool is_known_by_step(const Variable& variable, const Query& query) {
  if (variable.equation == nullptr || variable.equation->kind != Expr::Kind::Every) return false;
  const std::string step = absl::StrCat(variable.name, ".step");
  return std::any_of(query.evidence.begin(), query.evidence.end(), [&](const Evidence& item) { return item.variable->name == step; });
}

}  // namespace

Abduction::Abduction(const WorldGraph& graph, const Ranges& ranges) : graph_(graph), ranges_(ranges) {
  const std::vector<Variable*>& variables = graph.query().model->variables;
  order();
  for (const Variable* variable : variables) {
    each_dependency(*variable, [&](const Variable* dependency) { users_[dependency].push_back(variable); });
  }
  for (const Variable* variable : variables) {
    bool given = graph.evidence(variable) != nullptr && variable->role != Variable::Role::Exo;
    if (given || variable->role == Variable::Role::Input) {
      anchored_.insert(variable);
      known_.insert(variable);
    }
  }
  for (const Variable* variable : ordered_) visit(variable);
  // Noises first; a variable is deduced from its child only when no noise can be recovered without that.
  for (bool progress = true; progress;) {
    while (!queue_.empty()) {
      std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
      const Variable* variable = ordered_[queue_.back()];
      queue_.pop_back();
      queued_[rank_[variable->index]] = false;
      compute(variable);
      solve(variable, false);
    }
    progress = std::any_of(ordered_.begin(), ordered_.end(), [&](const Variable* v) { return solve(v, true); }) || solve_together();
  }
}

void Abduction::order() {
  const std::vector<Variable*>& variables = graph_.query().model->variables;
  std::vector<int> depth(variables.size(), 0);
  for (const Variable* variable : variables) {  // parents stand before their children
    for (const Variable* parent : variable->parents) {
      depth[variable->index] = std::max(depth[variable->index], depth[parent->index] + 1);
    }
  }
  ordered_.assign(variables.begin(), variables.end());
  std::sort(ordered_.begin(), ordered_.end(), [&](const Variable* a, const Variable* b) {
    return std::tie(depth[a->index], a->name) < std::tie(depth[b->index], b->name);
  });
  rank_.resize(variables.size());
  for (size_t i = 0; i < ordered_.size(); ++i) rank_[ordered_[i]->index] = static_cast<int>(i);
  queued_.resize(variables.size());
}

void Abduction::visit(const Variable* variable) {
  if (variable->role != Variable::Role::Var || variable->equation == nullptr || queued_[rank_[variable->index]]) return;
  queued_[rank_[variable->index]] = true;
  queue_.push_back(rank_[variable->index]);
  std::push_heap(queue_.begin(), queue_.end(), std::greater<>());
}

std::vector<const Variable*> Abduction::unknowns(const Variable* variable) const {
  std::vector<const Variable*> out;
  each_dependency(*variable, [&](const Variable* dependency) {
    if (!known_.contains(dependency)) out.push_back(dependency);
  });
  return out;
}

void Abduction::learn(const Variable* variable) {
  if (!known_.insert(variable).second) return;
  visit(variable);
  for (const Variable* user : users_[variable]) visit(user);
}

void Abduction::compute(const Variable* variable) {
  if (!known_.contains(variable) && unknowns(variable).empty()) learn(variable);
}

bool Abduction::solve(const Variable* variable, bool for_variables) {
  if (variable->role != Variable::Role::Var || !anchored_.contains(variable) || spent_.contains(variable)) return false;
  if (is_known_by_step(*variable, graph_.query())) return false;
  std::vector<const Variable*> open = unknowns(variable);
  if (open.size() != 1) return false;
  const Variable* unknown = open.front();
  if ((unknown->role == Variable::Role::Exo) == for_variables) return false;
  Inversion inversion = invert(variable->equation, unknown, ranges_);
  if (!inversion.ok()) return false;
  Recovery recovery{unknown, variable, std::move(inversion.path), inversion.affine, {}, {}, ""};
  recovery.explanation = explain_inversion(recovery, inversion);
  recovery_of_[unknown] = static_cast<int>(recoveries_.size());
  recoveries_.push_back(std::move(recovery));
  spent_.insert(variable);
  if (inversion.check) checked_.insert(variable);
  if (unknown->role == Variable::Role::Var) anchored_.insert(unknown);
  learn(unknown);
  return true;
}

/// Equations of several unknowns each, linear in them, as many as the unknowns: vectors mixed by a matrix that is not
/// triangular, two measurements of two noises.
bool Abduction::solve_together() {
  std::vector<std::pair<const Variable*, std::vector<const Variable*>>> equations;
  for (const Variable* variable : ordered_) {
    if (variable->role != Variable::Role::Var || variable->equation == nullptr || !anchored_.contains(variable) || spent_.contains(variable)) continue;
    std::vector<const Variable*> open = unknowns(variable);
    const bool noises = std::all_of(open.begin(), open.end(), [](const Variable* v) { return v->role == Variable::Role::Exo; });
    if (!open.empty() && noises) equations.emplace_back(variable, std::move(open));
  }
  const std::vector<LinearBlock> blocks = linear_blocks(std::move(equations));
  for (const LinearBlock& block : blocks) {
    const auto names = [](const std::vector<const Variable*>& variables) {
      return absl::StrJoin(variables, ", ", [](std::string* out, const Variable* v) { out->append(v->name); });
    };
    const std::string together = absl::StrCat(names(block.equations), " are linear in ", names(block.unknowns), ": solved as one system of equations");
    for (size_t i = 0; i < block.unknowns.size(); ++i) {
      recovery_of_[block.unknowns[i]] = static_cast<int>(recoveries_.size());
      recoveries_.push_back({block.unknowns[i], block.equations[i], {}, true, block.equations, block.unknowns, together});
      spent_.insert(block.equations[i]);
    }
    for (const Variable* unknown : block.unknowns) learn(unknown);
  }
  return !blocks.empty();
}

const Recovery* Abduction::recovery(const Variable* variable) const {
  auto found = recovery_of_.find(variable);
  return found == recovery_of_.end() ? nullptr : &recoveries_[found->second];
}

std::vector<const Variable*> Abduction::overdetermined() const {
  std::vector<const Variable*> out;
  for (const Variable* variable : ordered_) {
    if (is_known_by_step(*variable, graph_.query())) continue;
    if (variable->role == Variable::Role::Var && variable->equation != nullptr && anchored_.contains(variable) &&
        !spent_.contains(variable) && unknowns(variable).empty()) {
      out.push_back(variable);
    }
  }
  return out;
}

bool Abduction::inputs_of(const Variable* variable, std::vector<Node>& inputs) const {
  const Recovery* found = recovery(variable);
  if (found == nullptr) return false;
  const std::vector<const Variable*> alone = {found->from};
  for (const Variable* from : found->equations.empty() ? alone : found->equations) {
    inputs.push_back({from, kFactual, false});
    each_dependency(*from, [&](const Variable* dependency) {
      const bool solved = dependency == variable || std::find(found->unknowns.begin(), found->unknowns.end(), dependency) != found->unknowns.end();
      if (!solved) inputs.push_back({dependency, kFactual, false});
    });
  }
  return true;
}

}  // namespace acie::sema
