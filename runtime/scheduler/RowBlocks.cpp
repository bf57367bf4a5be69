#include "runtime/scheduler/RowBlocks.h"

#include <immintrin.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "runtime/scheduler/Handoff.h"
#include "runtime/scheduler/LineCalls.h"
#include "runtime/scheduler/Stretches.h"
#include "runtime/scheduler/TensorOperations.h"

namespace acie::scheduler {
namespace {

using package::Buffer;
using package::KernelNode;
using package::TensorNode;

// Rows are shared among threads in parts of at least so many bytes, some for each thread: not all of them run at one speed.
constexpr uint64_t kLeastPart = uint64_t{2} << 20;
constexpr int64_t kPartsPerThread = 4;
constexpr int64_t kFewNumbers = 8;
// What is fetched ahead of a buffer finds room in the first-level cache.
constexpr int64_t kMostAhead = int64_t{24} << 10;
// How far ahead: what is read is waited for, unless a block takes long; what is written less so.
constexpr int64_t kBlocksToRead = 2, kBlocksToWrite = 1, kLongBlock = int64_t{8} << 10;
// A tensor of so many bytes is written past the caches: with what it is made of it would not stay in the last of them, and a line that
// is written there is read first. What a kernel writes in such a way at a time is a multiple of kStreamed bytes.
constexpr int64_t kPastCaches = int64_t{12} << 20, kStreamed = 256;

/// The body of a step made ready for one run: what differs from block to block is where rows are and how many.
class Blocks {
 public:
  Blocks(const Program& program, const KernelStep& step, const std::vector<View>& views, const RunConstants& constants, CallScratch& memory)
      : program_(program), blocks_(*step.blocks), step_(step), views_(views), inside_(program.entry().buffers.size(), nullptr), stretches_(program.entry().buffers.size(), nullptr) {
    uint64_t chains = 0;
    for (const KernelStep& inner : step.body)
      if (inner.tensor != nullptr && is_sum(*inner.tensor)) chains += Arena::padded(chain_bytes(*inner.tensor));
    memory.blocks.prepare(blocks_.bytes + chains);
    auto* block = static_cast<std::byte*>(memory.blocks.take(blocks_.bytes));
    for (const RowBlocks::Inside& inside : blocks_.inside) inside_[static_cast<size_t>(inside.buffer)] = block + inside.at;
    for (const RowBlocks::Stretch& stretch : blocks_.stretches) stretches_[static_cast<size_t>(stretch.buffer)] = &stretch;
    uint64_t bytes = 0;
    for (const KernelStep& inner : step.body) bytes = std::max(bytes, inner.node != nullptr ? inner.node->scratch : 0);
    memory.scratch.prepare(bytes);
    void* scratch = bytes > 0 ? memory.scratch.take(bytes) : nullptr;
    for (const KernelStep& inner : step.body) {
      if (inner.node != nullptr)
        add_kernel(*inner.node, constants, scratch);
      else if (program.aliased(inner.tensor->output) >= 0)
        continue;
      else if (const RowBlocks::Stretch* stretch = stretches_[static_cast<size_t>(inner.tensor->output)]; stretch != nullptr && lies_together(*inner.tensor, *stretch))
        in_place_.emplace(inner.tensor->output, inner.tensor);
      else if (inner.tensor->op == TensorNode::Op::Fold)
        add_fold(*inner.tensor);
      else
        add_copy(*inner.tensor);
    }
    for (size_t at = 0; at < steps_.size(); ++at)
      if (steps_[at].kernel != nullptr) try_lines(at, memory);
    fetch_ahead();
  }

