#include "compiler/Graph/Vectors.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"

namespace acie::graph {
namespace {

using sema::Variable;
using Names = std::map<const Variable*, std::string>;

/// What the query says of each variable by itself, so that elements that differ in it stay apart.
std::map<const Variable*, std::string> treatments(const sema::Query* query) {
  std::map<const Variable*, std::string> texts;
  if (query == nullptr) return texts;
  for (const sema::Evidence& item : query->evidence) texts[item.variable] += "g";
  for (size_t w = 0; w < query->worlds.size(); ++w)
    for (const sema::Intervention& set : query->worlds[w].interventions) absl::StrAppend(&texts[set.target], "d", w, "@", set.span.begin);
  for (const sema::Recovery& recovery : query->recoveries) absl::StrAppend(&texts[recovery.noise], "r", vector_name(recovery.from->name));
  for (const sema::Output& output : query->outputs)
    for (const sema::Expr* reference : sema::references(output.value)) absl::StrAppend(&texts[reference->variable], "o", reference->world);
  return texts;
}

/// Names of the nodes that lie on a cycle once variables of one name are one node.
std::set<std::string> cyclic(const Names& names) {
  std::map<std::string, std::set<std::string>> parents;
  for (const auto& [variable, name] : names)
    for (const auto* list : {&variable->parents, &variable->noises})
      for (const Variable* parent : *list) parents[name].insert(names.at(parent));
  // Take away what no remaining node waits for, from both ends; cycles, and what lies between them, stay.
  std::map<std::string, std::set<std::string>> children;
  for (const auto& [name, list] : parents)
    for (const std::string& parent : list) children[parent].insert(name);
  std::set<std::string> left;
  for (const auto& [variable, name] : names) left.insert(name);
  std::map<std::string, size_t> above, below;  // how many of each that are left
  std::vector<std::string> ends;
  for (const std::string& name : left) {
    above[name] = parents[name].size();
    below[name] = children[name].size();
    if (above[name] == 0 || below[name] == 0) ends.push_back(name);
  }
  while (!ends.empty()) {
    const std::string name = std::move(ends.back());
    ends.pop_back();
    if (left.erase(name) == 0) continue;
    for (const std::string& parent : parents[name])
      if (--below[parent] == 0) ends.push_back(parent);
    for (const std::string& child : children[name])
      if (--above[child] == 0) ends.push_back(child);
  }
  return left;
}

}  // namespace

std::string vector_name(const std::string& variable) {
  const size_t open = variable.find('['), close = variable.rfind(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return variable;
  return variable.substr(0, open) + variable.substr(close + 1);
}

std::vector<std::string> node_names(const sema::Model& model, const sema::Query* query) {
  Names names;
  std::map<std::string, std::vector<const Variable*>> groups;
  std::map<const Variable*, std::string> treated = treatments(query);
  for (const Variable* variable : model.variables) {
    names[variable] = vector_name(variable->name);
    groups[names[variable]].push_back(variable);
  }
  std::map<const Variable*, std::vector<const Variable*>> children;
  for (const Variable* variable : model.variables)
    for (const auto* list : {&variable->parents, &variable->noises})
      for (const Variable* parent : *list) children[parent].push_back(variable);
  // What an element's neighbours are called now, with what the query and its law say of it.
  const auto signature = [&](const Variable* variable) {
    std::set<std::string> around;
    for (const auto* list : {&variable->parents, &variable->noises})
      for (const Variable* parent : *list) around.insert("<" + names.at(parent));
    for (const Variable* child : children[variable]) around.insert(">" + names.at(child));
    std::string text = absl::StrCat(static_cast<int>(variable->role), " ", variable->law_text, " ", treated[variable]);
    for (const std::string& name : around) absl::StrAppend(&text, "\n", name);
    return text;
  };
  // Splitting one vector changes its neighbours' neighbours: until nothing changes.
  for (bool changed = true; changed;) {
    changed = false;
    const std::set<std::string> in_cycles = cyclic(names);
    for (auto group = groups.begin(); group != groups.end();) {
      const std::vector<const Variable*>& elements = group->second;
      const std::string first = signature(elements.front());
      const bool alike = !in_cycles.contains(group->first) &&
                         std::all_of(elements.begin(), elements.end(), [&](const Variable* v) { return signature(v) == first; });
      if (alike || elements.size() == 1) {
        ++group;
        continue;
      }
      for (const Variable* variable : elements) names[variable] = variable->name;
      group = groups.erase(group);
      changed = true;
    }
  }
  std::vector<std::string> out;
  for (const Variable* variable : model.variables) {
    const auto group = groups.find(names[variable]);
    out.push_back(group != groups.end() && group->second.size() > 1 ? names[variable] : variable->name);
  }
  return out;
}

}  // namespace acie::graph
