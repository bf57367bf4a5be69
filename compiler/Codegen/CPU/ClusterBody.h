// From the straight-line body of a plan.cluster to a row kernel.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/Codegen/CPU/KernelModule.h"
#include "compiler/Codegen/Common/TargetLevel.h"
#include "compiler/Conversion/ExpandMath/OutlinedFunctions.h"
#include "compiler/Dialect/Plan/PlanDialect.h"

namespace acie::codegen {

/// How many rows an iteration of the cluster computes: lanes of the widest type in its body fill a register; the
/// `interleave` attribute says how many registers stand side by side. Without it there are two where the level has
/// registers for them (32 from x86-64-v4 on; with 16, spilling costs more than the latency that is hidden).
RowShape choose_shape(plan::ClusterOp cluster, const TargetLevel& level);

/// Whether it computes elements of tensors.
bool is_of_tensors(plan::ClusterOp cluster);

/// Why a cluster of tensors may be run line by line (kernel_lines.h); clusters that share a kernel have one together.
struct LineUse {
  bool repeats = false;        // an input shows elements more than once
  std::vector<unsigned> sums;  // outputs that are added up, ascending
};

/// Adds that of `cluster`.
void consider_lines(plan::ClusterOp cluster, LineUse& use);

/// Names of the imported functions that the clusters call, sorted: their position is their index in acie_call::imports.
std::vector<std::string> collect_imports(const std::vector<plan::ClusterOp>& clusters);

/// The kernel of one cluster. Announces the functions that it uses; its source refers to the cluster, `functions` and
/// `imports`.
KernelSource kernel_of_cluster(plan::ClusterOp cluster, const TargetLevel& level, OutlinedFunctions& functions,
                               const std::vector<std::string>& imports, llvm::LLVMContext& context);

/// The same kernel by lines, where there is a reason to have it. What it uses is not announced: one use of each is enough to know
/// what is long and used often.
std::optional<KernelSource> lines_of_cluster(plan::ClusterOp cluster, const KernelSource& kernel, const LineUse& use);

}  // namespace acie::codegen
