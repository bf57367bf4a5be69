#include "runtime/scheduler/PackedMatrices.h"

#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

struct PackedMatrices::Slot {
  std::once_flag packed;
  Arena memory;
  void* elements = nullptr;
};

PackedMatrices::PackedMatrices(const Program& program) : slots_(2 * program.entry().buffers.size()) {
  std::set<int> changing;
  for (const KernelStep& step : program.kernel_steps())
    if (step.loop != nullptr) {
      const std::vector<int> written = step.written();
      changing.insert(written.begin(), written.end());
    }
  add(program, program.kernel_steps(), changing);
}

void PackedMatrices::add(const Program& program, const std::vector<KernelStep>& steps, const std::set<int>& changing) {
  for (const KernelStep& step : steps) {
    add(program, step.body, changing);
    for (size_t input = 0; step.tensor != nullptr && step.tensor->op == package::TensorNode::Op::Contract && input < 2; ++input)
      if (program.home(step.tensor->inputs[input]) == package::Space::Table && changing.count(step.tensor->inputs[input]) == 0 && slots_[place(*step.tensor, input)] == nullptr)
        slots_[place(*step.tensor, input)] = std::make_unique<Slot>();
  }
}

bool PackedMatrices::keeps(const package::TensorNode& node, size_t input) const { return slots_[place(node, input)] != nullptr; }

PackedMatrices::~PackedMatrices() = default;

template <typename T>
const T* PackedMatrices::of(const package::TensorNode& node, size_t input, int64_t depth, int64_t columns,
                            linalg::Strided<const T> b) const {
  Slot& slot = *slots_[place(node, input)];
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
