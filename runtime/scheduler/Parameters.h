// Tensors of learnt values: where each of an entry's lies for a run.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/package/Plan.h"
#include "runtime/scheduler/Program.h"
#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

/// Collects the tensors of one run. What is set must live as long as the run; what is not set is the program's default, or
/// drawn, and lives here.
class Parameters {
 public:
  explicit Parameters(const Program& program) : program_(program), views_(program.entry().parameters.size()) {}

  /// The elements of parameter `index`, row-major, in its buffer's type.
  void set(size_t index, const void* elements) { views_[index] = {const_cast<void*>(elements), 0}; }

  /// One view per parameter of the entry. Those that have an initial law are drawn from it by `seed` and name; those without
  /// law, default or value are a usage error that names them.
  absl::StatusOr<std::vector<View>> finish(uint64_t seed);

  /// How many elements finish() drew: values that nobody has learnt yet.
  int64_t drawn() const { return drawn_; }

 private:
  const Program& program_;
  std::vector<View> views_;
  std::vector<std::unique_ptr<Arena>> owned_;
  int64_t drawn_ = 0;
};

}  // namespace acie::scheduler
