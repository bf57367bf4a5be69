// The compiler's passes; see Passes.td for what each does and declines.
#ifndef ACIE_TRANSFORMS_PASSES_H
#define ACIE_TRANSFORMS_PASSES_H

#include <memory>

#include "mlir/Pass/Pass.h"

namespace acie::transforms {
#define GEN_PASS_DECL
#include "compiler/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

#endif  // ACIE_TRANSFORMS_PASSES_H
