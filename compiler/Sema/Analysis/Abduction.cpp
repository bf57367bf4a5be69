#include "compiler/Sema/Analysis/Abduction.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Sema/Analysis/Conditioning.h"
#include "compiler/Sema/Analysis/ExprText.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Analysis/LinearBlocks.h"

namespace acie::sema {
namespace {

template <class F>
void each_dependency(const Variable& variable, F f) {
  for (const Variable* parent : variable.parents) f(parent);
  for (const Variable* noise : variable.noises) f(noise);
}

std::string explain_inversion(const Recovery& recovery, const Inversion& inversion) {
  const Expr* equation = recovery.solved().equation;
  if (!inversion.system.empty()) {
    return absl::StrCat(recovery.from->name, " = ", to_text(equation, recovery.noise), " is solved for ", recovery.noise->name, ": ", inversion.system);
  }
  const int direction = inversion.direction;
  std::string how = recovery.affine  ? "linear in"
                    : direction > 0  ? "increasing in"
                    : direction < 0  ? "decreasing in"
                                     : "one-to-one in";
  return absl::StrCat(recovery.from->name, " = ", to_text(equation, recovery.noise), " is ", how, " ",
                      recovery.noise->name);
}

/// A series that a loop computes, where there is evidence on its step's equation as well: noise is recovered from that, step
/// by step from what the series was, and nothing is left to check.
bool is_known_by_step(const Variable& variable, const Query& query) {
  if (variable.equation == nullptr || variable.equation->kind != Expr::Kind::Every) return false;
  const std::string step = absl::StrCat(variable.name, ".step");
  return std::any_of(query.evidence.begin(), query.evidence.end(), [&](const Evidence& item) { return item.variable->name == step; });
}

std::string names(const std::vector<const Variable*>& variables) {
  return absl::StrJoin(variables, ", ", [](std::string* out, const Variable* v) { out->append(v->name); });
}

}  // namespace

Abduction::Abduction(const WorldGraph& graph, const Ranges& ranges, Program& program) : graph_(graph), ranges_(ranges), program_(program) {
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
    progress = std::any_of(ordered_.begin(), ordered_.end(), [&](const Variable* v) { return solve(v, true); }) || solve_together(false) || solve_composed() || solve_together(true);
  }
  condition();
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
  return solve_for(for_variables ? variable : best_equation(variable, unknown), nullptr, unknown);
}

/// Of the equations that hold nothing unknown but `noise`, this one, or one that follows it much more strongly, as far as that is
/// known when compiling: of [0.001 u, u] the second.
const Variable* Abduction::best_equation(const Variable* variable, const Variable* noise) const {
  constexpr double kMuch = 10;
  const auto slope_of = [&](const Variable* v) -> std::optional<double> {
    const Inversion inversion = invert(v->equation, noise, ranges_);
    if (!inversion.ok() || !inversion.slope.is_point()) return std::nullopt;
    return std::abs(inversion.slope.low);
  };
  const auto users = users_.find(noise);
  if (users == users_.end() || users->second.size() == 1) return variable;
  std::optional<double> best = slope_of(variable);
  if (!best) return variable;
  std::vector<const Variable*> others = users->second;
  std::sort(others.begin(), others.end(), [&](const Variable* a, const Variable* b) { return rank_[a->index] < rank_[b->index]; });
  for (const Variable* other : others) {
    if (other == variable || !anchored_.contains(other) || spent_.contains(other) || unknowns(other).size() != 1) continue;
    const std::optional<double> slope = slope_of(other);
    if (slope && *slope > kMuch * *best) variable = other, best = slope;
  }
  return variable;
}

bool Abduction::solve_for(const Variable* variable, const Variable* composed, const Variable* unknown) {
  Recovery recovery;
  recovery.noise = unknown;
  recovery.from = variable;
  recovery.composed = composed;
  Inversion inversion = invert(recovery.solved().equation, unknown, ranges_);
  if (!inversion.ok()) return false;
  recovery.path = std::move(inversion.path);
  recovery.affine = inversion.affine;
  recovery.explanation = explain_inversion(recovery, inversion);
  recovery_of_[unknown] = static_cast<int>(recoveries_.size());
  recoveries_.push_back(std::move(recovery));
  spent_.insert(variable);
  if (inversion.check) checked_.insert(variable);
  if (unknown->role == Variable::Role::Var) anchored_.insert(unknown);
  learn(unknown);
  return true;
}

/// The variable itself where its parents are known; else a made one, with the equations of those that are not in their places.
const Variable* Abduction::compose(const Variable* variable) {
  const auto is_open = [&](const Variable* v) { return v->role == Variable::Role::Var && v->equation != nullptr && !known_.contains(v); };
  if (std::none_of(variable->parents.begin(), variable->parents.end(), is_open)) return variable;
  // Parents before their children: the equation that stands for a parent has those of its own parents in it.
  std::vector<const Variable*> above = {variable};
  absl::flat_hash_set<const Variable*> seen;
  for (size_t i = 0; i < above.size(); ++i) {
    for (const Variable* parent : above[i]->parents) {
      if (is_open(parent) && seen.insert(parent).second) above.push_back(parent);
    }
  }
  std::sort(above.begin(), above.end(), [](const Variable* a, const Variable* b) { return a->index < b->index; });
  absl::flat_hash_map<const Variable*, const Expr*> equation_of;
  for (const Variable* each : above) {
    const Expr* own = each->equation;
    equation_of[each] = replaced(absl::MakeConstSpan(&own, 1), [&](const Expr& node) -> const Expr* {
      if (node.kind != Expr::Kind::Variable || node.variable == each) return nullptr;
      const auto found = equation_of.find(node.variable);
      return found == equation_of.end() ? nullptr : found->second;
    }, program_)[0];
  }
  Variable made = *variable;
  made.equation = equation_of.at(variable);
  made.observed = variable;
  made.parents.clear();
  made.noises.clear();
  for (const Expr* reference : references(made.equation)) {
    auto& list = reference->variable->role == Variable::Role::Exo ? made.noises : made.parents;
    if (std::find(list.begin(), list.end(), reference->variable) == list.end()) list.push_back(reference->variable);
  }
  return composed_[variable] = program_.make(std::move(made));
}

