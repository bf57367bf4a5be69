// The causal graph of one model: parents, topological order, cycles.
#pragma once

#include "compiler/Sema/Program.h"
#include "compiler/Support/Diagnostic.h"

namespace acie::sema {

/// Fills parents and noises of every variable, sorts the model's variables so that parents stand first (otherwise in
/// the order of declaration) and numbers them. Reports cycles, and laws of noises that read more than inputs,
/// parameters and constants. False if something was reported.
bool order_model(Model& model, DiagnosticEngine& diagnostics);

}  // namespace acie::sema
