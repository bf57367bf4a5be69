#include "compiler/Sema/Analysis/Analysis.h"

#include "compiler/Sema/Analysis/ModelGraph.h"
#include "compiler/Sema/Analysis/QueryAnalysis.h"
#include "compiler/Sema/Analysis/Statements.h"

namespace acie::sema {

bool analyze_model(Program& program, Model& model, DiagnosticEngine& diagnostics) {
  return order_model(model, diagnostics);
}

bool analyze_query(Program& program, Query& query, const std::vector<ReturnItem>& returns,
                   const std::optional<MethodClause>& method, DiagnosticEngine& diagnostics) {
  if (query.worlds.empty()) query.worlds.push_back({"factual", {}, query.span});
  if (!check_statements(query, diagnostics)) return false;
  WorldGraph graph(query);
  if (!check_world_cycles(graph, diagnostics)) return false;
  return QueryAnalysis(program, query, graph, method, diagnostics).run(returns);
}

}  // namespace acie::sema
