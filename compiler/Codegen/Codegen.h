// Code generation: from the clusters of a plan to kernel libraries, one per CPU level.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace mlir {
class ModuleOp;
}

namespace acie::codegen {

struct CodegenOptions {
  std::vector<std::string> targets = {"x86-64-v3", "x86-64-v4"};
  int optimisation = 2;  // 1 to 3: how hard code generation tries; it never changes results
  bool want_llvm_ir = false;
  bool want_assembly = false;
};

/// One level's library: an ELF shared object that serves the kernel ABI (acie/kernel_abi.h).
struct KernelLibrary {
  std::string target;
  std::string elf;
  std::string llvm_ir;   // if asked for
  std::string assembly;  // if asked for
};

struct CompiledKernels {
  std::vector<KernelLibrary> libraries;      // in the order of CodegenOptions::targets
  std::vector<std::string> imports;          // names, in the order of acie_call::imports
  std::map<uint32_t, uint64_t> scratch;      // by ordinal: bytes of acie_call::scratch, enough on every target
};

/// Compiles every plan.cluster of the module. Libraries of equal plans have equal bytes. Fails where a target is unknown
/// or a cluster holds an operation that has no expansion; the message names it.
absl::StatusOr<CompiledKernels> compile_kernels(mlir::ModuleOp plan, const CodegenOptions& options);

}  // namespace acie::codegen
