#include "runtime/scheduler/PackedMatrices.h"

#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

struct PackedMatrices::Slot {
  std::once_flag packed;
  Arena memory;
  void* elements = nullptr;
};

PackedMatrices::PackedMatrices(const Program& program) {
  for (const KernelStep& step : program.kernel_steps())
    for (size_t input = 0; step.tensor != nullptr && step.tensor->op == package::TensorNode::Op::Contract && input < 2; ++input)
      if (program.home(step.tensor->inputs[input]) == package::Space::Table) slots_.try_emplace({step.tensor->inputs[input], input}, std::make_unique<Slot>());
}

PackedMatrices::~PackedMatrices() = default;

template <typename T>
const T* PackedMatrices::of(const package::TensorNode& node, size_t input, int64_t depth, int64_t columns,
                            linalg::Strided<const T> b) const {
  Slot& slot = *slots_.at({node.inputs[input], input});
  std::call_once(slot.packed, [&] {
    const linalg::Level level = linalg::hostLevel();
    const size_t bytes = sizeof(T) * static_cast<size_t>(linalg::packedElements(level, depth, columns, T{}));
    slot.memory.reserve(bytes);
    slot.elements = slot.memory.take(bytes);
    linalg::pack(level, depth, columns, b, static_cast<T*>(slot.elements));
  });
  return static_cast<const T*>(slot.elements);
}

template const float* PackedMatrices::of(const package::TensorNode&, size_t, int64_t, int64_t, linalg::Strided<const float>) const;
template const double* PackedMatrices::of(const package::TensorNode&, size_t, int64_t, int64_t, linalg::Strided<const double>) const;

}  // namespace acie::scheduler
