// Learnt matrices in the order in which products read them.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "kernels/linalg/Gemm.h"
#include "runtime/package/Plan.h"
#include "runtime/scheduler/Program.h"

namespace acie::scheduler {

/// One packed operand for each matrix that is the same at every point of a run, for all products that read it the same way.
/// Made when it is first asked for, by the thread that asks; the others wait. Belongs to one run's parameters.
class PackedMatrices {
 public:
  explicit PackedMatrices(const Program& program);
  ~PackedMatrices();

  /// Whether operand `input` of `node` is such a matrix.
  bool keeps(const package::TensorNode& node, size_t input) const;

  /// `b`, depth × columns, packed: the matrix of operand `input` (0 or 1) of `node`, a product of the program.
  template <typename T>
  const T* of(const package::TensorNode& node, size_t input, int64_t depth, int64_t columns, linalg::Strided<const T> b) const;

 private:
  struct Slot;
  /// `changing`: buffers of loops, which are another matrix at every step.
  void add(const Program& program, const std::vector<KernelStep>& steps, const std::set<int>& changing);
  /// Two per buffer, by which operand it is; null for most. Steps of loops ask often.
  std::vector<std::unique_ptr<Slot>> slots_;
  static size_t place(const package::TensorNode& node, size_t input) { return 2 * static_cast<size_t>(node.inputs[input]) + input; }
};

}  // namespace acie::scheduler
