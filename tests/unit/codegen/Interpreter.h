// What a cluster means, row by row: the naive twin that compiled kernels are compared with.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>



#include "compiler/Dialect/Plan/PlanDialect.h"
#include "tests/unit/codegen/KernelHarness.h"

namespace acie::codegen::testing {

/// Evaluates the cluster for rows [0, count) with the scalar backend of kernels/math. Outputs get their types and values.
void interpret(plan::ClusterOp cluster, int64_t count, const std::vector<Column>& inputs, std::vector<Column>& outputs,
               const CallContext& context);

/// Whether two columns are equal bit for bit, where every NaN counts as the same.
::testing::AssertionResult same_bits(const Column& expected, const Column& actual);

/// The dtype of an MLIR element type.
acie_dtype dtype_of(mlir::Type type);

}  // namespace acie::codegen::testing
