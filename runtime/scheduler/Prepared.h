// Bind once, call many: an entry on fixed arrays, without allocation, threads or scheduling. For samplers and servers.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/scheduler/Program.h"
#include "runtime/scheduler/RowTile.h"
#include "runtime/scheduler/TableState.h"

namespace acie::scheduler {

/// One thread uses it at a time; make one per thread. Answers per row without draws and without sums over the table can be
/// prepared. A tensor is bound element by element, as the columns and outputs of the entry are: `x[0]`, `x[1]`, … with the stride of
/// an array of vectors; its elements are copied together in every call.
class Prepared {
 public:
  static absl::StatusOr<std::unique_ptr<Prepared>> make(std::shared_ptr<const Program> program, RunConstants constants,
                                                        int64_t max_rows);

  /// Columns and outputs by position in the entry. Types must be the plan's, see input_dtype and output_dtype. The arrays
  /// must hold max_rows elements (a stride of 0: one) and outlive the last call. Outputs do not overlap inputs.
  absl::Status bind_input(size_t column, const void* data, int64_t stride);
  absl::Status bind_output(size_t output, void* data);
  void bind_status(int32_t* status) { status_out_ = status; }
  void bind_violation(double* violation) { violation_out_ = violation; }

  acie_dtype input_dtype(size_t column) const;
  acie_dtype output_dtype(size_t output) const;

  /// Replaces scalar `index` of the entry from the next call on. No check: see Arguments.
  void set_scalar(size_t index, acie_scalar value);

  /// Computes rows [0, rows), rows <= max_rows, whose random numbers and errors count from `row_base`. An output of a row
  /// whose status is not ok is NaN, 0 or false. Unbound inputs are an error, as is a failing kernel.
  absl::Status call(int64_t rows, int64_t row_base);

 private:
  struct Step {
    const KernelStep* step;
    acie_call call;
    size_t first_operand;
  };

  Prepared(std::shared_ptr<const Program> program, RunConstants constants, int64_t max_rows)
      : program_(std::move(program)), constants_(std::move(constants)), max_rows_(max_rows), memory_(*program_), arena_(program_->memory()) {}
  absl::Status check() const;
  void build();
  void finish(int64_t rows);
  absl::Status explain_unbound() const;
  void place_tensors();
  void gather_tensors(int64_t rows);
  absl::Status run_steps(int64_t rows, int64_t row_base);
  absl::Status run_tensors(int64_t rows, int64_t row_base);

  std::shared_ptr<const Program> program_;
  RunConstants constants_;
  int64_t max_rows_;
  std::vector<View> views_;
  std::vector<View> bound_;  // by column
  bool tensors_ = false;     // some buffer holds tensors, or there are loops: steps run as in a tile
  std::unique_ptr<TableState> table_;
  CallScratch memory_;
  BorrowedArena arena_;
  void* scratch_ = nullptr;
  std::vector<acie_buffer> operands_;
  std::vector<Step> steps_;
  std::vector<void*> outputs_;
  std::vector<int32_t> status_;
  int32_t* status_out_ = nullptr;
  double* violation_out_ = nullptr;
  bool built_ = false;
  bool table_stale_ = true;
};

}  // namespace acie::scheduler
