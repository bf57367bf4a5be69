#include "compiler/Emit/GraphText.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "nlohmann/json.hpp"

namespace acie::emit {
namespace {

using sema::Expr;
using sema::Intervention;
using sema::Model;
using sema::Query;
using sema::Variable;
using sema::World;

/// What is drawn: a model, and a query of it if there is one.
struct Subject {
  const Model* model = nullptr;
  const Query* query = nullptr;
};

absl::StatusOr<Subject> find(const sema::Program& program, const std::string& name) {
  for (const Query* query : program.queries)
    if (name.empty() || query->name == name) return Subject{query->model, query};
  if (!name.empty()) return absl::NotFoundError(absl::StrCat("the program has no query '", name, "'"));
  if (program.models.empty()) return absl::NotFoundError("the program has no model");
  return Subject{program.models.front(), nullptr};
}

std::vector<const Variable*> parents_of(const Variable& variable) {
  std::vector<const Variable*> all = variable.parents;
  all.insert(all.end(), variable.noises.begin(), variable.noises.end());
  return all;
}

bool is_given(const Subject& subject, const Variable* variable) {
  return subject.query && std::any_of(subject.query->evidence.begin(), subject.query->evidence.end(),
                                      [&](const sema::Evidence& e) { return e.variable == variable; });
}

/// The variables of each world that the query's outputs name.
std::set<std::pair<const Variable*, sema::WorldId>> returned(const Subject& subject) {
  std::set<std::pair<const Variable*, sema::WorldId>> out;
  if (!subject.query) return out;
  for (const sema::Output& output : subject.query->outputs)
    for (const Expr* reference : sema::references(output.value))
      out.emplace(reference->variable, reference->world == sema::kThisWorld ? sema::kFactual : reference->world);
  return out;
}

const Intervention* intervention_on(const World& world, const Variable* variable) {
  for (const Intervention& intervention : world.interventions)
    if (intervention.target == variable) return &intervention;
  return nullptr;
}

/// Whether the variable's own equation still matters under the intervention: its natural value is read.
bool keeps_equation(const Intervention& intervention) {
  std::vector<const Expr*> references = sema::references(intervention.value);
  return std::any_of(references.begin(), references.end(), [&](const Expr* reference) {
    return reference->kind == Expr::Kind::Natural && reference->variable == intervention.target;
  });
}

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
  explicit DotWriter(const Subject& subject) : subject_(subject), returned_(returned(subject)) {
    if (!subject.query) return;
    for (size_t w = 0; w < subject.query->worlds.size(); ++w)
      if (!subject.query->worlds[w].interventions.empty()) worlds_.push_back(static_cast<int>(w));
  }

  std::string run() {
    std::string title = subject_.model->name;
    if (subject_.query) absl::StrAppend(&title, ": ", subject_.query->name);
    absl::StrAppend(&out_, "digraph ", dot_string(title), " {\n  label=", dot_string(title),
                    ";\n  labelloc=t;\n  fontname=\"Helvetica\";\n  node [fontname=\"Helvetica\", fontsize=11];\n"
                    "  edge [arrowsize=0.7];\n");
    if (worlds_.size() <= 1) {
      int world = worlds_.empty() ? sema::kFactual : worlds_.front();
      for (const Variable* variable : subject_.model->variables) node(*variable, world, "  ");
      edges(world, "  ");
    } else {
      for (const Variable* variable : subject_.model->variables)
        if (variable->role == Variable::Role::Exo) node(*variable, sema::kFactual, "  ");
      for (int world : worlds_) {
        std::string name = subject_.query->worlds[world].name;
        absl::StrAppend(&out_, "  subgraph ", dot_string(absl::StrCat("cluster_", world)), " {\n    label=",
                        dot_string(name.empty() ? "do" : name), ";\n    color=\"#999999\";\n");
        for (const Variable* variable : subject_.model->variables)
          if (variable->role != Variable::Role::Exo) node(*variable, world, "    ");
        out_ += "  }\n";
      }
      for (int world : worlds_) edges(world, "  ");
    }
    return out_ + "}\n";
  }

 private:
  /// All worlds share the noise, so it has one node.
  std::string id(const Variable& variable, int world) const {
    if (worlds_.size() <= 1 || variable.role == Variable::Role::Exo) return dot_string(variable.name);
    return dot_string(absl::StrCat(variable.name, "@", world));
  }

  const World* world_of(int world) const {
    return subject_.query && world < static_cast<int>(subject_.query->worlds.size()) ? &subject_.query->worlds[world]
                                                                                     : nullptr;
  }

