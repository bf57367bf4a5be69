// The words on nodes, common to pictures.
#ifndef ACIE_GRAPH_LABELS_H
#define ACIE_GRAPH_LABELS_H

#include <string>
#include <vector>

#include "compiler/Graph/CausalGraph.h"

namespace acie::graph {

/// "log_mass", "strength[12]".
std::string title_of(const Node& node);

/// Lines under the title: the unit; of a noise its law and how it is found, in further worlds that it is kept; of a
/// variable that `world` sets, how. `first` is the first world shown.
std::vector<std::string> details_of(const CausalGraph& graph, int node, int world, bool first);

/// "factual", "do" for the query's own, else as declared.
std::string world_title(const World& world);

/// At most `limit` characters, the last an ellipsis where something was left out.
std::string shortened(const std::string& text, size_t limit);
/// Characters, not bytes.
size_t length_of(const std::string& text);

}  // namespace acie::graph

#endif  // ACIE_GRAPH_LABELS_H
