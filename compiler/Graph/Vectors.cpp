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

/// What the query says of a variable by itself, so that elements that differ in it stay apart.
std::string treatment(const sema::Query* query, const Variable* variable) {
  if (query == nullptr) return "";
  std::string text;
  for (const sema::Evidence& item : query->evidence)
    if (item.variable == variable) text += "g";
  for (size_t w = 0; w < query->worlds.size(); ++w)
    for (const sema::Intervention& set : query->worlds[w].interventions)
      if (set.target == variable) absl::StrAppend(&text, "d", w, "@", set.span.begin);
  for (const sema::Recovery& recovery : query->recoveries)
    if (recovery.noise == variable) absl::StrAppend(&text, "r", vector_name(recovery.from->name));
  for (const sema::Output& output : query->outputs)
    for (const sema::Expr* reference : sema::references(output.value))
      if (reference->variable == variable) absl::StrAppend(&text, "o", reference->world);
  return text;
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
  const auto has_any = [&](const std::set<std::string>& of) {
    return std::any_of(of.begin(), of.end(), [&](const std::string& name) { return left.contains(name); });
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (auto it = left.begin(); it != left.end();) {
      const bool stays = has_any(parents[*it]) && has_any(children[*it]);
      changed |= !stays;
      it = stays ? std::next(it) : left.erase(it);
    }
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
  std::map<const Variable*, std::string> treated;
  for (const Variable* variable : model.variables) {
    names[variable] = vector_name(variable->name);
    groups[names[variable]].push_back(variable);
    treated[variable] = treatment(query, variable);
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
