// The loop that a plan.repeat is within the body of a row kernel.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "compiler/Codegen/CPU/OperationBuilder.h"
#include "compiler/Dialect/Plan/PlanDialect.h"

namespace acie::codegen {

/// The series of the cluster's loops that operations behind them read, in the order of the body: they are kept in memory,
/// numbered so.
struct KeptSeries {
  plan::RepeatOp repeat;
  unsigned series;
};
std::vector<KeptSeries> kept_series(plan::ClusterOp cluster);

/// Before `op` is built: reads the steps of kept series that it needs.
void read_kept(mlir::Operation& op, const std::vector<KeptSeries>& kept, RowKernel& kernel, OperationBuilder& operations);

/// Emits the loop where `kernel` stands and goes on behind it. Carried values are phi nodes, so that they stay in registers;
/// series are read from the operands' slots step by step, and what each step leaves is stored there. What stands outside
/// of the loop has been built; the results of the last step are defined.
absl::Status build_repeat(plan::RepeatOp repeat, const std::vector<KeptSeries>& kept, RowKernel& kernel, OperationBuilder& operations);

}  // namespace acie::codegen
