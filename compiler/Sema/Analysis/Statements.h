// Checks on the statements of one query: what may be given and set, and that the worlds can be computed.
#pragma once

#include "compiler/Sema/Analysis/WorldGraph.h"
#include "compiler/Support/Diagnostic.h"

namespace acie::sema {

/// Evidence and interventions each name a variable once; neither names a noise; world names are unique. False if
/// something was reported.
bool check_statements(const Query& query, DiagnosticEngine& diagnostics);

/// No value depends on itself, within a world or across worlds. False if something was reported.
bool check_world_cycles(const WorldGraph& graph, DiagnosticEngine& diagnostics);

}  // namespace acie::sema
