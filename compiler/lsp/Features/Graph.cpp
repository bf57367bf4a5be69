// acie/graph: the causal graph of the model under the cursor. In a query its worlds say what they set; in an intervention,
// or with `do` in the request, one world sets that.
//
// Request: {textDocument, position, do?: [names]}. Answer: {model, query, nodes: [{name, role, type, unit, law, recovered,
// given, returned, location}], edges: [{from, to}], worlds: [{name, sets: [{target, cuts: [names], reads: [names]}]}]}, or
// null where there is no model.
#include <algorithm>
#include <set>

#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Types.h"
#include "compiler/lsp/Describe.h"
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {
namespace {

using sema::Variable;

const char* role_name(Variable::Role role) {
  switch (role) {
    case Variable::Role::Input: return "input";
    case Variable::Role::Exo: return "exo";
    case Variable::Role::Var: return "var";
  }
  return "";
}

std::vector<const Variable*> parents_of(const Variable& variable) {
  std::vector<const Variable*> all = variable.parents;
  all.insert(all.end(), variable.noises.begin(), variable.noises.end());
  return all;
}

struct Subject {
  const sema::Model* model = nullptr;
  const sema::Query* query = nullptr;
  const syntax::Decl* intervention = nullptr;
};

Subject subject_at(const Analysis& analysis, uint32_t offset) {
  Subject subject;
  const int id = analysis.index().declaration_around(offset);
  const syntax::Decl* decl = id < 0 ? nullptr : analysis.index().symbol(id).decl;
  const std::string model = decl == nullptr ? "" : decl->kind == syntax::Decl::Kind::Model ? decl->name.text : decl->path.str();
  for (const sema::Model* candidate : analysis.program()->models) {
    if (candidate->name == model) subject.model = candidate;
  }
  if (decl != nullptr && decl->kind == syntax::Decl::Kind::Intervention) subject.intervention = decl;
  if (decl != nullptr && decl->kind == syntax::Decl::Kind::Query) {
    for (const sema::Query* query : analysis.program()->queries) {
      if (query->span == decl->name.span) subject.query = query;
    }
  }
  // Between declarations, say at the head of the file: the first model.
  if (decl == nullptr && !analysis.program()->models.empty()) subject.model = analysis.program()->models.front();
  return subject;
}

bool mentions(const Index& index, Span text, const std::string& name) {
  return std::any_of(index.uses().begin(), index.uses().end(), [&](const Use& use) {
    return use.role == Use::Role::Read && use.span.begin >= text.begin && use.span.end <= text.end && index.symbol(use.symbol).name == name;
  });
}

/// One world that sets these variables; those of `keep` go on reading their own equation.
Json world(const sema::Model& model, const std::string& name, const std::vector<std::string>& targets, const std::set<std::string>& keep) {
  Json sets = Json::array();
  for (const std::string& target : targets) {
    for (const Variable* variable : model.variables) {
      if (variable->name.substr(0, variable->name.find('[')) != target) continue;
      Json cuts = Json::array();
      if (!keep.contains(target)) {
        for (const Variable* parent : parents_of(*variable)) cuts.push_back(parent->name);
      }
      sets.push_back({{"target", variable->name}, {"cuts", std::move(cuts)}, {"reads", Json::array()}});
    }
  }
  return {{"name", name}, {"sets", std::move(sets)}};
}

Json worlds_of_query(const sema::Query& query) {
  Json worlds = Json::array();
  for (const sema::World& world : query.worlds) {
    Json sets = Json::array();
    for (const sema::Intervention& set : world.interventions) {
      Json cuts = Json::array(), reads = Json::array();
      bool natural = false;
      for (const sema::Expr* reference : sema::references(set.value)) {
        if (reference->kind == sema::Expr::Kind::Natural && reference->variable == set.target) natural = true;
        else reads.push_back(reference->variable->name);
      }
      if (!natural) {
        for (const Variable* parent : parents_of(*set.target)) cuts.push_back(parent->name);
      }
      sets.push_back({{"target", set.target->name}, {"cuts", std::move(cuts)}, {"reads", std::move(reads)}});
    }
    worlds.push_back({{"name", world.name}, {"sets", std::move(sets)}});
  }
  return worlds;
}

Json worlds_of(const Analysis& analysis, const Subject& subject, const Json& targets) {
  if (targets.is_array()) {
    std::vector<std::string> names;
    for (const Json& name : targets) names.push_back(name.get<std::string>());
    return Json::array({world(*subject.model, "", names, {})});
  }
  if (subject.query != nullptr) return worlds_of_query(*subject.query);
  if (subject.intervention == nullptr) return Json::array();
  std::vector<std::string> names;
  std::set<std::string> keep;
  for (const syntax::Stmt* stmt : subject.intervention->body) {
    std::vector<std::string> set;
    if (stmt->target) set.push_back(stmt->target->path.str());
    if (stmt->kind == syntax::Stmt::Kind::DoAsk) {
      for (const syntax::Name& name : stmt->names) set.push_back(name.text);
    }
    for (const std::string& name : set) {
      names.push_back(name);
      const bool own = stmt->do_kind == syntax::Stmt::DoKind::Shift || stmt->condition != nullptr || stmt->kind == syntax::Stmt::Kind::DoAsk || (stmt->value != nullptr && mentions(analysis.index(), stmt->value->span, name));
      if (own) keep.insert(name);
    }
  }
  return Json::array({world(*subject.model, subject.intervention->name.text, names, keep)});
}

}  // namespace

Answer graph(Workspace& workspace, const View& view, const Json& params) {
  const auto offset = place_of(view, params);
  if (!offset.ok()) return offset.status();
  if (view.analysis == nullptr) return Json();
  const Analysis& analysis = *view.analysis;
  const Subject subject = subject_at(analysis, view.analysed(*offset));
  if (subject.model == nullptr) return Json();
  std::set<const Variable*> given, returned;
  if (subject.query != nullptr) {
    for (const sema::Evidence& evidence : subject.query->evidence) given.insert(evidence.variable);
    for (const sema::Output& output : subject.query->outputs) {
      for (const sema::Expr* reference : sema::references(output.value)) returned.insert(reference->variable);
    }
  }
  Json nodes = Json::array(), edges = Json::array();
  for (const Variable* variable : subject.model->variables) {
    Json node = {{"name", variable->name}, {"role", role_name(variable->role)}, {"type", sema::to_string(variable->type)}, {"unit", variable->type.unit.to_string()},
                 {"given", given.contains(variable)}, {"returned", returned.contains(variable)}, {"location", workspace.location(view, variable->span)}};
    if (variable->role == Variable::Role::Exo) {
      node["law"] = variable->law_text;
      if (subject.query != nullptr) {
        for (const sema::Recovery& recovery : subject.query->recoveries) {
          if (recovery.noise == variable) node["recovered"] = "exactly from " + recovery.from->name;
        }
        const auto& free = subject.query->free_noises;
        if (std::find(free.begin(), free.end(), variable) != free.end()) node["recovered"] = "sampled";
      }
    }
    nodes.push_back(std::move(node));
    if (variable->role != Variable::Role::Var) continue;
    for (const Variable* parent : parents_of(*variable)) edges.push_back({{"from", parent->name}, {"to", variable->name}});
  }
  return Json{{"model", subject.model->name}, {"query", subject.query != nullptr ? Json(subject.query->name) : Json()}, {"nodes", std::move(nodes)}, {"edges", std::move(edges)}, {"worlds", worlds_of(analysis, subject, member(params, "do"))}};
}

}  // namespace acie::lsp
