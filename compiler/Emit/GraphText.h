// The causal graph of a query's model, with what its interventions cut.
#ifndef ACIE_EMIT_GRAPHTEXT_H
#define ACIE_EMIT_GRAPHTEXT_H

#include <string>

#include "absl/status/statusor.h"
#include "compiler/Sema/Program.h"

namespace acie::emit {

/// Graphviz text. Inputs are boxes, noises small and grey, given variables filled, returned ones doubly outlined. In a
/// world with interventions the edges that they cut are dashed; several such worlds stand side by side under their common
/// noise. `query` names it, "" takes the first; a program without queries shows its first model. NotFound otherwise.
absl::StatusOr<std::string> graph_dot(const sema::Program& program, const std::string& query);

/// The same as JSON: model, query, nodes {name, role, unit, law, given, returned}, edges [from, to], worlds {name,
/// interventions {target, cuts, reads}}.
absl::StatusOr<std::string> graph_json(const sema::Program& program, const std::string& query);

}  // namespace acie::emit

#endif  // ACIE_EMIT_GRAPHTEXT_H