  /// Rows [begin, end).
  absl::Status run(const Range& range, int64_t begin, int64_t end) {
    for (point_ = 0; point_ < range.count; ++point_) {
      for (Step& step : steps_) {
        step.moving.clear();
        for (size_t i = 0; i < step.operands.size(); ++i) {
          Operand& operand = step.operands[i];
          operand.place = place_of(operand.buffer);
          settle(step, i, begin);
          if (operand.place.row != 0) step.moving.push_back(i);
        }
        for (Fetch& fetch : step.fetches) fetch.place = place_of(fetch.buffer);
        const auto is_aligned = [](const Operand& operand) { return reinterpret_cast<uintptr_t>(operand.place.begin) % Arena::kAlignment == 0; };
        const bool streams = step.streams && std::all_of(step.operands.begin() + step.call.num_inputs, step.operands.end(), is_aligned);
        step.call.flags = streams ? ACIE_CALL_STREAM : 0;
      }
      end_ = end;
      for (first_ = begin; first_ < end; first_ += blocks_.at_once) {
        count_ = std::min(blocks_.at_once, end - first_);
        for (Step& step : steps_) {
          for (const size_t i : step.moving) settle(step, i, first_);
          if (step.kernel == nullptr)
            run_tensor(step);
          else if (const int32_t code = run_kernel(step, range); code != ACIE_KERNEL_OK)
            return kernel_error(*step.kernel, code);
        }
      }
    }
    _mm_sfence();  // what was written past the caches is there before anything that follows
    return absl::OkStatus();
  }

 private:
  /// Where the rows of a buffer are at one point: so many bytes apart, or those of every block at one place.
  struct Place {
    std::byte* begin = nullptr;
    int64_t row = 0;
  };
  struct Operand {
    int buffer;
    int64_t width;  // bytes of an element
    LineOperand line;
    bool unread = false;  // but added up by the kernel that would write it
    Place place = {};
    std::byte* data = nullptr;  // of this block
  };
  /// Rows of a buffer, so many blocks from here, that a kernel fetches into the cache while it computes.
  struct Fetch {
    int buffer;
    int64_t blocks;
    Place place = {};
  };
  /// A kernel, or else a fold or copy from the first operand to the second.
  struct Step {
    const KernelNode* kernel = nullptr;
    const TensorNode* tensor = nullptr;
    std::vector<Operand> operands;
    std::vector<size_t> moving;        // operands that are elsewhere in every block
    std::vector<acie_buffer> buffers;  // of `call`
    acie_call call = {};
    std::vector<Fetch> fetches;
    std::unique_ptr<LineCall> by_lines;     // null: a call for each line
    std::byte* chains = nullptr;            // of a fold of what such a kernel writes
    int64_t elements = 0;                   // of a row that a kernel writes
    int64_t line = 0;                       // that it is called for at a time; 0: all
    int64_t lines_of_row = 0;               // so many of those
    bool streams = false;                   // what it writes may go past the caches
    int64_t lines = 0, length = 0;          // of a row that is folded
    std::vector<int64_t> shape, strides;    // that is copied
  };

  const Buffer& buffer(int index) const { return program_.entry().buffers[static_cast<size_t>(index)]; }
  int64_t row_elements(int index) const { return buffer(index).elements() / blocks_.rows; }
  int64_t width(int index) const { return static_cast<int64_t>(size_of(buffer(index).dtype)); }

  /// Whether a fold is one that kernels by lines may take part in.
  bool is_sum(const TensorNode& node) const {
    const acie_dtype dtype = buffer(node.output).dtype;
    return node.op == TensorNode::Op::Fold && node.folding == TensorNode::Folding::Sum && (dtype == ACIE_F64 || dtype == ACIE_F32);
  }
  /// Bytes of a block's chains of what it adds up.
  size_t chain_bytes(const TensorNode& sum) const {
    const int64_t lines = row_elements(sum.output);
    return static_cast<size_t>(blocks_.at_once * lines * LineCall::chain_bytes(row_elements(sum.inputs[0]) / lines, width(sum.output)));
  }

