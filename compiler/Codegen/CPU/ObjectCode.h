// Machine code from an LLVM module, in memory.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/Codegen/Common/TargetLevel.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace acie::codegen {

/// A code generator for the level, which optimises as hard as `optimisation` (1 to 3; 0 is 1) says. It may be used by one thread at
/// a time.
absl::StatusOr<std::unique_ptr<llvm::TargetMachine>> create_target_machine(const TargetLevel& level, int optimisation);

/// Gives every function of the module the level's CPU, and forbids calls to a C library.
void set_target_attributes(llvm::Module& module, const TargetLevel& level);

struct ObjectCode {
  std::string object;    // relocatable ELF
  std::string assembly;  // if asked for
};

/// Runs code generation. The module is consumed: its functions are no longer meaningful afterwards.
absl::StatusOr<ObjectCode> emit_object(llvm::Module& module, llvm::TargetMachine& machine, bool want_assembly);

}  // namespace acie::codegen
