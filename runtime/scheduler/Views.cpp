#include "runtime/scheduler/Views.h"

#include <algorithm>
#include <string>

#include "runtime/scheduler/Loops.h"
#include "runtime/scheduler/RowBlocks.h"
#include "runtime/scheduler/TensorOperations.h"
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

View slice_of(const Program& program, const package::TensorNode& node, const std::vector<View>& views) {
  const View& of = views[node.inputs[0]];
  const size_t bytes = size_of(program.entry().buffers[node.output].dtype) * static_cast<size_t>(node.offset);
  return {static_cast<std::byte*>(of.data) + bytes, of.stride};
}

namespace {

void place_aliases(const Program& program, const std::vector<KernelStep>& steps, package::Space space, std::vector<View>& views) {
  for (const KernelStep& step : steps) {
    if (step.blocks) place_aliases(program, step.body, space, views);
    if (step.tensor == nullptr || step.space != space || program.aliased(step.tensor->output) < 0) continue;
    views[step.tensor->output] = slice_of(program, *step.tensor, views);
  }
}

}  // namespace

void place_aliases(const Program& program, package::Space space, std::vector<View>& views) {
  place_aliases(program, program.kernel_steps(), space, views);
}

acie_call call_of(const Program& program, const package::KernelNode& node, const RunConstants& constants,
                  const std::vector<acie_buffer>& operands, void* scratch) {
  acie_call call{};
  call.struct_size = sizeof(acie_call);
  call.abi_version = ACIE_KERNEL_ABI_VERSION;
  call.ordinal = node.ordinal;
  call.num_inputs = static_cast<uint32_t>(node.inputs.size());
  call.num_outputs = static_cast<uint32_t>(node.outputs.size());
  call.num_scalars = static_cast<uint32_t>(constants.scalars.size());
  call.num_imports = static_cast<uint32_t>(program.imports().size());
  call.inputs = operands.data();
  call.outputs = operands.data() + node.inputs.size();
  call.scalars = constants.scalars.data();
  call.imports = program.imports().data();
  call.seed = constants.seed;
  call.scratch = scratch;
  call.scratch_size = node.scratch;
  return call;
}

bool takes_points_together(const Program& program, const package::KernelNode& node, const std::vector<View>& views) {
  const int64_t elements = program.entry().buffers[node.outputs[0]].elements();
  const auto together = [&](int buffer) { return views[buffer].stride == elements; };
  return !node.by_point && std::all_of(node.inputs.begin(), node.inputs.end(), together);
}

namespace {

/// Scratch of one call at a time.
void* scratch_of(const package::KernelNode& node, CallScratch& memory) {
  if (node.scratch == 0) return nullptr;
  memory.scratch.prepare(node.scratch);
  return memory.scratch.take(node.scratch);
}

/// A kernel over the elements of tensors: all points in one call where nothing is shared within a point, else a call each.
absl::Status call_elements(const Program& program, const package::KernelNode& node, const std::vector<View>& views,
                           const RunConstants& constants, const Range& range, CallScratch& memory) {
  const std::vector<package::Buffer>& buffers = program.entry().buffers;
  const int64_t elements = buffers[node.outputs[0]].elements();
  memory.operands.clear();
  for (const auto* list : {&node.inputs, &node.outputs})
    for (int buffer : *list)
      memory.operands.push_back(operand_of({views[buffer].data, buffers[buffer].shape.empty() ? 0 : 1}, buffers[buffer].dtype));
  acie_call call = call_of(program, node, constants, memory.operands, scratch_of(node, memory));
  if (takes_points_together(program, node, views)) {
    call.count = range.count * elements;
    const int32_t code = program.kernels()(&call);
    return code == ACIE_KERNEL_OK ? absl::OkStatus() : kernel_error(node, code);
  }
  call.count = elements;
  call.draw_step = kElementStep;
  for (int64_t point = 0; point < range.count; ++point) {
    size_t next = 0;
    for (const auto* list : {&node.inputs, &node.outputs})
      for (int buffer : *list) memory.operands[next++].data = views[buffer].from(point, buffers[buffer].dtype).data;
    call.row_base = range.row_base + point * range.row_step;
    call.draw_base = range.draw_base + point * range.draw_step;
    if (const int32_t code = program.kernels()(&call); code != ACIE_KERNEL_OK) return kernel_error(node, code);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status call_kernel(const Program& program, const KernelStep& step, std::vector<View>& views,
                         const RunConstants& constants, const Range& range, CallScratch& memory) {
  const std::vector<package::Buffer>& buffers = program.entry().buffers;
  if (step.loop != nullptr) return run_loop(program, step, views, constants, range, memory);
  if (step.blocks) return run_row_blocks(program, step, views, constants, range, memory);
  if (step.columns) {
    fold_columns(program, *step.tensor, *step.columns, views, range.count);
    return absl::OkStatus();
  }
  if (step.tensor != nullptr) {
    // In a loop what it lies in is elsewhere at every step.
    if (program.aliased(step.tensor->output) >= 0)
      views[step.tensor->output] = slice_of(program, *step.tensor, views);
    else
      run_tensor_operation(program, *step.tensor, views, range.count, constants.packed.get(), memory.scratch);
    return absl::OkStatus();
  }
  const package::KernelNode& node = *step.node;
  if (!buffers[node.outputs[0]].shape.empty()) return call_elements(program, node, views, constants, range, memory);
  memory.operands.clear();
  for (int input : node.inputs) memory.operands.push_back(operand_of(views[input], buffers[input].dtype));
  for (int output : node.outputs) memory.operands.push_back(operand_of(views[output], buffers[output].dtype));
  acie_call call = call_of(program, node, constants, memory.operands, scratch_of(node, memory));
  call.count = range.count;
  call.row_base = range.row_base;
  call.row_step = range.row_step;
  call.draw_base = range.draw_base;
  call.draw_step = range.draw_step;
  const int32_t code = program.kernels()(&call);
  return code == ACIE_KERNEL_OK ? absl::OkStatus() : kernel_error(node, code);
}

}  // namespace acie::scheduler
