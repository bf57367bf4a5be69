// What a cluster's body says of the sign of its numbers.
#pragma once

#include "mlir/IR/Value.h"

namespace acie::codegen {

/// Whether a floating-point value of a cluster's body is never above 0; it may be NaN. False where the body does not say.
bool is_nonpositive(mlir::Value value);

}  // namespace acie::codegen
