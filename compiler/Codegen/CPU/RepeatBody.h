// The loop that a plan.repeat is within the body of a row kernel.
#pragma once

#include "absl/status/status.h"
#include "compiler/Codegen/CPU/OperationBuilder.h"
#include "compiler/Dialect/Plan/PlanDialect.h"

namespace acie::codegen {

/// Emits the loop where `kernel` stands and goes on behind it. Carried values are phi nodes, so that they stay in registers;
/// series are read from the operands' slots step by step, and what each step leaves is stored there. What stands outside
/// of the loop has been built; the results of the last step are defined.
absl::Status build_repeat(plan::RepeatOp repeat, RowKernel& kernel, OperationBuilder& operations);

}  // namespace acie::codegen