  /// The axes of a view before which its rows are counted, and behind which nothing is written of a stretch.
  std::pair<size_t, size_t> axes_of(const TensorNode& view) const {
    const std::vector<int64_t>& shape = buffer(view.output).shape;
    size_t leading = 0, last = shape.size();
    for (int64_t rows = 1; rows < blocks_.rows;) rows *= shape[leading++];
    if (const RowBlocks::Stretch* stretch = stretches_[static_cast<size_t>(view.output)]; stretch != nullptr && !stretch->repeats)
      for (int64_t run = 1; run < stretch->run;) run *= shape[--last];
    return {leading, last};
  }
  /// Whether what is left of a stretched view lies in its operand as it would be written: one row for all, or a value for each run
  /// of elements after that of the one before.
  bool lies_together(const TensorNode& view, const RowBlocks::Stretch& stretch) const {
    if (stretch.repeats) return true;
    const std::vector<int64_t>& shape = buffer(view.output).shape;
    int64_t together = 1;
    for (size_t axis = axes_of(view).second; axis-- > 0; together *= shape[axis])
      if (shape[axis] > 1 && view.strides[axis] != together) return false;
    return true;
  }
  /// What a view shows.
  Place shown(const TensorNode& view) const {
    const int input = view.inputs[0];
    const size_t leading = axes_of(view).first;
    Place place = {inside_[static_cast<size_t>(input)], 0};
    if (place.begin == nullptr) place = {whole(input), leading > 0 ? width(input) * view.strides[leading - 1] : 0};
    place.begin += width(input) * view.offset;
    return place;
  }
  /// Where the elements of a buffer begin at this point.
  std::byte* whole(int index) const { return static_cast<std::byte*>(views_[index].from(point_, buffer(index).dtype).data); }
  Place place_of(int index) const {
    if (const auto found = in_place_.find(index); found != in_place_.end()) return shown(*found->second);
    if (std::byte* block = inside_[static_cast<size_t>(index)]) return {block, 0};
    return {whole(index), buffer(index).shape.empty() ? 0 : width(index) * row_elements(index)};
  }
  /// Where operand `i` of a step is in the block that begins with row `first`.
  static void settle(Step& step, size_t i, int64_t first) {
    Operand& operand = step.operands[i];
    operand.data = operand.place.begin + first * operand.place.row;
    if (step.by_lines != nullptr) step.by_lines->place(i, operand.unread ? nullptr : operand.data);
  }

  void add_kernel(const KernelNode& node, const RunConstants& constants, void* scratch) {
    std::vector<const RowBlocks::Stretch*> inputs;
    for (const int index : node.inputs) inputs.push_back(stretches_[static_cast<size_t>(index)]);
    inputs.resize(inputs.size() + node.outputs.size(), nullptr);
    Step& step = steps_.emplace_back();
    step.kernel = &node;
    step.elements = row_elements(node.outputs[0]);
    step.line = line_of(inputs);
    // A call of a few numbers, which were only just written one by one, waits until all stores before them are done; calls of one
    // do not.
    if (step.line == 0 && step.elements == 1 && blocks_.at_once <= kFewNumbers) step.line = 1;
    for (const auto* list : {&node.inputs, &node.outputs})
      for (const int index : *list) {
        Operand operand = {index, width(index), line_operand(inputs[step.operands.size()], step.line)};
        if (buffer(index).shape.empty()) operand.line.step = operand.line.stride = 0;
        step.operands.push_back(operand);
        step.buffers.push_back(operand_of({nullptr, operand.line.stride}, buffer(index).dtype));
      }
    step.call = call_of(program_, node, constants, step.buffers, scratch);
    step.call.draw_step = kElementStep;
    if (step.line > 0) step.lines_of_row = step.elements / step.line;
    step.streams = std::all_of(node.outputs.begin(), node.outputs.end(), [&](int output) { return streams(output, step.line > 0 ? step.line : step.elements); });
  }

  /// Whether a whole tensor is written that the caches would not hold, in pieces that kernels may write past them.
  bool streams(int output, int64_t elements) const {
    return inside_[static_cast<size_t>(output)] == nullptr && buffer(output).elements() * width(output) >= kPastCaches && elements * width(output) % kStreamed == 0;
  }

