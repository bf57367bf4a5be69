#include "runtime/scheduler/LineCalls.h"

#include <algorithm>
#include <iterator>

#include "kernels/reduce/Fold.h"
#include "runtime/include/acie/kernel_lines.h"

namespace acie::scheduler {

std::unique_ptr<LineCall> LineCall::find(acie_kernel_fn kernels, const acie_call& call, const std::vector<LineOperand>& operands,
                                         const std::vector<void*>& chains, int64_t length) {
  std::unique_ptr<LineCall> made(new LineCall);
  made->shape_ = {0, length};
  for (const LineOperand& operand : operands) {
    if (operand.each > 1 || operand.period > 1) return nullptr;
    made->strides_.push_back({operand.period == 1 ? 0 : operand.step, operand.stride});
  }
  made->buffers_.assign(call.inputs, call.inputs + call.num_inputs);
  made->buffers_.insert(made->buffers_.end(), call.outputs, call.outputs + call.num_outputs);
  for (size_t i = 0; i < chains.size(); ++i) {
    made->buffers_.push_back(call.outputs[i]);
    made->buffers_.back().data = chains[i];
    made->strides_.push_back({1, 1});
  }
  for (size_t i = 0; i < made->buffers_.size(); ++i) {
    acie_buffer& buffer = made->buffers_[i];
    buffer.rank = 2;
    buffer.stride = made->strides_[i][1];
    buffer.shape = made->shape_.data();
    buffer.strides = made->strides_[i].data();
  }
  made->call_ = call;
  made->call_.ordinal |= ACIE_KERNEL_LINES;
  made->call_.num_outputs *= 2;
  made->call_.inputs = made->buffers_.data();
  made->call_.outputs = made->buffers_.data() + call.num_inputs;
  made->call_.count = length;
  return kernels(&made->call_) == ACIE_KERNEL_OK ? std::move(made) : nullptr;
}

int32_t LineCall::run(acie_kernel_fn kernels, const acie_call& call, int64_t lines) {
  shape_[0] = lines;
  call_.row_base = call.row_base;
  call_.draw_base = call.draw_base;
  call_.flags = call.flags;
  std::copy(std::begin(call.ahead), std::end(call.ahead), call_.ahead);
  return kernels(&call_);
}

int64_t LineCall::chain_bytes(int64_t length, int64_t width) {
  return (length + ACIE_LINE_RUN - 1) / ACIE_LINE_RUN * ACIE_LINE_CHAINS * width;
}

void sum_lines(acie_dtype dtype, const std::byte* chains, int64_t lines, int64_t length, void* to) {
  const auto sum = [&]<typename T>(T) {
    for (int64_t line = 0; line < lines; ++line, chains += LineCall::chain_bytes(length, sizeof(T)))
      static_cast<T*>(to)[line] = reduce::sum_of_chains(reinterpret_cast<const T*>(chains), length);
  };
  dtype == ACIE_F32 ? sum(float{}) : sum(double{});
}

}  // namespace acie::scheduler
