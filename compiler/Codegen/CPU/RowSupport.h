// The few functions that row kernels share: binding of operands and the copies for a last, partial iteration.
#pragma once

#include <string_view>

namespace acie::codegen {

/// LLVM assembly of the support functions, private to each library.
///
///   acie_bind(operand, block, slot, element_size, block_bytes)
///     sets a slot {pointer, mask} so that element i of the operand is at pointer + (i & mask): mask is 0 for an operand
///     of stride 0, whose one value fills the block;
///   acie_pad(slot, block, first, count, element_size, block_bytes)
///     copies `count` (>= 1) elements from `first` on to the block, repeats the last to its end and points the slot there;
///   acie_copy(to, from, bytes)
///     copies bytes, in pieces of up to 32.
extern const std::string_view kRowSupport;

}  // namespace acie::codegen