const Variable& Abduction::composed(const Variable* variable) const {
  const auto found = composed_.find(variable);
  return found == composed_.end() ? *variable : *found->second;
}

/// Solves the first equation that has one unknown noise once the equations of its parents are put into it.
bool Abduction::solve_composed() {
  composed_.clear();
  for (const Variable* variable : ordered_) {
    if (variable->role != Variable::Role::Var || variable->equation == nullptr || !anchored_.contains(variable) || spent_.contains(variable)) continue;
    const Variable* composed = compose(variable);
    if (composed == variable) continue;
    const std::vector<const Variable*> open = unknowns(composed);
    if (open.size() == 1 && open[0]->role == Variable::Role::Exo && solve_for(variable, composed, open[0])) return true;
  }
  return false;
}

/// Equations of several unknowns each, linear in them, as many as the unknowns: vectors mixed by a matrix that is not
/// triangular, two measurements of two noises. `composed`: those of parents that are not known in their places.
bool Abduction::solve_together(bool composed) {
  std::vector<std::pair<const Variable*, std::vector<const Variable*>>> equations;
  for (const Variable* variable : ordered_) {
    if (variable->role != Variable::Role::Var || variable->equation == nullptr || !anchored_.contains(variable) || spent_.contains(variable)) continue;
    const Variable* equation = composed ? compose(variable) : variable;
    std::vector<const Variable*> open = unknowns(equation);
    const bool noises = std::all_of(open.begin(), open.end(), [](const Variable* v) { return v->role == Variable::Role::Exo; });
    if (!open.empty() && noises) equations.emplace_back(equation, std::move(open));
  }
  const std::vector<LinearBlock> blocks = linear_blocks(std::move(equations));
  for (const LinearBlock& block : blocks) {
    const std::string together = absl::StrCat(names(block.equations), " are linear in ", names(block.unknowns), ": solved as one system of equations");
    for (size_t i = 0; i < block.unknowns.size(); ++i) {
      Recovery recovery;
      recovery.noise = block.unknowns[i];
      recovery.from = observed_of(block.equations[i]);
      recovery.affine = true;
      recovery.equations = block.equations;
      recovery.unknowns = block.unknowns;
      recovery.explanation = together;
      recovery_of_[recovery.noise] = static_cast<int>(recoveries_.size());
      spent_.insert(recovery.from);
      recoveries_.push_back(std::move(recovery));
    }
    for (const Variable* unknown : block.unknowns) learn(unknown);
  }
  return !blocks.empty();
}

/// What is left of the evidence once nothing more can be solved for: noises that meet in its equations.
void Abduction::condition() {
  composed_.clear();
  for (const Variable* variable : ordered_) {
    if (variable->role != Variable::Role::Var || variable->equation == nullptr || !anchored_.contains(variable) || spent_.contains(variable)) continue;
    const Variable* equation = compose(variable);
    std::vector<const Variable*> open = unknowns(equation);
    touched_.insert(open.begin(), open.end());
    if (!open.empty()) open_.emplace_back(equation, std::move(open));
  }
  settled_ = known_;
  for (const LinearBlock& block : normal_blocks(open_)) {
    const std::string together = absl::StrCat(names(block.equations), block.equations.size() == 1 ? " is" : " are", " linear in ", names(block.unknowns), ", which are normal: given ",
                                              block.equations.size() == 1 ? "it" : "them", " they are normal, too, and drawn");
    for (const Variable* unknown : block.unknowns) {
      Recovery recovery;
      recovery.noise = unknown;
      recovery.from = observed_of(block.equations[0]);
      recovery.affine = true;
      recovery.equations = block.equations;
      recovery.unknowns = block.unknowns;
      recovery.conditioned = true;
      recovery.explanation = together;
      recovery_of_[unknown] = static_cast<int>(recoveries_.size());
      recoveries_.push_back(std::move(recovery));
    }
    for (const Variable* equation : block.equations) spent_.insert(observed_of(equation));
    for (const Variable* unknown : block.unknowns) known_.insert(unknown);
  }
  for (const Variable* variable : graph_.query().model->variables) {  // parents stand before their children
    if (variable->role == Variable::Role::Var && unknowns(variable).empty()) known_.insert(variable);
  }
}

bool Abduction::conditioned(const Variable* noise) const {
  const Recovery* found = recovery(noise);
  return found != nullptr && found->conditioned;
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
  const std::vector<const Variable*> alone = {&found->solved()};
  for (const Variable* from : found->equations.empty() ? alone : found->equations) {
    inputs.push_back({observed_of(from), kFactual, false});
    each_dependency(*from, [&](const Variable* dependency) {
      const bool solved = dependency == variable || std::find(found->unknowns.begin(), found->unknowns.end(), dependency) != found->unknowns.end();
      if (!solved) inputs.push_back({dependency, kFactual, false});
    });
  }
  return true;
}

}  // namespace acie::sema