  /// Has the kernel at `at` compute all its lines in one call, and add up what sums of them read, where the library has it so.
  void try_lines(size_t at, CallScratch& memory) {
    Step& step = steps_[at];
    const std::vector<int>& outputs = step.kernel->outputs;
    int64_t length = step.line;
    std::vector<void*> chains(outputs.size(), nullptr);  // by output
    std::vector<Step*> sums;
    for (size_t later = at + 1; later < steps_.size(); ++later) {
      Step& sum = steps_[later];
      const auto output = sum.tensor != nullptr && is_sum(*sum.tensor) ? std::find(outputs.begin(), outputs.end(), sum.operands[0].buffer) : outputs.end();
      if (output == outputs.end() || (length > 0 && length != sum.length)) continue;
      void*& chain = chains[static_cast<size_t>(output - outputs.begin())];
      if (chain == nullptr) chain = memory.blocks.take(chain_bytes(*sum.tensor));
      length = sum.length;
      sum.chains = static_cast<std::byte*>(chain);
      sums.push_back(&sum);
    }
    std::vector<LineOperand> operands;
    for (const Operand& operand : step.operands)
      operands.push_back(step.line > 0 || buffer(operand.buffer).shape.empty() ? operand.line : line_operand(nullptr, length));
    if (length > 0 && step.elements % length == 0) step.by_lines = LineCall::find(program_.kernels(), step.call, operands, chains, length);
    if (step.by_lines == nullptr) {
      for (Step* sum : sums) sum->chains = nullptr;
      return;
    }
    step.line = length;
    step.lines_of_row = step.elements / length;
    for (size_t i = 0; i < outputs.size(); ++i) {
      const auto reads = [&](const KernelStep& inner) { return std::count(inner.inputs.begin(), inner.inputs.end(), outputs[i]) > 0; };
      step.operands[step.kernel->inputs.size() + i].unread = inside_[static_cast<size_t>(outputs[i])] != nullptr && chains[i] != nullptr &&
                                                             std::count_if(step_.body.begin(), step_.body.end(), reads) == std::count_if(sums.begin(), sums.end(), [&](const Step* sum) {
                                                               return sum->operands[0].buffer == outputs[i];
                                                             });
    }
    step.streams = sums.empty() && std::all_of(outputs.begin(), outputs.end(), [&](int output) { return streams(output, length); });
  }

  int32_t run_kernel(Step& step, const Range& range) {
    acie_call& call = step.call;
    call.row_base = range.row_base + point_ * range.row_step;
    call.draw_base = range.draw_base + point_ * range.draw_step + first_ * step.elements * kElementStep;
    call.count = step.line > 0 ? step.line : count_ * step.elements;
    const int64_t lines = step.line > 0 ? count_ * step.lines_of_row : 1;
    const int64_t line_bytes = call.count * step.operands[step.kernel->inputs.size()].width;
    if (step.by_lines != nullptr) {
      set_ahead(step, 0);
      return step.by_lines->run(program_.kernels(), call, lines);
    }
    for (int64_t line = 0; line < lines; ++line) {
      set_ahead(step, line * line_bytes);
      for (size_t i = 0; i < step.operands.size(); ++i) {
        const Operand& operand = step.operands[i];
        step.buffers[i].data = operand.data + operand.line.begin(line) * operand.width;
      }
      if (const int32_t code = program_.kernels()(&call); code != ACIE_KERNEL_OK) return code;
      call.draw_base += call.count * kElementStep;
    }
    return ACIE_KERNEL_OK;
  }

  /// What the call fetches, from byte `at` of the block's rows on.
  void set_ahead(Step& step, int64_t at) const {
    size_t ahead = 0;
    for (const Fetch& fetch : step.fetches)
      if (const int64_t row = first_ + fetch.blocks * blocks_.at_once; row < end_) step.call.ahead[ahead++] = fetch.place.begin + row * fetch.place.row + at;
    for (; ahead < step.fetches.size(); ++ahead) step.call.ahead[ahead] = nullptr;
  }

  /// Has kernels fetch the rows of blocks to come: a kernel what it reads or writes outside, or what a fold before it reads.
  void fetch_ahead() {
    std::set<int> seen;
    for (size_t at = 0; at < steps_.size(); ++at)
      for (size_t i = 0; i < steps_[at].operands.size(); ++i) {
        const int index = steps_[at].operands[i].buffer;
        const int64_t row = row_elements(index) * width(index);
        if (inside_[static_cast<size_t>(index)] != nullptr || in_place_.count(index) != 0 || buffer(index).shape.empty() || row * blocks_.at_once > kMostAhead ||
            !seen.insert(index).second)
          continue;
        const KernelNode* kernel = steps_[at].kernel;
        const bool written = i >= (kernel != nullptr ? kernel->inputs.size() : 1);
        if (written && steps_[at].streams) continue;
        const auto takes = [&](const Step& step) {
          if (step.kernel == nullptr || step.fetches.size() == ACIE_KERNEL_AHEAD) return false;
          const int output = step.kernel->outputs[0];
          return row_elements(output) * width(output) == row;
        };
        const auto step = std::find_if(steps_.begin() + static_cast<int64_t>(at), steps_.end(), takes);
        if (step != steps_.end()) step->fetches.push_back({index, written || row * blocks_.at_once > kLongBlock ? kBlocksToWrite : kBlocksToRead});
      }
  }

