// Calls of kernels for several lines at once, and the sums of what they write: runtime/include/acie/kernel_lines.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/include/acie/kernel_abi.h"
#include "runtime/scheduler/Stretches.h"

namespace acie::scheduler {

class LineCall {
 public:
  /// Of the kernel of `call`, for lines of `length` elements that are read as `operands` say; `chains`, by output, null where it is not
  /// added up. Null where the library does no such thing.
  static std::unique_ptr<LineCall> find(acie_kernel_fn kernels, const acie_call& call, const std::vector<LineOperand>& operands,
                                        const std::vector<void*>& chains, int64_t length);

  /// Where operand `index` of the first line is, inputs first.
  void place(size_t index, std::byte* begin) { buffers_[index].data = begin; }
  /// Calls it for so many lines; bases, flags and what is ahead are those of `call`.
  int32_t run(acie_kernel_fn kernels, const acie_call& call, int64_t lines);

  /// Bytes of chains of a line.
  static int64_t chain_bytes(int64_t length, int64_t width);

 private:
  LineCall() = default;

  std::vector<acie_buffer> buffers_;
  std::vector<std::array<int64_t, 2>> strides_;
  std::array<int64_t, 2> shape_ = {};
  acie_call call_ = {};
};

/// The sums of `lines` lines of `length` elements, f64 or f32, whose chains a kernel left.
void sum_lines(acie_dtype dtype, const std::byte* chains, int64_t lines, int64_t length, void* to);

}  // namespace acie::scheduler
