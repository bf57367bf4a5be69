// Which elements of vectors are drawn as one node.
#ifndef ACIE_GRAPH_VECTORS_H
#define ACIE_GRAPH_VECTORS_H

#include <string>
#include <vector>

#include "compiler/Sema/Program.h"

namespace acie::graph {

/// "x" of "x[0, 1]"; "x.noise" of "x[0].noise": what elements of one vector have in common.
std::string vector_name(const std::string& variable);

/// For each of the model's variables the name of its node: `vector_name` where all elements of that vector have the same
/// neighbours once vectors are merged, none causes another, even through others, and `query` treats them alike; else its own.
std::vector<std::string> node_names(const sema::Model& model, const sema::Query* query);

}  // namespace acie::graph

#endif  // ACIE_GRAPH_VECTORS_H
