// acie/graph: the causal graph of the model under the cursor. In a query its worlds say what they set; in an intervention,
// or with `do` in the request, one world sets that.
//
// Request: {textDocument, position, do?: [names], svg?: bool}. Answer: null where there is no model, else what
// compiler/Graph/Render.h says of the JSON, with `location` in each node, and the picture as `svg` if it was asked for and
// the graph is not too large to look at.
#include <algorithm>

#include "compiler/Graph/Render.h"
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {
namespace {

constexpr size_t kDrawn = 400;  // nodes: drawing more takes longer than an editor should wait

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

/// What an intervention declared by itself sets.
std::vector<graph::Target> targets_of(const Analysis& analysis, const syntax::Decl& intervention) {
  std::vector<graph::Target> targets;
  for (const syntax::Stmt* stmt : intervention.body) {
    std::vector<std::string> names;
    if (stmt->target) names.push_back(stmt->target->path.str());
    if (stmt->kind == syntax::Stmt::Kind::DoAsk) {
      for (const syntax::Name& name : stmt->names) names.push_back(name.text);
    }
    for (const std::string& name : names) {
      const bool keeps = stmt->do_kind == syntax::Stmt::DoKind::Shift || stmt->condition != nullptr || stmt->kind == syntax::Stmt::Kind::DoAsk ||
                         (stmt->value != nullptr && mentions(analysis.index(), stmt->value->span, name));
      targets.push_back({name, keeps, std::string(analysis.sources().text(stmt->span))});
    }
  }
  return targets;
}

graph::CausalGraph graph_of(const Analysis& analysis, const Subject& subject, const Json& names) {
  graph::CausalGraph graph = graph::build(*subject.model, subject.query, &analysis.sources());
  if (names.is_array()) {
    std::vector<graph::Target> targets;
    for (const Json& name : names) targets.push_back({name.get<std::string>(), false, ""});
    graph.worlds.resize(1);
    graph::add_world(graph, "", targets);
  } else if (subject.intervention != nullptr) {
    graph::add_world(graph, subject.intervention->name.text, targets_of(analysis, *subject.intervention));
  }
  return graph;
}

}  // namespace

Answer graph(Workspace& workspace, const View& view, const Json& params) {
  const auto offset = place_of(view, params);
  if (!offset.ok()) return offset.status();
  if (view.analysis == nullptr) return Json();
  const Analysis& analysis = *view.analysis;
  const Subject subject = subject_at(analysis, view.analysed(*offset));
  if (subject.model == nullptr) return Json();
  const graph::CausalGraph graph = graph_of(analysis, subject, member(params, "do"));
  Json answer = graph::to_json(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i) answer["nodes"][i]["location"] = workspace.location(view, graph.nodes[i].span);
  const Json& picture = member(params, "svg");
  if (!picture.is_null() && picture.get<bool>() && graph.nodes.size() <= kDrawn) answer["svg"] = graph::to_svg(graph);
  return answer;
}

}  // namespace acie::lsp
