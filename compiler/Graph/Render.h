// A causal graph as text for other programs and as a picture.
#ifndef ACIE_GRAPH_RENDER_H
#define ACIE_GRAPH_RENDER_H

#include <string>
#include <vector>

#include "compiler/Graph/CausalGraph.h"
#include "nlohmann/json.hpp"

namespace acie::graph {

/// The worlds a picture shows side by side: those that set something, after the factual one where the evidence or an
/// output speaks of it; the factual one alone where nothing is set.
std::vector<int> shown_worlds(const CausalGraph& graph);

/// {model, query (null without), nodes [{name, role, elements, type, unit, given, returned; of a noise law and, in a query,
/// recovered {method, from, reason}}], edges [{from, to}], worlds [{name, sets [{target, text, keeps, cuts [names], reads
/// [{world, name}]}], returned [names], changed [names]}]}. `cuts` are the parents that a set takes away, `changed` what it
/// can change.
nlohmann::ordered_json to_json(const CausalGraph& graph);

/// Graphviz text. Inputs are boxes, variables ellipses, noises small and grey with how they are found, constraints
/// hexagons; given variables are blue, set ones orange, returned ones doubly outlined, cut edges dashed. Worlds stand side
/// by side under their common noise; what no intervention reaches is pale.
std::string to_dot(const CausalGraph& graph);

/// The same as an SVG image of its own, a panel per world with every variable at the same place. Nodes are groups with the
/// class `node` and attributes `data-node` and `data-world`, for programs that show it.
std::string to_svg(const CausalGraph& graph);

}  // namespace acie::graph

#endif  // ACIE_GRAPH_RENDER_H
