// Where the elements of an entry's buffers are while it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "kernels/random/Threefry.h"
#include "runtime/include/acie/kernel_abi.h"
#include "runtime/scheduler/Arena.h"
#include "runtime/scheduler/Program.h"

namespace acie::scheduler {

class PackedMatrices;

/// Point i of a buffer begins at data + i * stride elements; stride 0 is one for all. The elements of a tensor at one point
/// lie together.
struct View {
  void* data = nullptr;
  int64_t stride = 0;

  /// The same buffer from element `first` on.
  View from(int64_t first, acie_dtype dtype) const {
    return {static_cast<std::byte*>(data) + first * stride * static_cast<int64_t>(size_of(dtype)), stride};
  }
};

/// The index range of one kernel call, as acie_call means it.
struct Range {
  int64_t count = 0;
  int64_t row_base = 0;
  int64_t row_step = 1;
  int64_t draw_base = 0;
  int64_t draw_step = 0;
};

/// What every call of one run has in common.
struct RunConstants {
  std::vector<acie_scalar> scalars;
  uint64_t seed = 0;
  std::vector<View> parameters;  // by Entry::parameters
  std::shared_ptr<const PackedMatrices> packed;  // null: products read matrices where they lie
};

/// Memory for one call's operand list and scratch; one per thread, reused from call to call.
struct CallScratch {
  explicit CallScratch(const Program& program) : scratch(program.memory()), blocks(program.memory()) {}
  std::vector<acie_buffer> operands;
  BorrowedArena scratch;
  BorrowedArena blocks;  // what lives within a block of rows: RowBlocks.h
  bool shares_work = false;  // whether a call may be run by several threads of the task arena it is in
};

/// The operand a kernel sees for `view`.
inline acie_buffer operand_of(const View& view, acie_dtype dtype) {
  acie_buffer buffer{};
  buffer.data = view.data;
  buffer.dtype = dtype;
  buffer.rank = 1;
  buffer.stride = view.stride;
  return buffer;
}

/// The view of a new buffer of `program` with `points` points, in memory of `arena`.
inline View take_points(const Program& program, int buffer, int64_t points, BorrowedArena& arena) {
  return {arena.take(program.point_bytes(buffer) * static_cast<size_t>(points)), program.entry().buffers[static_cast<size_t>(buffer)].elements()};
}

/// What an output column shows of its buffer: of a tensor one element of each point.
inline View element_view(const package::Entry& entry, const package::OutputColumn& column, const View& view) {
  const package::Buffer& buffer = entry.buffers[static_cast<size_t>(column.buffer)];
  if (buffer.shape.empty()) return view;
  return {View{view.data, 1}.from(column.vector->element, buffer.dtype).data, view.stride};
}

/// Sets the views of buffers that lie in others, whose views are there.
void place_aliases(const Program& program, package::Space space, std::vector<View>& views);

/// Runs one kernel, operation on tensors or loop over `range` with `views` indexed by buffer, which are as before afterwards.
absl::Status call_kernel(const Program& program, const KernelStep& step, std::vector<View>& views,
                         const RunConstants& constants, const Range& range, CallScratch& memory);

/// One call of a kernel, as the step and run have it, with `operands`, inputs first, and `scratch` of the node's size. Operands
/// and range are the caller's to fill in.
acie_call call_of(const Program& program, const package::KernelNode& node, const RunConstants& constants,
                  const std::vector<acie_buffer>& operands, void* scratch);

/// Tensors have as many random numbers as elements.
using random::kElementStep;

/// Whether a kernel over elements of tensors takes those of all points as one range.
bool takes_points_together(const Program& program, const package::KernelNode& node, const std::vector<View>& views);

/// The view of a buffer that lies in the operand of `node`.
View slice_of(const Program& program, const package::TensorNode& node, const std::vector<View>& views);

/// The error of a kernel that answers `code`, which is not ACIE_KERNEL_OK.
absl::Status kernel_error(const package::KernelNode& node, int32_t code);

}  // namespace acie::scheduler
