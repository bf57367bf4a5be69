#include "compiler/Graph/CausalGraph.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "compiler/Graph/Vectors.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Symbols.h"
#include "compiler/Sema/Types.h"
#include "compiler/Support/SourceManager.h"

namespace acie::graph {
namespace {

using sema::Variable;
using Places = std::map<const Variable*, int>;  // variable → node

Role role_of(const Variable& variable) {
  switch (variable.role) {
    case Variable::Role::Input: return Role::Input;
    case Variable::Role::Exo: return Role::Exo;
    case Variable::Role::Var: return Role::Var;
  }
  return Role::Var;
}

std::string on_one_line(std::string_view text) {
  std::string out(text);
  absl::RemoveExtraAsciiWhitespace(&out);
  return out;
}

Places add_variables(CausalGraph& graph, const sema::Model& model, const sema::Query* query) {
  Places places;
  std::map<std::string, int> by_name;
  const std::vector<std::string> names = node_names(model, query);
  for (size_t i = 0; i < model.variables.size(); ++i) {
    const Variable* variable = model.variables[i];
    // One step's equation of a series is the series.
    const bool step = variable->role == Variable::Role::Var && variable->generated;
    const std::string name = step ? std::string(absl::StripSuffix(names[i], ".step")) : names[i];
    const auto [place, added] = by_name.emplace(name, static_cast<int>(graph.nodes.size()));
    places[variable] = place->second;
    if (!added) {
      Node& same = graph.nodes[place->second];
      const auto is_step = [](const Variable* each) { return each->role == Variable::Role::Var && each->generated; };
      const bool series = step || std::any_of(same.variables.begin(), same.variables.end(), is_step);
      same.variables.push_back(variable);
      if (!series) ++same.elements;
      continue;
    }
    Node node;
    node.name = name;
    node.role = role_of(*variable);
    node.elements = std::max<int64_t>(1, sema::element_count(variable->type.shape));
    node.type = sema::to_string(variable->type);
    node.unit = variable->type.unit.to_string();
    if (node.role == Role::Exo) node.law = variable->law_text;
    node.variables = {variable};
    node.span = variable->span;
    graph.nodes.push_back(std::move(node));
  }
  return places;
}

void add_edges(CausalGraph& graph, const Places& places) {
  std::set<std::pair<int, int>> seen;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const Variable* variable : graph.nodes[i].variables) {
      if (variable->role != Variable::Role::Var) continue;
      for (const auto* list : {&variable->parents, &variable->noises}) {
        for (const Variable* parent : *list) {
          const int from = places.at(parent), to = static_cast<int>(i);
          if (seen.emplace(from, to).second) graph.edges.push_back({from, to});
        }
      }
    }
  }
}

void add_constraints(CausalGraph& graph, const sema::Model& model, const Places& places) {
  for (const sema::Constraint* constraint : model.constraints) {
    const int to = static_cast<int>(graph.nodes.size());
    Node node;
    node.name = constraint->name;
    node.role = Role::Constraint;
    node.span = constraint->span;
    graph.nodes.push_back(std::move(node));
    std::vector<const sema::Expr*> residuals;
    for (const sema::ConstraintRow& row : constraint->rows) residuals.push_back(row.residual);
    std::set<int> seen;
    for (const sema::Expr* reference : sema::references(residuals)) {
      const int from = places.at(reference->variable);
      if (seen.insert(from).second) graph.edges.push_back({from, to});
    }
  }
}

void say_methods(CausalGraph& graph, const sema::Query& query, const Places& places) {
  for (Node& node : graph.nodes)
    if (node.role == Role::Exo) node.method = "not needed";
  for (const sema::Evidence& item : query.evidence) graph.nodes[places.at(item.variable)].given = true;
  for (const Variable* noise : query.free_noises) graph.nodes[places.at(noise)].method = "sampled";
  for (const sema::Recovery& recovery : query.recoveries) {
    Node& node = graph.nodes[places.at(recovery.noise)];
    if (node.method == "exact" || node.method == "conditioned") continue;
    node.method = recovery.conditioned ? "conditioned" : "exact";
    node.from = graph.nodes[places.at(recovery.from)].name;
    node.reason = recovery.explanation;
  }
}

