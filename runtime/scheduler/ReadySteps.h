// Steps of a loop made ready to be run many times: what is the same every time is worked out once.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "kernels/linalg/Gemm.h"
#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

/// The body of a loop over one range. From one run to the next only the data of buffers in `moving` may be elsewhere, not their
/// strides, and those of slices of them.
class ReadySteps {
 public:
  /// `views` as they are for the first run; `moving`: by buffer. All arguments must outlive the steps.
  ReadySteps(const Program& program, const std::vector<KernelStep>& body, std::vector<View>& views, const RunConstants& constants,
             const Range& range, CallScratch& memory, std::vector<bool> moving);

  /// The body once, on `views` as they are now.
  absl::Status run();

 private:
  /// Where a call keeps the data of a buffer that moves.
  struct Place {
    void** data;
    int buffer;
  };
  struct Slice {
    int output, of;
    size_t bytes;
  };
  /// One call of a kernel.
  struct Kernel {
    const package::KernelNode* node;
    std::vector<acie_buffer> operands;
    acie_call call;
    std::vector<Place> places;
  };
  template <typename T>
  struct Multiplication {
    linalg::Product<T> product;
    int a, b, c;  // buffers of the product's operands and of the result
  };
  /// Two that linalg::multiplyPair takes.
  template <typename T>
  struct MultiplicationPair {
    Multiplication<T> first, second;
  };
  /// Anything else: several calls, an operation on tensors, a loop.
  struct Other {
    const KernelStep* step;
  };
  using Step = std::variant<Slice, Kernel, Multiplication<float>, Multiplication<double>, MultiplicationPair<float>, MultiplicationPair<double>, Other>;

  Step ready(const KernelStep& step);
  std::optional<Kernel> kernel(const package::KernelNode& node);
  template <typename T>
  std::optional<Multiplication<T>> multiplication(const package::TensorNode& node);
  /// Appends `step`, or makes a pair of it and the one before.
  void add(Step step);
  template <typename T>
  bool paired(const Step& step);
  template <typename T>
  void place(Multiplication<T>& step);
  absl::Status run(const Slice& step);
  absl::Status run(Kernel& step);
  template <typename T>
  absl::Status run(Multiplication<T>& step);
  template <typename T>
  absl::Status run(MultiplicationPair<T>& step);
  absl::Status run(const Other& step);

  const Program& program_;
  std::vector<View>& views_;
  const RunConstants& constants_;
  const Range range_;
  CallScratch& memory_;
  std::vector<bool> moving_;
  std::vector<Step> steps_;
  Arena scratch_memory_;
  void* scratch_ = nullptr;  // of the calls made ready, one after the other; others use memory_
};

}  // namespace acie::scheduler
