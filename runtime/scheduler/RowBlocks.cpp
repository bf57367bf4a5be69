#include "runtime/scheduler/RowBlocks.h"

#include <algorithm>
#include <functional>
#include <map>

#include "runtime/scheduler/Stretches.h"
#include "runtime/scheduler/TensorOperations.h"

namespace acie::scheduler {
namespace {

using package::Buffer;
using package::KernelNode;
using package::TensorNode;

/// The body of a step made ready for one run: what differs from block to block is where rows are and how many.
class Blocks {
 public:
  Blocks(const Program& program, const KernelStep& step, std::vector<View>& views, const RunConstants& constants, CallScratch& memory)
      : program_(program), blocks_(*step.blocks), views_(views), inside_(program.entry().buffers.size(), nullptr), stretches_(program.entry().buffers.size(), nullptr) {
    memory.blocks.prepare(blocks_.bytes);
    auto* block = static_cast<std::byte*>(memory.blocks.take(blocks_.bytes));
    for (const RowBlocks::Inside& inside : blocks_.inside) inside_[static_cast<size_t>(inside.buffer)] = block + inside.at;
    for (const RowBlocks::Stretch& stretch : blocks_.stretches) stretches_[static_cast<size_t>(stretch.buffer)] = &stretch;
    uint64_t bytes = 0;
    for (const KernelStep& inner : step.body) bytes = std::max(bytes, inner.node != nullptr ? inner.node->scratch : 0);
    memory.scratch.prepare(bytes);
    void* scratch = bytes > 0 ? memory.scratch.take(bytes) : nullptr;
    for (const KernelStep& inner : step.body) {
      if (inner.node != nullptr)
        steps_.push_back(kernel(*inner.node, constants, scratch));
      else if (program.aliased(inner.tensor->output) >= 0)
        views_[inner.tensor->output] = slice_of(program, *inner.tensor, views_);
      else if (const RowBlocks::Stretch* stretch = stretches_[static_cast<size_t>(inner.tensor->output)]; stretch != nullptr && stretch->repeats)
        repeated_.emplace(inner.tensor->output, inner.tensor);
      else
        steps_.push_back(inner.tensor->op == TensorNode::Op::Fold ? fold(*inner.tensor) : copy(*inner.tensor));
    }
  }

  absl::Status run(const Range& range) {
    for (point_ = 0; point_ < range.count; ++point_)
      for (first_ = 0; first_ < blocks_.rows; first_ += blocks_.at_once) {
        count_ = std::min(blocks_.at_once, blocks_.rows - first_);
        for (Step& step : steps_)
          if (const int32_t code = step.run(range); code != ACIE_KERNEL_OK) return kernel_error(*step.node, code);
      }
    return absl::OkStatus();
  }

 private:
  struct Step {
    const KernelNode* node = nullptr;  // of a kernel
    std::function<int32_t(const Range&)> run;
  };
  /// What a kernel reads or writes of a buffer, line by line.
  struct Operand {
    int buffer;
    std::byte* data;
    size_t width;
    LineOperand line;
  };

  const Buffer& buffer(int index) const { return program_.entry().buffers[static_cast<size_t>(index)]; }
  int64_t row_elements(int index) const { return buffer(index).elements() / blocks_.rows; }

  /// Where the elements of a buffer begin at this point.
  std::byte* whole(int index) const { return static_cast<std::byte*>(views_[index].from(point_, buffer(index).dtype).data); }
  /// Where the rows of this block are, or what they all share.
  std::byte* rows(int index) const {
    if (const auto found = repeated_.find(index); found != repeated_.end())
      return whole(found->second->inputs[0]) + size_of(buffer(index).dtype) * static_cast<size_t>(found->second->offset);
    if (std::byte* block = inside_[static_cast<size_t>(index)]) return block;
    return whole(index) + size_of(buffer(index).dtype) * static_cast<size_t>(first_ * row_elements(index));
  }

