#include "runtime/scheduler/Program.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "runtime/status/Errors.h"

namespace acie::scheduler {

using package::Entry;
using package::KernelNode;
using package::LoopNode;
using package::ReduceNode;
using package::Space;
using package::TensorNode;

// What the tensors of one tile may take: about the second-level cache.
constexpr uint64_t kCached = uint64_t{1} << 20;

absl::StatusOr<std::unique_ptr<Program>> Program::make(const Entry& entry, acie_kernel_fn kernels,
                                                       std::vector<const acie_import*> imports, std::string_view constants,
                                                       std::shared_ptr<ExternModules> modules) {
  std::unique_ptr<Program> program(new Program(entry));
  program->kernels_ = kernels;
  program->imports_ = std::move(imports);
  program->constants_ = constants;
  program->modules_ = std::move(modules);
  program->place_nodes();
  fuse_steps(entry, program->aliases_, program->kernel_steps_, program->placed_);
  program->assign_slots();
  ACIE_RETURN_IF_ERROR(program->check());
  return program;
}

/// What products read of matrices that are the same for all rows.
uint64_t Program::matrix_bytes() const {
  std::set<int> matrices;
  for (const package::Node& node : entry_.nodes)
    if (const auto* product = std::get_if<TensorNode>(&node); product != nullptr && product->op == TensorNode::Op::Contract)
      for (const int input : product->inputs)
        if (homes_[static_cast<size_t>(input)] == Space::Table) matrices.insert(input);
  uint64_t bytes = 0;
  for (const int matrix : matrices) bytes += point_bytes(matrix);
  return bytes;
}

std::vector<int> KernelStep::written() const {
  std::vector<int> buffers = outputs;
  if (loop == nullptr) return buffers;
  for (const LoopNode::Carry& carry : loop->carries) buffers.push_back(carry.state);
  for (const LoopNode::Sequence& sequence : loop->sequences) buffers.push_back(sequence.each);
  for (const KernelStep& inner : body) {
    const std::vector<int> more = inner.written();
    buffers.insert(buffers.end(), more.begin(), more.end());
  }
  return buffers;
}

/// Whether a view's elements lie together in its operand, in their order.
bool Program::is_slice(const TensorNode& node) const {
  const std::vector<int64_t>& shape = entry_.buffers[node.output].shape;
  if (node.op != TensorNode::Op::View || shape.empty()) return false;
  int64_t step = 1;
  for (size_t axis = shape.size(); axis-- > 0; step *= shape[axis])
    if (shape[axis] > 1 && node.strides[axis] != step) return false;
  return true;
}

int64_t Program::tile_rows(int64_t asked, std::optional<int64_t> rows, int threads) const {
  constexpr int64_t kFewest = 1;
  uint64_t bytes = std::accumulate(slots_.begin(), slots_.end(), uint64_t{0});
  bool tensors = false;
  for (size_t i = 0; i < entry_.buffers.size(); ++i) {
    tensors = tensors || (!entry_.buffers[i].shape.empty() && homes_[i] != Space::Table);
    if (homes_[i] == Space::Row && column_[i]) bytes += point_bytes(static_cast<int>(i));
  }
  if (!tensors) return asked;
  // Large matrices are read once per tile: then a tile's own tensors may take as much time as they do.
  const uint64_t room = std::max(kCached, matrix_bytes() / 4);
  int64_t tile = static_cast<int64_t>(room / std::max<uint64_t>(bytes, 1));
  tile = std::clamp(tile, kFewest, asked);
  // As many tiles for each thread, of about equal size.
  const auto pieces = [](int64_t total, int64_t most) { return (total + most - 1) / most; };
  const int64_t workers = std::max(threads, 1);
  if (rows && *rows > 0) tile = pieces(*rows, pieces(pieces(*rows, tile), workers) * workers);
  // Products take 6 rows at a time on AVX2, and one that is left over takes most of the time of six.
  constexpr int64_t kTogether = 6, kMany = 16 * kTogether;
  if (tile >= kMany)
    tile = std::min(asked, rows ? pieces(tile, kTogether) * kTogether : tile - tile % kTogether);
  return tile;
}

int64_t Program::draw_chunk(int64_t asked) const {
  uint64_t bytes = 0;
  bool tensors = false;
  for (size_t i = 0; i < entry_.buffers.size(); ++i) {
    if (homes_[i] != Space::Inner || !placed_[i]) continue;
    tensors = tensors || !entry_.buffers[i].shape.empty();
    bytes += point_bytes(static_cast<int>(i));
  }
  if (!tensors) return asked;
  // Where those of a few leave the caches anyway, a few: what sums each element up is gone through once for all of them.
  constexpr uint64_t kFew = 16, kMost = uint64_t{64} << 20;
  const uint64_t draws = std::max(std::max(kCached, matrix_bytes() / 4) / std::max<uint64_t>(bytes, 1), std::min(kFew, kMost / std::max<uint64_t>(bytes, 1)));
  return std::clamp<int64_t>(static_cast<int64_t>(draws), 1, asked);
}

void Program::assign_slots() {
  const size_t count = entry_.buffers.size();
  slot_of_.assign(count, -1);
  const auto root = [&](int buffer) {
    while (aliases_[static_cast<size_t>(buffer)] >= 0) buffer = aliases_[static_cast<size_t>(buffer)];
    return buffer;
  };
  // The last step that reads each buffer. What is answered or summed is read after all.
  constexpr size_t kEnd = static_cast<size_t>(-1);
  std::vector<size_t> last(count, 0);
  for (size_t at = 0; at < kernel_steps_.size(); ++at)
    for (int input : kernel_steps_[at].inputs) last[root(input)] = at;
  const auto keep = [&](int buffer) {
    if (buffer >= 0) last[root(buffer)] = kEnd;
  };
  for (const package::OutputColumn& column : entry_.outputs) keep(column.buffer);
  for (const ReduceStep& step : reduce_steps_) {
    keep(step.node->input);
    keep(step.node->output);
    keep(step.node->standard_error);
  }
  keep(entry_.status);
  keep(entry_.violation);
  keep(entry_.constraints_hold);
  // Several passes or sweeps run steps more than once and in parts: then nothing is shared.
  const bool in_order = num_passes_ == 1 && num_sweeps_ == 1 && !entry_.has_draws;
  std::multimap<size_t, int> free;  // slots by size
  const auto place = [&](int buffer) {
    const size_t bytes = point_bytes(buffer);
    auto found = free.lower_bound(bytes);
    if (found != free.end() && found->first <= 2 * bytes) {
      slot_of_[static_cast<size_t>(buffer)] = found->second;
      free.erase(found);
      return;
    }
    slot_of_[static_cast<size_t>(buffer)] = static_cast<int>(slots_.size());
    slots_.push_back(bytes);
  };
  const auto lies_here = [&](int buffer) { return homes_[static_cast<size_t>(buffer)] == Space::Row && !column_[static_cast<size_t>(buffer)] && aliases_[static_cast<size_t>(buffer)] < 0 && placed_[static_cast<size_t>(buffer)]; };
  for (size_t at = 0; at < kernel_steps_.size(); ++at) {
    const KernelStep& step = kernel_steps_[at];
    std::vector<int> done = step.written();
    for (int output : done)
      if (lies_here(output)) place(output);
    if (!in_order) continue;
    for (int input : step.inputs) done.push_back(root(input));
    std::sort(done.begin(), done.end());
    done.erase(std::unique(done.begin(), done.end()), done.end());
    for (int buffer : done)
      if (slot(buffer) >= 0 && last[static_cast<size_t>(buffer)] <= at) free.emplace(slots_[static_cast<size_t>(slot(buffer))], slot(buffer));
  }
  for (size_t i = 0; i < count; ++i)  // results of reductions
    if (slot_of_[i] < 0 && lies_here(static_cast<int>(i))) place(static_cast<int>(i));
}

/// Slices need no memory of their own. What a loop carries on does: it becomes the next state.
void Program::place_in_others(const KernelStep& step) {
  if (step.tensor != nullptr && is_slice(*step.tensor) && homes_[step.inputs[0]] == step.space) aliases_[step.outputs[0]] = step.inputs[0];
  for (const KernelStep& inner : step.body) place_in_others(inner);
  if (step.loop == nullptr) return;
  for (const LoopNode::Carry& carry : step.loop->carries) aliases_[carry.next] = -1;
}

/// The step of the node at `at`, with its body, and goes on to the next one.
KernelStep Program::step_of(size_t& at) const {
  KernelStep step;
  const size_t begin = at++;
  if (const auto* tensor = std::get_if<TensorNode>(&entry_.nodes[begin])) {
    step.tensor = tensor;
    step.inputs = tensor->inputs;
    step.outputs = {tensor->output};
  } else if (const auto* kernel = std::get_if<KernelNode>(&entry_.nodes[begin])) {
    step.node = kernel;
    step.inputs = kernel->inputs;
    step.outputs = kernel->outputs;
  } else {
    step.loop = &std::get<LoopNode>(entry_.nodes[begin]);
    step.inputs = package::loop_inputs(entry_, begin);
    for (const LoopNode::Carry& carry : step.loop->carries)
      for (const int result : {carry.last, carry.every})
        if (result >= 0) step.outputs.push_back(result);
    const size_t end = at + static_cast<size_t>(step.loop->body);
    while (at < end) step.body.push_back(step_of(at));
    step.space = homes_[static_cast<size_t>(step.loop->carries[0].state)];
    return step;
  }
  step.space = homes_[static_cast<size_t>(step.outputs[0])];
  return step;
}

void Program::place_nodes() {
  const size_t count = entry_.buffers.size();
  homes_.resize(count);
  column_.assign(count, false);
  for (size_t i = 0; i < count; ++i) homes_[i] = package::home_of(entry_, static_cast<int>(i));
  for (const package::ColumnInput& column : entry_.columns) {
    column_[column.buffer] = true;
    if (column.presence >= 0) column_[column.presence] = true;
  }
  aliases_.assign(count, -1);
  placed_.assign(count, true);
  const std::vector<int> passes = package::passes_of(entry_);
  std::vector<int> sweeps(count, 0);
  for (size_t at = 0; at < entry_.nodes.size();) {
    int pass = 0, sweep = 0;
    if (!std::holds_alternative<ReduceNode>(entry_.nodes[at])) {
      KernelStep step = step_of(at);
      for (const int input : step.inputs) {
        step.pass = std::max(step.pass, passes[input]);
        step.sweep = std::max(step.sweep, sweeps[input]);
      }
      step.after_draws = step.sweep > 0;
      for (const int output : step.outputs) sweeps[output] = step.sweep;
      place_in_others(step);
      if (step.node != nullptr) scratch_ = std::max(scratch_, step.node->scratch);
      kernel_steps_.push_back(std::move(step));
    } else {
      const auto& reduce = std::get<ReduceNode>(entry_.nodes[at++]);
      const bool over_rows = homes_[reduce.output] == Space::Table;
      Space operand = over_rows ? Space::Row : Space::Inner;
      if (reduce.input >= 0) {
        pass = passes[reduce.input];
        sweep = sweeps[reduce.input];
        operand = homes_[reduce.input];
      }
      reduce_steps_.push_back({&reduce, over_rows, operand, pass, sweep, entry_.buffers[reduce.output].elements()});
      const int output_sweep = over_rows ? 0 : sweep + 1;
      sweeps[reduce.output] = output_sweep;
      if (reduce.standard_error >= 0) sweeps[reduce.standard_error] = output_sweep;
    }
  }
  // A kernel of the table space needs no reading of its own; an answer per row that shows a sum over rows does.
  for (const KernelStep& step : kernel_steps_) {
    if (step.space != Space::Table) num_passes_ = std::max(num_passes_, step.pass + 1);
    if (step.space == Space::Inner) num_sweeps_ = std::max(num_sweeps_, step.sweep + 1);
  }
  for (const ReduceStep& step : reduce_steps_) {
    num_passes_ = std::max(num_passes_, step.pass + 1);
    if (!step.over_rows) num_sweeps_ = std::max(num_sweeps_, step.sweep + 1);
  }
  const bool by_row = entry_.shape != Entry::Shape::Once || !entry_.reads_table;
  for (const package::OutputColumn& column : entry_.outputs)
    if (by_row && column.buffer >= 0) num_passes_ = std::max(num_passes_, passes[column.buffer] + 1);
  for (const package::OutputColumn& column : entry_.outputs) has_jackknife_ |= column.jackknife_of >= 0;
}

absl::Status Program::check() const {
  if (entry_.shape == Entry::Shape::PerDraw && !reduce_steps_.empty())
    return run_error("'" + entry_.name + "' draws quantities that depend on an expectation or on a sum over the table; "
                     "ask for those in a query of its own");
  if (has_jackknife_ && num_sweeps_ > 1)
    return run_error("'" + entry_.name + "' needs the standard error of an expectation within an expectation, which this "
                     "runtime cannot estimate");
  return absl::OkStatus();
}

}  // namespace acie::scheduler
