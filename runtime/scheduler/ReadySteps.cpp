#include "runtime/scheduler/ReadySteps.h"

#include <algorithm>

#include "runtime/scheduler/PackedMatrices.h"
#include "runtime/scheduler/TensorOperations.h"

namespace acie::scheduler {

using package::Buffer;
using package::KernelNode;
using package::TensorNode;

ReadySteps::ReadySteps(const Program& program, const std::vector<KernelStep>& body, std::vector<View>& views, const RunConstants& constants,
                       const Range& range, CallScratch& memory, std::vector<bool> moving)
    : program_(program), views_(views), constants_(constants), range_(range), memory_(memory), moving_(std::move(moving)) {
  steps_.reserve(body.size());
  for (const KernelStep& step : body) {
    Step made = ready(step);
    if (const auto* slice = std::get_if<Slice>(&made); slice == nullptr || moving_[slice->output]) add(std::move(made));
  }
  size_t bytes = 0;
  const auto need = [&](auto& step) {
    using S = std::decay_t<decltype(step)>;
    if constexpr (std::is_same_v<S, Kernel>)
      bytes = std::max<size_t>(bytes, step.node->scratch);
    else if constexpr (std::is_same_v<S, Multiplication<float>> || std::is_same_v<S, Multiplication<double>>)
      bytes = std::max(bytes, static_cast<size_t>(linalg::scratchBytes(linalg::hostLevel(), step.product)));
  };
  for (Step& step : steps_) std::visit(need, step);
  if (bytes == 0) return;
  scratch_memory_.reserve(bytes);
  scratch_ = scratch_memory_.take(bytes);
  for (Step& step : steps_)
    if (auto* kernel = std::get_if<Kernel>(&step); kernel != nullptr && kernel->node->scratch > 0) kernel->call.scratch = scratch_;
}

ReadySteps::Step ReadySteps::ready(const KernelStep& step) {
  if (step.node != nullptr) {
    if (std::optional<Kernel> made = kernel(*step.node)) return *std::move(made);
  } else if (step.tensor != nullptr) {
    const TensorNode& node = *step.tensor;
    if (program_.aliased(node.output) >= 0) {
      // Others are made ready with it where it is now.
      views_[node.output] = slice_of(program_, node, views_);
      moving_[node.output] = moving_[node.inputs[0]];
      return Slice{node.output, node.inputs[0], size_of(program_.entry().buffers[node.output].dtype) * static_cast<size_t>(node.offset)};
    }
    if (node.op == TensorNode::Op::Contract && (node.inputs.size() < 3 || !moving_[node.inputs[2]])) {
      if (program_.entry().buffers[node.output].dtype == ACIE_F32) {
        if (std::optional<Multiplication<float>> made = multiplication<float>(node)) return *std::move(made);
      } else if (std::optional<Multiplication<double>> made = multiplication<double>(node)) {
        return *std::move(made);
      }
    }
  }
  return Other{&step};
}

/// Where it is one call: of numbers, of all elements of all points, or of those of one point.
std::optional<ReadySteps::Kernel> ReadySteps::kernel(const KernelNode& node) {
  const std::vector<Buffer>& buffers = program_.entry().buffers;
  const bool numbers = buffers[node.outputs[0]].shape.empty();
  const bool together = !numbers && takes_points_together(program_, node, views_);
  if (!numbers && !together && range_.count != 1) return std::nullopt;
  Kernel made{&node, {}, {}, {}};
  for (const auto* list : {&node.inputs, &node.outputs})
    for (const int buffer : *list) {
      View view = views_[buffer];
      if (!numbers) view.stride = buffers[buffer].shape.empty() ? 0 : 1;
      made.operands.push_back(operand_of(view, buffers[buffer].dtype));
    }
  size_t next = 0;
  for (const auto* list : {&node.inputs, &node.outputs})
    for (const int buffer : *list) {
      if (moving_[buffer]) made.places.push_back({&made.operands[next].data, buffer});
      ++next;
    }
  made.call = call_of(program_, node, constants_, made.operands, nullptr);
  acie_call& call = made.call;
  call.count = range_.count * (numbers ? 1 : buffers[node.outputs[0]].elements());
  if (together) return made;
  call.row_base = range_.row_base;
  call.row_step = numbers ? range_.row_step : 0;
  call.draw_base = range_.draw_base;
  call.draw_step = numbers ? range_.draw_step : kElementStep;
  return made;
}

template <typename T>
std::optional<ReadySteps::Multiplication<T>> ReadySteps::multiplication(const TensorNode& node) {
  std::optional<OneProduct<T>> one = one_product<T>(program_, node, views_, range_.count, constants_.packed.get());
  if (!one) return std::nullopt;
  return Multiplication<T>{one->product, node.inputs[one->a], node.inputs[1 - one->a], node.output};
}

template <typename T>
bool ReadySteps::paired(const Step& step) {
  const auto* second = std::get_if<Multiplication<T>>(&step);
  const auto* first = steps_.empty() ? nullptr : std::get_if<Multiplication<T>>(&steps_.back());
  // The second may read the first's result under another name.
  if (first == nullptr || second == nullptr || moving_[first->c] || moving_[second->a]) return false;
  if (!linalg::isPair(linalg::hostLevel(), first->product, second->product)) return false;
  steps_.back() = MultiplicationPair<T>{*first, *second};
  return true;
}

void ReadySteps::add(Step step) {
  if (!paired<float>(step) && !paired<double>(step)) steps_.push_back(std::move(step));
}

absl::Status ReadySteps::run() {
  for (Step& step : steps_) {
    absl::Status status = std::visit([this](auto& one) { return run(one); }, step);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReadySteps::run(const Slice& step) {
  views_[step.output].data = static_cast<std::byte*>(views_[step.of].data) + step.bytes;
  return absl::OkStatus();
}

absl::Status ReadySteps::run(Kernel& step) {
  for (const Place& place : step.places) *place.data = views_[place.buffer].data;
  const int32_t code = program_.kernels()(&step.call);
  return code == ACIE_KERNEL_OK ? absl::OkStatus() : kernel_error(*step.node, code);
}

template <typename T>
void ReadySteps::place(Multiplication<T>& step) {
  step.product.a.data = static_cast<const T*>(views_[step.a].data);
  step.product.b.data = static_cast<const T*>(views_[step.b].data);
  step.product.c.data = static_cast<T*>(views_[step.c].data);
}

template <typename T>
absl::Status ReadySteps::run(Multiplication<T>& step) {
  place(step);
  linalg::multiply(linalg::hostLevel(), step.product, {0, step.product.rows, 0, step.product.columns}, scratch_);
  return absl::OkStatus();
}

template <typename T>
absl::Status ReadySteps::run(MultiplicationPair<T>& step) {
  place(step.first);
  place(step.second);
  linalg::multiplyPair(linalg::hostLevel(), step.first.product, step.second.product);
  return absl::OkStatus();
}

absl::Status ReadySteps::run(const Other& step) { return call_kernel(program_, *step.step, views_, constants_, range_, memory_); }

}  // namespace acie::scheduler
