#include "runtime/scheduler/Views.h"

#include <string>

#include "runtime/status/Errors.h"

namespace acie::scheduler {

absl::Status kernel_error(const package::KernelNode& node, int32_t code) {
  switch (code) {
    case ACIE_KERNEL_BAD_ABI:
      return run_error("the package's kernels expect another version of the kernel interface; compile it again");
    case ACIE_KERNEL_BAD_ORDINAL: return run_error("the package's kernels have no kernel " + node.name);
    default: return run_error("kernel " + node.name + " failed with code " + std::to_string(code));
  }
}

absl::Status call_kernel(const Program& program, const KernelStep& step, const std::vector<View>& views,
                         const RunConstants& constants, const Range& range, CallScratch& memory) {
  const package::KernelNode& node = *step.node;
  const std::vector<package::Buffer>& buffers = program.entry().buffers;
  memory.operands.clear();
  for (int input : node.inputs) memory.operands.push_back(operand_of(views[input], buffers[input].dtype));
  for (int output : node.outputs) memory.operands.push_back(operand_of(views[output], buffers[output].dtype));
  memory.scratch.reserve(node.scratch);
  memory.scratch.reset();

  acie_call call{};
  call.struct_size = sizeof(acie_call);
  call.abi_version = ACIE_KERNEL_ABI_VERSION;
  call.ordinal = node.ordinal;
  call.num_inputs = static_cast<uint32_t>(node.inputs.size());
  call.num_outputs = static_cast<uint32_t>(node.outputs.size());
  call.num_scalars = static_cast<uint32_t>(constants.scalars.size());
  call.num_imports = static_cast<uint32_t>(program.imports().size());
  call.inputs = memory.operands.data();
  call.outputs = memory.operands.data() + node.inputs.size();
  call.scalars = constants.scalars.data();
  call.imports = program.imports().data();
  call.count = range.count;
  call.seed = constants.seed;
  call.row_base = range.row_base;
  call.row_step = range.row_step;
  call.draw_base = range.draw_base;
  call.draw_step = range.draw_step;
  call.scratch = node.scratch > 0 ? memory.scratch.take(node.scratch) : nullptr;
  call.scratch_size = node.scratch;
  const int32_t code = program.kernels()(&call);
  return code == ACIE_KERNEL_OK ? absl::OkStatus() : kernel_error(node, code);
}

}  // namespace acie::scheduler
