// The passes on the Secret dialect; see SecretPasses.td.
#ifndef ACIE_TRANSFORMS_SECRETPASSES_H
#define ACIE_TRANSFORMS_SECRETPASSES_H

#include <memory>

#include "compiler/Dialect/Secret/SecretDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace acie::transforms {
#define GEN_PASS_DECL
#include "compiler/Transforms/SecretPasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/Transforms/SecretPasses.h.inc"
}  // namespace acie::transforms

#endif  // ACIE_TRANSFORMS_SECRETPASSES_H
