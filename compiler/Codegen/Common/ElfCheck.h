// What must hold of a kernel library before it may leave the compiler.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace acie::codegen {

/// Checks that the ELF image needs no other library, has no undefined symbol, and exports ACIE_KERNEL_SYMBOL alone.
absl::Status check_kernel_library(std::string_view elf);

}  // namespace acie::codegen
