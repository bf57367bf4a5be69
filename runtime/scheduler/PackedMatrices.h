// Learnt matrices in the order in which products read them.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "kernels/linalg/Gemm.h"
#include "runtime/package/Plan.h"
#include "runtime/scheduler/Program.h"

namespace acie::scheduler {

/// One packed operand for each product whose matrix is the same at every point of a run. Made when it is first asked for, by
/// the thread that asks; the others wait. Belongs to one run's parameters.
class PackedMatrices {
 public:
  explicit PackedMatrices(const Program& program);
  ~PackedMatrices();

  /// `b`, depth × columns, packed. `node` is a product of the program.
  template <typename T>
  const T* of(const package::TensorNode& node, int64_t depth, int64_t columns, linalg::Strided<const T> b) const;

 private:
  struct Slot;
  std::map<const package::TensorNode*, std::unique_ptr<Slot>> slots_;
};

}  // namespace acie::scheduler