  Step kernel(const KernelNode& node, const RunConstants& constants, void* scratch) {
    std::vector<const RowBlocks::Stretch*> inputs;
    for (const int index : node.inputs) inputs.push_back(stretches_[static_cast<size_t>(index)]);
    const int64_t elements = row_elements(node.outputs[0]), line = line_of(inputs), each = line > 0 ? line : elements;
    inputs.resize(inputs.size() + node.outputs.size(), nullptr);
    std::vector<Operand> places;
    std::vector<acie_buffer> operands;
    for (const auto* list : {&node.inputs, &node.outputs})
      for (const int index : *list) {
        const LineOperand read = line_operand(inputs[places.size()], each);
        Operand& place = places.emplace_back(Operand{index, nullptr, size_of(buffer(index).dtype), read});
        if (buffer(index).shape.empty()) place.line.step = place.line.stride = 0;
        operands.push_back(operand_of({nullptr, place.line.stride}, buffer(index).dtype));
      }
    return {&node, [this, &node, &constants, scratch, operands = std::move(operands), places = std::move(places), elements, line](const Range& range) mutable {
              for (Operand& place : places) place.data = buffer(place.buffer).shape.empty() ? whole(place.buffer) : rows(place.buffer);
              acie_call call = call_of(program_, node, constants, operands, scratch);
              call.row_base = range.row_base + point_ * range.row_step;
              call.draw_base = range.draw_base + point_ * range.draw_step + first_ * elements * kElementStep;
              call.draw_step = kElementStep;
              call.count = line > 0 ? line : count_ * elements;
              const int64_t lines = count_ * elements / call.count;
              for (int64_t at = 0; at < lines; ++at) {
                for (size_t i = 0; i < places.size(); ++i) operands[i].data = places[i].data + static_cast<size_t>(places[i].line.begin(at)) * places[i].width;
                if (const int32_t code = program_.kernels()(&call); code != ACIE_KERNEL_OK) return code;
                call.draw_base += call.count * kElementStep;
              }
              return static_cast<int32_t>(ACIE_KERNEL_OK);
            }};
  }

  Step fold(const TensorNode& node) {
    const int64_t lines = row_elements(node.output), length = row_elements(node.inputs[0]) / lines;
    return {nullptr, [this, &node, lines, length](const Range&) {
              fold_lines(buffer(node.output).dtype, node.folding, rows(node.inputs[0]), count_ * lines, length, rows(node.output));
              return ACIE_KERNEL_OK;
            }};
  }

  /// A view: its leading axes are one, of as many rows as the block has. Of values that elements share, one of each.
  Step copy(const TensorNode& node) {
    const std::vector<int64_t>& whole_shape = buffer(node.output).shape;
    size_t leading = 0;
    for (int64_t rows = 1; rows < blocks_.rows; rows *= whole_shape[leading++]) {
    }
    size_t last = whole_shape.size();
    if (const RowBlocks::Stretch* stretch = stretches_[static_cast<size_t>(node.output)])
      for (int64_t run = 1; run < stretch->run;) run *= whole_shape[--last];
    std::vector<int64_t> shape(whole_shape.begin() + static_cast<int64_t>(leading), whole_shape.begin() + static_cast<int64_t>(last));
    std::vector<int64_t> strides(node.strides.begin() + static_cast<int64_t>(leading), node.strides.begin() + static_cast<int64_t>(last));
    const int64_t row_stride = leading > 0 ? node.strides[leading - 1] : 0;
    shape.insert(shape.begin(), 1);
    strides.insert(strides.begin(), row_stride);
    return {nullptr, [this, &node, row_stride, shape = std::move(shape), strides = std::move(strides)](const Range&) mutable {
              const int input = node.inputs[0];
              const size_t width = size_of(buffer(input).dtype);
              const std::byte* from = inside_[static_cast<size_t>(input)];
              if (from == nullptr) from = whole(input) + static_cast<int64_t>(width) * first_ * row_stride;
              shape[0] = count_;
              copy_elements(buffer(input).dtype, from + static_cast<int64_t>(width) * node.offset, shape, strides, rows(node.output));
              return ACIE_KERNEL_OK;
            }};
  }

  const Program& program_;
  const RowBlocks& blocks_;
  std::vector<View>& views_;
  std::vector<std::byte*> inside_;  // by buffer
  std::vector<const RowBlocks::Stretch*> stretches_;  // by buffer; null: none
  std::map<int, const TensorNode*> repeated_;         // views of the same line again and again
  std::vector<Step> steps_;
  int64_t point_ = 0, first_ = 0, count_ = 0;
};

}  // namespace

absl::Status run_row_blocks(const Program& program, const KernelStep& step, std::vector<View>& views, const RunConstants& constants,
                            const Range& range, CallScratch& memory) {
  return Blocks(program, step, views, constants, memory).run(range);
}

}  // namespace acie::scheduler
