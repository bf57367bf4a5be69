#include <algorithm>

#include "compiler/Graph/Labels.h"
#include "compiler/Graph/Render.h"

namespace acie::graph {
namespace {

using Json = nlohmann::ordered_json;

Json names_of(const CausalGraph& graph, const std::set<int>& nodes) {
  Json names = Json::array();
  for (int node : nodes) names.push_back(graph.nodes[static_cast<size_t>(node)].name);
  return names;
}

Json node_of(const CausalGraph& graph, int index) {
  const Node& node = graph.nodes[static_cast<size_t>(index)];
  Json json = {{"name", node.name}, {"role", std::string(role_name(node.role))}};
  // "2*T" of as many as the data say
  json["elements"] = sizes::is_open(node.elements) ? Json(sizes::text(node.elements)) : Json(node.elements);
  if (node.role == Role::Constraint) return json;
  json["type"] = node.type;
  json["unit"] = node.unit;
  json["given"] = node.given;
  json["returned"] = std::any_of(graph.worlds.begin(), graph.worlds.end(), [&](const World& world) { return world.returned.contains(index); });
  if (node.role == Role::Exo) json["law"] = node.law;
  if (!node.method.empty()) {
    json["recovered"]["method"] = node.method;
    if (!node.from.empty()) json["recovered"]["from"] = node.from;
    if (!node.reason.empty()) json["recovered"]["reason"] = node.reason;
  }
  return json;
}

Json world_of(const CausalGraph& graph, size_t w) {
  const World& world = graph.worlds[w];
  Json sets = Json::array();
  for (const Set& set : world.sets) {
    Json cuts = Json::array(), reads = Json::array();
    for (const Edge& edge : graph.edges)
      if (edge.to == set.target && graph.cut(static_cast<int>(w), edge)) cuts.push_back(graph.nodes[static_cast<size_t>(edge.from)].name);
    for (const Set::Read& read : set.reads)
      reads.push_back({{"world", graph.worlds[static_cast<size_t>(read.world)].name}, {"name", graph.nodes[static_cast<size_t>(read.node)].name}});
    Json json = {{"target", graph.nodes[static_cast<size_t>(set.target)].name}};
    if (!set.text.empty()) json["text"] = set.text;
    json["keeps"] = set.keeps;
    json["cuts"] = std::move(cuts);
    json["reads"] = std::move(reads);
    sets.push_back(std::move(json));
  }
  return {{"name", world.name}, {"sets", std::move(sets)}, {"returned", names_of(graph, world.returned)}, {"changed", names_of(graph, world.reached)}};
}

}  // namespace

std::vector<int> shown_worlds(const CausalGraph& graph) {
  std::vector<int> shown;
  for (size_t w = 1; w < graph.worlds.size(); ++w)
    if (!graph.worlds[w].sets.empty()) shown.push_back(static_cast<int>(w));
  const bool evidence = std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) { return node.given; });
  if (shown.empty() || evidence || !graph.worlds[0].returned.empty()) shown.insert(shown.begin(), 0);
  return shown;
}

nlohmann::ordered_json to_json(const CausalGraph& graph) {
  Json json;
  json["model"] = graph.model;
  json["query"] = graph.query.empty() ? Json() : Json(graph.query);
  json["nodes"] = Json::array();
  json["edges"] = Json::array();
  json["worlds"] = Json::array();
  for (size_t n = 0; n < graph.nodes.size(); ++n) json["nodes"].push_back(node_of(graph, static_cast<int>(n)));
  for (const Edge& edge : graph.edges)
    json["edges"].push_back({{"from", graph.nodes[static_cast<size_t>(edge.from)].name}, {"to", graph.nodes[static_cast<size_t>(edge.to)].name}});
  for (size_t w = 0; w < graph.worlds.size(); ++w) json["worlds"].push_back(world_of(graph, w));
  return json;
}

}  // namespace acie::graph
