#include "compiler/Sema/Analysis/WorldGraph.h"

#include <algorithm>

#include "compiler/Sema/Analysis/ExprWalk.h"

namespace acie::sema {

WorldGraph::WorldGraph(const Query& query) : query_(query) {
  for (size_t w = 0; w < query.worlds.size(); ++w) {
    for (const Intervention& intervention : query.worlds[w].interventions) {
      interventions_.try_emplace({static_cast<WorldId>(w), intervention.target}, &intervention);
    }
  }
  for (const Evidence& evidence : query.evidence) evidence_.try_emplace(evidence.variable, &evidence);
  const std::vector<Variable*>& variables = query.model->variables;
  unchanged_.resize(query.worlds.size());
  for (size_t w = 0; w < query.worlds.size(); ++w) {
    unchanged_[w].resize(variables.size());
    for (const Variable* variable : variables) {  // parents stand before their children
      WorldId world = static_cast<WorldId>(w);
      unchanged_[w][variable->index] =
          intervention(world, variable) == nullptr && parents_unchanged(world, variable);
    }
  }
}

const Intervention* WorldGraph::intervention(WorldId world, const Variable* variable) const {
  auto found = interventions_.find({world, variable});
  return found == interventions_.end() ? nullptr : found->second;
}

const Evidence* WorldGraph::evidence(const Variable* variable) const {
  auto found = evidence_.find(variable);
  return found == evidence_.end() ? nullptr : found->second;
}

bool WorldGraph::unchanged(WorldId world, const Variable* variable) const {
  return world <= kFactual || unchanged_[world][variable->index];
}

bool WorldGraph::parents_unchanged(WorldId world, const Variable* variable) const {
  return std::all_of(variable->parents.begin(), variable->parents.end(),
                     [&](const Variable* parent) { return unchanged(world, parent); });
}

Origin WorldGraph::origin(const Node& node) const {
  const Variable* variable = node.variable;
  if (variable->role == Variable::Role::Exo) return Origin::Noise;
  if (!node.natural && intervention(node.world, variable) != nullptr) return Origin::Intervention;
  if (node.world <= kFactual) {
    if (evidence(variable) != nullptr) return Origin::Evidence;
    return variable->role == Variable::Role::Input ? Origin::Input : Origin::Equation;
  }
  return parents_unchanged(node.world, variable) ? Origin::Factual : Origin::Equation;
}

Node WorldGraph::resolve(Node node) const {
  if (node.world == kThisWorld) node.world = kFactual;
  Origin from = origin(node);
  if (from == Origin::Noise || from == Origin::Factual) return {node.variable, kFactual, false};
  if (from != Origin::Intervention && intervention(node.world, node.variable) == nullptr) node.natural = false;
  return node;
}

std::vector<Dependency> WorldGraph::reads(const Expr* expr, WorldId world) {
  std::vector<Dependency> out;
  for (const Expr* reference : references(expr)) {
    Node target{reference->variable, reference->world == kThisWorld ? world : reference->world,
                reference->kind == Expr::Kind::Natural};
    out.push_back({target, reference->span});
  }
  return out;
}

std::vector<Dependency> WorldGraph::dependencies(const Node& node) const {
  switch (origin(node)) {
    case Origin::Noise:
    case Origin::Input:
    case Origin::Evidence: return {};
    case Origin::Factual: return {{{node.variable, kFactual, false}, node.variable->span}};
    case Origin::Intervention: return reads(intervention(node.world, node.variable)->value, node.world);
    case Origin::Equation: return reads(node.variable->equation, node.world);
  }
  return {};
}

}  // namespace acie::sema
