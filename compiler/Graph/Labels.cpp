#include "compiler/Graph/Labels.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Support/Sizes.h"

namespace acie::graph {
namespace {

constexpr size_t kDetail = 44;  // characters

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

size_t length_of(const std::string& text) { return static_cast<size_t>(std::count_if(text.begin(), text.end(), starts_character)); }

std::string shortened(const std::string& text, size_t limit) {
  if (length_of(text) <= limit) return text;
  size_t characters = 0, end = 0;
  while (end < text.size() && (!starts_character(text[end]) || ++characters < limit)) ++end;
  return absl::StrCat(text.substr(0, end), "…");
}

std::string title_of(const Node& node) {
  return node.elements > 1 ? absl::StrCat(node.name, "[", sizes::text(node.elements), "]") : node.name;
}

std::vector<std::string> details_of(const CausalGraph& graph, int node, int world, bool first) {
  const Node& here = graph.nodes[static_cast<size_t>(node)];
  std::vector<std::string> lines;
  if (here.role == Role::Constraint) return {"constraint"};
  if (!here.unit.empty() && here.unit != "1") lines.push_back(here.unit);
  if (here.role == Role::Exo && first) {
    lines.push_back(shortened(here.law, kDetail));
    if (here.method == "exact") lines.push_back(shortened(absl::StrCat("exact, from ", here.from), kDetail));
    else if (!here.method.empty()) lines.push_back(here.method);
  }
  if (here.role == Role::Exo && !first && !here.method.empty() && here.method != "not needed") {
    lines.push_back(here.method == "exact" ? "kept" : "same draws");
  }
  if (const Set* set = graph.set_of(world, node)) lines.push_back(set->text.empty() ? "set" : shortened(set->text, kDetail));
  return lines;
}

std::string world_title(const World& world) { return world.name.empty() ? "do" : world.name; }

}  // namespace acie::graph