Set set_of_intervention(const sema::Intervention& intervention, sema::WorldId world, const Places& places, const SourceManager* sources) {
  Set set;
  set.target = places.at(intervention.target);
  for (const sema::Expr* reference : sema::references(intervention.value)) {
    if (reference->kind == sema::Expr::Kind::Natural && reference->variable == intervention.target) {
      set.keeps = true;
      continue;
    }
    const Set::Read read{reference->world == sema::kThisWorld ? world : reference->world, places.at(reference->variable)};
    const bool known = std::any_of(set.reads.begin(), set.reads.end(), [&](const Set::Read& r) { return r.world == read.world && r.node == read.node; });
    if (!known) set.reads.push_back(read);
  }
  if (sources != nullptr && intervention.span.end > intervention.span.begin) set.text = on_one_line(sources->text(intervention.span));
  return set;
}

/// What a change of the targets may change: their descendants along edges and along what interventions read.
void find_reached(const CausalGraph& graph, int index, World& world) {
  for (const Set& set : world.sets) world.reached.insert(set.target);
  for (bool changed = true; changed;) {
    changed = false;
    for (const Edge& edge : graph.edges)
      if (world.reached.contains(edge.from) && !graph.cut(index, edge)) changed |= world.reached.insert(edge.to).second;
  }
}

void add_worlds(CausalGraph& graph, const sema::Query& query, const Places& places, const SourceManager* sources) {
  graph.worlds.clear();
  for (size_t w = 0; w < query.worlds.size(); ++w) {
    const int index = static_cast<int>(w);
    graph.worlds.push_back({query.worlds[w].name, {}, {}, {}});
    World& world = graph.worlds.back();
    for (const sema::Intervention& intervention : query.worlds[w].interventions) {
      Set set = set_of_intervention(intervention, index, places, sources);
      if (graph.set_of(index, set.target) == nullptr) world.sets.push_back(std::move(set));
    }
    for (const sema::Output& output : query.outputs)
      for (const sema::Expr* reference : sema::references(output.value))
        if ((reference->world == sema::kThisWorld ? sema::kFactual : reference->world) == index) world.returned.insert(places.at(reference->variable));
    find_reached(graph, index, world);
  }
}

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::Input: return "input";
    case Role::Exo: return "exo";
    case Role::Var: return "var";
    case Role::Constraint: return "constraint";
  }
  return "";
}

const Set* CausalGraph::set_of(int world, int node) const {
  for (const Set& set : worlds[static_cast<size_t>(world)].sets)
    if (set.target == node) return &set;
  return nullptr;
}

bool CausalGraph::cut(int world, const Edge& edge) const {
  const Set* set = set_of(world, edge.to);
  return set != nullptr && !set->keeps;
}

CausalGraph build(const sema::Model& model, const sema::Query* query, const SourceManager* sources) {
  CausalGraph graph;
  graph.model = model.name;
  if (query != nullptr) graph.query = query->name;
  graph.worlds.push_back({"factual", {}, {}, {}});
  const Places places = add_variables(graph, model, query);
  add_edges(graph, places);
  add_constraints(graph, model, places);
  if (query != nullptr) {
    say_methods(graph, *query, places);
    add_worlds(graph, *query, places, sources);
  }
  return graph;
}

void add_world(CausalGraph& graph, const std::string& name, const std::vector<Target>& targets) {
  const int index = static_cast<int>(graph.worlds.size());
  graph.worlds.push_back({name, {}, {}, {}});
  World& world = graph.worlds.back();
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.role == Role::Exo || node.role == Role::Constraint) continue;
    const std::string root = vector_name(node.name);
    const auto target = std::find_if(targets.begin(), targets.end(), [&](const Target& t) { return t.name == node.name || t.name == root; });
    if (target != targets.end()) world.sets.push_back({static_cast<int>(i), target->keeps, {}, target->text});
  }
  find_reached(graph, index, world);
}

}  // namespace acie::graph
