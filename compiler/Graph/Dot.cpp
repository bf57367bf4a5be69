#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Graph/Labels.h"
#include "compiler/Graph/Render.h"

namespace acie::graph {
namespace {

/// A string of the DOT language.
std::string dot_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

class DotWriter {
 public:
  explicit DotWriter(const CausalGraph& graph) : graph_(graph), shown_(shown_worlds(graph)) {}

  std::string run() {
    const std::string title = graph_.query.empty() ? graph_.model : absl::StrCat(graph_.model, ": ", graph_.query);
    absl::StrAppend(&out_, "digraph ", dot_string(title), " {\n  label=", dot_string(title),
                    ";\n  labelloc=t;\n  fontname=\"Helvetica\";\n  node [fontname=\"Helvetica\", fontsize=11];\n"
                    "  edge [arrowsize=0.7];\n");
    for (size_t n = 0; n < graph_.nodes.size(); ++n)
      if (shared(static_cast<int>(n))) node(static_cast<int>(n), shown_[0], "  ");
    for (int world : shown_) {
      const bool boxed = shown_.size() > 1;
      if (boxed) {
        absl::StrAppend(&out_, "  subgraph ", dot_string(absl::StrCat("cluster_", world)), " {\n    label=",
                        dot_string(world_title(graph_.worlds[static_cast<size_t>(world)])), ";\n    color=\"#999999\";\n");
      }
      for (size_t n = 0; n < graph_.nodes.size(); ++n)
        if (!shared(static_cast<int>(n))) node(static_cast<int>(n), world, boxed ? "    " : "  ");
      if (boxed) out_ += "  }\n";
    }
    for (int world : shown_) edges(world);
    return out_ + "}\n";
  }

 private:
  /// All worlds share the noise, so it has one node, unless one of them sets it.
  bool shared(int node) const {
    if (graph_.nodes[static_cast<size_t>(node)].role != Role::Exo) return false;
    for (int world : shown_)
      if (graph_.set_of(world, node) != nullptr) return false;
    return true;
  }

  std::string id(int node, int world) const {
    const std::string& name = graph_.nodes[static_cast<size_t>(node)].name;
    return dot_string(shown_.size() <= 1 || shared(node) ? name : absl::StrCat(name, "@", world));
  }

  /// In a world beside others: what it has in common with the factual one.
  bool pale(int node, int world) const { return world != shown_[0] && shown_[0] == 0 && !graph_.worlds[static_cast<size_t>(world)].reached.contains(node); }

  void node(int index, int world, const char* indent) {
    const Node& node = graph_.nodes[static_cast<size_t>(index)];
    std::string label = title_of(node), style;
    for (const std::string& line : details_of(graph_, index, world, world == shown_[0])) absl::StrAppend(&label, "\n", line);
    switch (node.role) {
      case Role::Exo: style = ", shape=ellipse, color=\"#aaaaaa\", fontcolor=\"#666666\", fontsize=9"; break;
      case Role::Input: style = ", shape=box"; break;
      case Role::Var: style = ", shape=ellipse"; break;
      case Role::Constraint: style = ", shape=hexagon, color=\"#5a8f5a\", fontcolor=\"#3d6b3d\""; break;
    }
    if (graph_.set_of(world, index) != nullptr) style += ", style=filled, fillcolor=\"#f6c28b\"";
    else if (node.given && world == 0) style += ", style=filled, fillcolor=\"#d6e6f5\"";
    else if (pale(index, world)) style += ", color=\"#bbbbbb\", fontcolor=\"#999999\"";
    if (graph_.worlds[static_cast<size_t>(world)].returned.contains(index)) style += ", peripheries=2";
    absl::StrAppend(&out_, indent, id(index, world), " [label=", dot_string(label), style, "];\n");
  }

  void edges(int world) {
    for (const Edge& edge : graph_.edges) {
      const char* style = graph_.cut(world, edge)       ? " [style=dashed, color=\"#bbbbbb\"]"
                          : pale(edge.to, world)        ? " [color=\"#cccccc\"]"
                          : graph_.nodes[static_cast<size_t>(edge.to)].role == Role::Constraint ? " [color=\"#5a8f5a\", arrowhead=none]"
                                                        : "";
      absl::StrAppend(&out_, "  ", id(edge.from, world), " -> ", id(edge.to, world), style, ";\n");
    }
    for (const Set& set : graph_.worlds[static_cast<size_t>(world)].sets) {
      for (const Set::Read& read : set.reads) {
        const bool drawn = shared(read.node) || std::find(shown_.begin(), shown_.end(), read.world) != shown_.end();
        if (drawn) absl::StrAppend(&out_, "  ", id(read.node, read.world), " -> ", id(set.target, world), " [color=\"#d9822b\"];\n");
      }
    }
  }

  const CausalGraph& graph_;
  std::vector<int> shown_;
  std::string out_;
};

}  // namespace

std::string to_dot(const CausalGraph& graph) { return DotWriter(graph).run(); }

}  // namespace acie::graph
