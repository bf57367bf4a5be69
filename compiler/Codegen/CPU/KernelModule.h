// One LLVM module per target level: every row kernel of a package behind one exported function.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/Codegen/CPU/RowKernel.h"
#include "compiler/Codegen/Common/TargetLevel.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

namespace acie::codegen {

/// One kernel to build: its ordinal, operands, and the code of its body.
struct KernelSource {
  uint32_t ordinal = 0;
  RowSignature signature;
  uint32_t num_scalars = 0;  // acie_call::scalars has at least as many
  uint32_t num_imports = 0;  // acie_call::imports has at least as many
  std::function<absl::Status(RowKernel&)> build_body;
};

/// Adds ACIE_KERNEL_SYMBOL to a module that `kernels` are built into. It checks the call's ABI and its numbers of operands
/// (ACIE_KERNEL_BAD_ABI) and ordinal (ACIE_KERNEL_BAD_ORDINAL), then runs the kernel.
absl::StatusOr<std::unique_ptr<llvm::Module>> build_kernel_module(llvm::LLVMContext& context, const TargetLevel& level,
                                                                  const llvm::DataLayout& layout,
                                                                  const std::vector<KernelSource>& kernels);

}  // namespace acie::codegen
