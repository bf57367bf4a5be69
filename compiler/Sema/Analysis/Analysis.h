// The causal decisions on the checked program. Everything a pass later carries out is decided here, and every error a
// user can make in it is reported here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/Sema/Analysis/Outputs.h"
#include "compiler/Sema/Program.h"
#include "compiler/Support/Diagnostic.h"

namespace acie::sema {

/// A query's `by`. Only `exact` reaches the analysis; other methods are refused before.
struct MethodClause {
  std::string name;
  Span span;
};

/// Decides the causal structure of a model whose variables have their equations: parents, noises, topological order.
/// Reports cycles and laws that depend on variables (A0410, A0411). False if something was reported; queries on the
/// model can then not be analysed.
bool analyze_model(Program& program, Model& model, DiagnosticEngine& diagnostics);

/// Decides how a query is answered. Expects name, model (analysed), worlds (factual first), evidence and arguments;
/// fills mode, recoveries, consistency, free_noises, constraints, constraint_worlds, outputs, shape, reads_table,
/// draws_rows and slots. Reports A042x and A05xx errors, and warns (A0601) of constraints it cannot check. False if an
/// error was reported.
bool analyze_query(Program& program, Query& query, const std::vector<ReturnItem>& returns,
                   const std::optional<MethodClause>& method, DiagnosticEngine& diagnostics);

}  // namespace acie::sema
