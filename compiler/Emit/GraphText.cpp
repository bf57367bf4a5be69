#include "compiler/Emit/GraphText.h"

#include "absl/strings/str_cat.h"
#include "compiler/Graph/Render.h"

namespace acie::emit {
namespace {

absl::StatusOr<graph::CausalGraph> find(const sema::Program& program, const std::string& name, const SourceManager* sources) {
  for (const sema::Query* query : program.queries)
    if (name.empty() || query->name == name) return graph::build(*query->model, query, sources);
  if (!name.empty()) return absl::NotFoundError(absl::StrCat("the program has no query '", name, "'"));
  if (program.models.empty()) return absl::NotFoundError("the program has no model");
  return graph::build(*program.models.front(), nullptr, sources);
}

}  // namespace

absl::StatusOr<std::string> graph_text(const sema::Program& program, const std::string& query, GraphForm form, const SourceManager* sources) {
  const absl::StatusOr<graph::CausalGraph> graph = find(program, query, sources);
  if (!graph.ok()) return graph.status();
  switch (form) {
    case GraphForm::Json: return absl::StrCat(graph::to_json(*graph).dump(2), "\n");
    case GraphForm::Dot: return graph::to_dot(*graph);
    case GraphForm::Svg: return graph::to_svg(*graph);
  }
  return absl::InternalError("unknown form of a graph");
}

}  // namespace acie::emit