  Step& add_tensor(const TensorNode& node) {
    Step& step = steps_.emplace_back();
    step.tensor = &node;
    for (const int index : {node.inputs[0], node.output}) step.operands.push_back({index, width(index), {}});
    return step;
  }

  void add_fold(const TensorNode& node) {
    Step& step = add_tensor(node);
    step.lines = row_elements(node.output);
    step.length = row_elements(node.inputs[0]) / step.lines;
  }

  /// A view: its leading axes are one, of as many rows as the block has. Of values that elements share, one of each.
  void add_copy(const TensorNode& node) {
    Step& step = add_tensor(node);
    const std::vector<int64_t>& shape = buffer(node.output).shape;
    const auto [leading, last] = axes_of(node);
    step.shape.assign(shape.begin() + static_cast<int64_t>(leading), shape.begin() + static_cast<int64_t>(last));
    step.strides.assign(node.strides.begin() + static_cast<int64_t>(leading), node.strides.begin() + static_cast<int64_t>(last));
    step.shape.insert(step.shape.begin(), 1);
    step.strides.insert(step.strides.begin(), leading > 0 ? node.strides[leading - 1] : 0);
  }

  void run_tensor(Step& step) const {
    const TensorNode& node = *step.tensor;
    const acie_dtype dtype = buffer(node.output).dtype;
    if (node.op == TensorNode::Op::Fold) {
      if (step.chains != nullptr) return sum_lines(dtype, step.chains, count_ * step.lines, step.length, step.operands[1].data);
      return fold_lines(dtype, node.folding, step.operands[0].data, count_ * step.lines, step.length, step.operands[1].data);
    }
    const Place from = shown(node);
    step.shape[0] = count_;
    copy_elements(dtype, from.begin + first_ * from.row, step.shape, step.strides, step.operands[1].data);
  }

  const Program& program_;
  const RowBlocks& blocks_;
  const KernelStep& step_;
  const std::vector<View>& views_;
  std::vector<std::byte*> inside_;                    // by buffer
  std::vector<const RowBlocks::Stretch*> stretches_;  // by buffer; null: none
  std::map<int, const TensorNode*> in_place_;         // stretched views that are read where their operand lies
  std::vector<Step> steps_;
  int64_t point_ = 0, first_ = 0, count_ = 0, end_ = 0;
};

/// Bytes of rows outside the block's memory.
uint64_t bytes_outside(const Program& program, const KernelStep& step) {
  uint64_t bytes = 0;
  for (const auto* list : {&step.inputs, &step.outputs})
    for (const int index : *list) bytes += program.point_bytes(index);
  return bytes;
}

}  // namespace

absl::Status run_row_blocks(const Program& program, const KernelStep& step, std::vector<View>& views, const RunConstants& constants,
                            const Range& range, CallScratch& memory) {
  for (const KernelStep& inner : step.body)
    if (inner.tensor != nullptr && program.aliased(inner.tensor->output) >= 0) views[inner.tensor->output] = slice_of(program, *inner.tensor, views);
  const RowBlocks& blocks = *step.blocks;
  int64_t parts = 1;
  if (const int threads = tbb::this_task_arena::max_concurrency(); memory.shares_work && threads > 1 && range.count == 1)
    parts = std::min<int64_t>({kPartsPerThread * threads, static_cast<int64_t>(bytes_outside(program, step) / kLeastPart),
                               (blocks.rows + blocks.at_once - 1) / blocks.at_once});
  if (parts <= 1) return Blocks(program, step, views, constants, memory).run(range, 0, blocks.rows);
  std::vector<absl::Status> statuses(static_cast<size_t>(parts));
  hand_over(&statuses);
  tbb::parallel_for(int64_t{0}, parts, [&](int64_t part) {
    const Handoff each(&statuses);
    CallScratch own(program);
    statuses[static_cast<size_t>(part)] = Blocks(program, step, views, constants, own).run(range, blocks.rows * part / parts, blocks.rows * (part + 1) / parts);
  });
  take_over(&statuses);
  for (absl::Status& status : statuses)
    if (!status.ok()) return std::move(status);
  return absl::OkStatus();
}

}  // namespace acie::scheduler
