// The causal graph of a model as it is drawn: its variables and constraints, how a query finds each noise, and what its worlds set.
#ifndef ACIE_GRAPH_CAUSALGRAPH_H
#define ACIE_GRAPH_CAUSALGRAPH_H

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/Sema/Program.h"

namespace acie {
class SourceManager;
}

namespace acie::graph {

enum class Role : uint8_t { Input, Exo, Var, Constraint };
std::string_view role_name(Role role);  // "input", "exo", "var", "constraint"

/// A variable, a constraint, or a vector whose elements are all alike.
struct Node {
  std::string name;  // unique: a model's constraints and variables share their names' scope
  Role role = Role::Var;
  int64_t elements = 1;  // of a vector that is one node; a size of Support/Sizes.h
  std::string type;      // "f64<Msun/yr>"; of a constraint empty
  std::string unit;      // "Msun/yr", "1"; of a constraint empty
  std::string law;       // Exo: "normal(0, 1)"
  /// How the query finds it: "exact", "sampled", "not needed"; empty without a query and for what is computed or read.
  std::string method;
  std::string from;    // exact: the variable whose equation is solved
  std::string reason;  // exact: "log_sfr = … + u_sfr is increasing in u_sfr"
  bool given = false;
  std::vector<const sema::Variable*> variables;  // its elements; of a constraint none
  Span span;                                     // of the name where it is declared
};

struct Edge {
  int from = 0;
  int to = 0;
};

/// One `do`: of a node.
struct Set {
  /// What its value reads: a node in a world; its own equation is not among them.
  struct Read {
    sema::WorldId world = 0;
    int node = 0;
  };
  int target = 0;
  bool keeps = false;  // its own equation still matters: `do x += 1`; else the edges into it are cut
  std::vector<Read> reads;
  std::string text;  // as the program says it, on one line; may be empty
};

struct World {
  std::string name;  // "factual", "" for the query's own, else as declared
  std::vector<Set> sets;
  std::set<int> returned;  // nodes that an output reads here
  std::set<int> reached;   // nodes that a Set may change: targets and what descends from them
};

struct CausalGraph {
  std::string model;
  std::string query;         // empty: of no query
  std::vector<Node> nodes;   // parents before children, constraints last
  std::vector<Edge> edges;   // each pair once
  std::vector<World> worlds;  // [0] is factual; of no query only that

  const Set* set_of(int world, int node) const;
  bool cut(int world, const Edge& edge) const;
};

/// The graph of `model`, of `query` where that is not null. Elements of a vector are one node where they all have the same
/// causes, effects and interventions; else a node each. `sources`, if not null, gives the text of interventions.
CausalGraph build(const sema::Model& model, const sema::Query* query, const SourceManager* sources);

/// A variable to set: of a vector, all its elements.
struct Target {
  std::string name;
  bool keeps = false;  // goes on reading its own equation
  std::string text;
};

/// Adds a world that sets these. Names that the model does not have are passed over, and so are noises.
void add_world(CausalGraph& graph, const std::string& name, const std::vector<Target>& targets);

}  // namespace acie::graph

#endif  // ACIE_GRAPH_CAUSALGRAPH_H