  void node(const Variable& variable, int world, const char* indent) {
    std::string label = variable.name, style;
    const World* here = world_of(world);
    bool set = here && intervention_on(*here, &variable);
    std::string unit = variable.type.unit.to_string();
    if (!unit.empty() && unit != "1") absl::StrAppend(&label, "\n[", unit, "]");
    switch (variable.role) {
      case Variable::Role::Exo:
        absl::StrAppend(&label, "\n", variable.law_text);
        style = ", shape=ellipse, color=\"#aaaaaa\", fontcolor=\"#777777\", fontsize=9";
        break;
      case Variable::Role::Input: style = ", shape=box"; break;
      case Variable::Role::Var: style = ", shape=ellipse"; break;
    }
    if (set)
      style += ", style=filled, fillcolor=\"#f6c28b\"";
    else if (is_given(subject_, &variable))
      style += ", style=filled, fillcolor=\"#d6e6f5\"";
    if (returned_.contains({&variable, world})) style += ", peripheries=2";
    absl::StrAppend(&out_, indent, id(variable, world), " [label=", dot_string(label), style, "];\n");
  }

  void edges(int world, const char* indent) {
    const World* here = world_of(world);
    for (const Variable* variable : subject_.model->variables) {
      if (variable->role != Variable::Role::Var) continue;
      const Intervention* set = here ? intervention_on(*here, variable) : nullptr;
      bool cut = set && !keeps_equation(*set);
      for (const Variable* parent : parents_of(*variable))
        absl::StrAppend(&out_, indent, id(*parent, world), " -> ", id(*variable, world),
                        cut ? " [style=dashed, color=\"#bbbbbb\"]" : "", ";\n");
    }
    if (!here) return;
    for (const Intervention& set : here->interventions) {
      for (const Expr* reference : sema::references(set.value)) {
        if (reference->variable == set.target && reference->kind == Expr::Kind::Natural) continue;
        bool drawn = worlds_.size() <= 1 || reference->variable->role == Variable::Role::Exo ||
                     std::find(worlds_.begin(), worlds_.end(), reference->world) != worlds_.end();
        if (!drawn || (worlds_.size() <= 1 && reference->world != world && reference->world != sema::kThisWorld)) continue;
        int from = reference->world == sema::kThisWorld ? world : reference->world;
        absl::StrAppend(&out_, indent, id(*reference->variable, from), " -> ", id(*set.target, world),
                        " [color=\"#d9822b\"];\n");
      }
    }
  }

  const Subject& subject_;
  std::set<std::pair<const Variable*, sema::WorldId>> returned_;
  std::vector<int> worlds_;  // those with interventions
  std::string out_;
};

const char* role_name(Variable::Role role) {
  switch (role) {
    case Variable::Role::Input: return "input";
    case Variable::Role::Exo: return "exo";
    case Variable::Role::Var: return "var";
  }
  return "";
}

}  // namespace

absl::StatusOr<std::string> graph_dot(const sema::Program& program, const std::string& query) {
  absl::StatusOr<Subject> subject = find(program, query);
  if (!subject.ok()) return subject.status();
  return DotWriter(*subject).run();
}

absl::StatusOr<std::string> graph_json(const sema::Program& program, const std::string& query) {
  absl::StatusOr<Subject> subject = find(program, query);
  if (!subject.ok()) return subject.status();
  using Json = nlohmann::ordered_json;
  Json json;
  json["model"] = subject->model->name;
  json["query"] = subject->query ? Json(subject->query->name) : Json();
  json["nodes"] = Json::array();
  json["edges"] = Json::array();
  json["worlds"] = Json::array();
  auto wanted = returned(*subject);
  for (const Variable* variable : subject->model->variables) {
    Json node = {{"name", variable->name},
                 {"role", role_name(variable->role)},
                 {"unit", variable->type.unit.to_string()},
                 {"given", is_given(*subject, variable)},
                 {"returned", std::any_of(wanted.begin(), wanted.end(),
                                          [&](const auto& item) { return item.first == variable; })}};
    if (variable->role == Variable::Role::Exo) node["law"] = variable->law_text;
    json["nodes"].push_back(std::move(node));
    if (variable->role == Variable::Role::Var)
      for (const Variable* parent : parents_of(*variable)) json["edges"].push_back({parent->name, variable->name});
  }
  if (subject->query) {
    for (const World& world : subject->query->worlds) {
      Json actions = Json::array();
      for (const Intervention& set : world.interventions) {
        Json cuts = Json::array(), reads = Json::array();
        if (!keeps_equation(set))
          for (const Variable* parent : parents_of(*set.target)) cuts.push_back(parent->name);
        for (const Expr* reference : sema::references(set.value)) reads.push_back(reference->variable->name);
        actions.push_back({{"target", set.target->name}, {"cuts", cuts}, {"reads", reads}});
      }
      json["worlds"].push_back({{"name", world.name}, {"interventions", actions}});
    }
  }
  return json.dump(2) + "\n";
}

}  // namespace acie::emit
