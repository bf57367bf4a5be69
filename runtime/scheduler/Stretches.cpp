#include "runtime/scheduler/Stretches.h"

#include <algorithm>
#include <map>
#include <optional>

#include "runtime/scheduler/Program.h"

namespace acie::scheduler {
namespace {

using package::Buffer;
using package::Entry;
using package::TensorNode;
using Stretch = RowBlocks::Stretch;

// A call costs as much as some hundred bytes of elements: shorter lines are written out and read in one call.
constexpr uint64_t kShortestLine = 256;

/// What `view` is, where its rows are the first of its axes: `rows` of them.
std::optional<Stretch> stretch_of(const Entry& entry, const TensorNode& view, const std::set<int>& inside, int64_t rows) {
  const std::vector<int64_t>& shape = entry.buffers[static_cast<size_t>(view.output)].shape;
  size_t leading = 0;
  for (int64_t count = 1; count < rows;) count *= shape[leading++];
  const auto same = [&](size_t axis) { return shape[axis] == 1 || view.strides[axis] == 0; };
  int64_t shared = 1, together = 1;
  size_t last = shape.size();
  for (; last > leading && same(last - 1); --last) shared *= shape[last - 1];
  if (shared > 1) return Stretch{view.output, false, shared};
  size_t first = shape.size();
  for (; first > leading && (shape[first - 1] == 1 || view.strides[first - 1] == together); --first) together *= shape[first - 1];
  // What lies in a block has other rows than the first.
  if (together == 1 || inside.count(view.inputs[0]) != 0) return std::nullopt;
  for (size_t axis = 0; axis < first; ++axis)
    if (!same(axis)) return std::nullopt;
  return Stretch{view.output, true, together};
}

}  // namespace

int64_t line_of(const std::vector<const Stretch*>& inputs) {
  int64_t line = 0;
  for (const Stretch* input : inputs)
    if (input != nullptr) line = line == 0 ? input->run : std::min(line, input->run);
  return line;
}

LineOperand line_operand(const Stretch* stretch, int64_t line) {
  if (stretch == nullptr) return {1, 0, line, 1};
  return stretch->repeats ? LineOperand{1, stretch->run / line, line, 1} : LineOperand{stretch->run / line, 0, 1, 0};
}

std::vector<Stretch> find_stretches(const Entry& entry, const std::vector<KernelStep>& body, const std::set<int>& inside, int64_t rows) {
  std::map<int, Stretch> found;
  for (const KernelStep& step : body)
    if (step.tensor != nullptr && step.tensor->op == TensorNode::Op::View && inside.count(step.tensor->output) != 0)
      if (const std::optional<Stretch> stretch = stretch_of(entry, *step.tensor, inside, rows)) found.emplace(stretch->buffer, *stretch);
  // Only kernels read them, and in lines that are long enough: what one of them cannot, none does.
  const auto drop = [&](const KernelStep& step) {
    return std::erase_if(found, [&](const auto& one) { return std::count(step.inputs.begin(), step.inputs.end(), one.first) > 0; }) > 0;
  };
  bool changed = true;
  while (changed) {
    changed = false;
    for (const KernelStep& step : body) {
      if (step.node == nullptr) {
        changed |= drop(step);
        continue;
      }
      std::vector<const Stretch*> inputs;
      for (const int input : step.inputs) {
        const auto it = found.find(input);
        inputs.push_back(it == found.end() ? nullptr : &it->second);
      }
      const int64_t line = line_of(inputs);
      const auto divides = [&](const Stretch* input) { return input == nullptr || input->run % line == 0; };
      const uint64_t bytes = static_cast<uint64_t>(line) * size_of(entry.buffers[static_cast<size_t>(step.outputs[0])].dtype);
      if (line > 0 && (bytes < kShortestLine || !std::all_of(inputs.begin(), inputs.end(), divides))) changed |= drop(step);
    }
  }
  std::vector<Stretch> stretches;
  for (const auto& [buffer, stretch] : found) stretches.push_back(stretch);
  return stretches;
}

}  // namespace acie::scheduler
