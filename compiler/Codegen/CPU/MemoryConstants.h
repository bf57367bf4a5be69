// Constants as operands in memory.
#pragma once

#include "llvm/IR/Module.h"

namespace acie::codegen {

/// Has arithmetic on vectors of numbers read its constants from memory, where the processor has no operands that repeat one number of it
/// (before AVX-512): left alone, the code generator broadcasts each constant into a register just before it is used, an instruction and a
/// register of those that wait for their operands. Read whole they are operands of the arithmetic itself. Results have the same bits.
void place_constants_in_memory(llvm::Module& module);

}  // namespace acie::codegen
