// The causal graph of a query's model, with what its interventions cut.
#ifndef ACIE_EMIT_GRAPHTEXT_H
#define ACIE_EMIT_GRAPHTEXT_H

#include <string>

#include "absl/status/statusor.h"
#include "compiler/Sema/Program.h"

namespace acie {
class SourceManager;
}

namespace acie::emit {

enum class GraphForm : uint8_t { Json, Dot, Svg };

/// The graph as compiler/Graph/Render.h describes it. `query` names it, "" takes the first; a program without queries shows
/// its first model. NotFound otherwise. `sources`, if not null, gives the words of interventions.
absl::StatusOr<std::string> graph_text(const sema::Program& program, const std::string& query, GraphForm form, const SourceManager* sources);

}  // namespace acie::emit

#endif  // ACIE_EMIT_GRAPHTEXT_H
