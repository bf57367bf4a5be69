#include "runtime/scheduler/TableState.h"

#include "runtime/status/Errors.h"

namespace acie::scheduler {

using package::Space;

TableState::TableState(const Program& program, const RunConstants& constants)
    : program_(program), constants_(constants), views_(program.entry().buffers.size()) {
  arena_.reserve(views_.size() * Arena::kAlignment);
  for (size_t i = 0; i < views_.size(); ++i)
    if (program_.home(static_cast<int>(i)) == Space::Table) views_[i] = {arena_.take(sizeof(double)), 0};
}

RowSums TableState::sums_of(int pass) const {
  RowSums sums;
  for (const ReduceStep& step : program_.reduce_steps())
    if (step.over_rows && step.pass == pass) sums.emplace_back(*step.node);
  return sums;
}

absl::Status TableState::run_kernels(int pass) {
  CallScratch memory;
  // One element of the table space counts as row 0, draw 0.
  const Range one{.count = 1, .row_base = 0, .row_step = 0, .draw_base = 0, .draw_step = 0};
  for (const KernelStep& step : program_.kernel_steps())
    if (step.space == Space::Table && step.pass == pass)
      ACIE_RETURN_IF_ERROR(call_kernel(program_, step, views_, constants_, one, memory));
  return absl::OkStatus();
}

void TableState::store(int pass, const RowSums& sums) {
  size_t next = 0;
  for (const ReduceStep& step : program_.reduce_steps()) {
    if (!step.over_rows || step.pass != pass) continue;
    const Estimate estimate = sums[next++].finish();
    *static_cast<double*>(views_[step.node->output].data) = estimate.value;
    if (step.node->standard_error >= 0)
      *static_cast<double*>(views_[step.node->standard_error].data) = estimate.standard_error;
  }
}

}  // namespace acie::scheduler
