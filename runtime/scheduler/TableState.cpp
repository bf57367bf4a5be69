#include "runtime/scheduler/TableState.h"

#include "runtime/scheduler/Jackknife.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {

using package::Space;

TableState::TableState(const Program& program, const RunConstants& constants, bool shares_work)
    : program_(program), constants_(constants), arena_(program.memory()), memory_(program), views_(program.entry().buffers.size()), again_(program.memory()),
      left_out_(program.reduce_steps().size()), jackknife_(program.entry().outputs.size()) {
  memory_.shares_work = shares_work;
  const package::Entry& entry = program.entry();
  // Constants and parameters stay where they lie.
  for (const package::ConstantInput& constant : entry.constants)
    views_[constant.buffer] = {const_cast<char*>(program.constants().data()) + constant.at, 0};
  for (size_t i = 0; i < entry.parameters.size(); ++i) views_[entry.parameters[i].buffer] = constants.parameters[i];
  const auto made = [&](size_t i) { return program_.home(static_cast<int>(i)) == Space::Table && views_[i].data == nullptr && program_.placed(static_cast<int>(i)); };
  size_t bytes = 0;
  for (size_t i = 0; i < views_.size(); ++i)
    if (made(i)) bytes += Arena::padded(program_.point_bytes(static_cast<int>(i)));
  arena_.prepare(bytes);
  for (size_t i = 0; i < views_.size(); ++i)
    if (made(i)) views_[i] = {arena_.take(program_.point_bytes(static_cast<int>(i))), 0};
  place_aliases(program_, Space::Table, views_);
}

RowSums sums_over_rows(const Program& program, int pass, int64_t times) {
  RowSums sums;
  for (int64_t i = 0; i < times; ++i)
    for (const ReduceStep& step : program.reduce_steps())
      if (step.over_rows && step.pass == pass) sums.insert(sums.end(), static_cast<size_t>(step.elements), Accumulator(*step.node));
  return sums;
}

absl::Status TableState::run_kernels(int pass) {
  // One element of the table space counts as row 0, draw 0.
  const Range one{.count = 1, .row_base = 0, .row_step = 0, .draw_base = 0, .draw_step = 0};
  for (const KernelStep& step : program_.kernel_steps())
    if (step.space == Space::Table && step.pass == pass)
      ACIE_RETURN_IF_ERROR(call_kernel(program_, step, views_, constants_, one, memory_));
  return absl::OkStatus();
}

void TableState::store(int pass, const RowSums& sums) {
  size_t next = 0;
  for (const ReduceStep& step : program_.reduce_steps()) {
    if (!step.over_rows || step.pass != pass) continue;
    for (int64_t element = 0; element < step.elements; ++element) {
      const Estimate estimate = sums[next++].finish();
      static_cast<double*>(views_[step.node->output].data)[element] = estimate.value;
      if (step.node->standard_error >= 0)
        static_cast<double*>(views_[step.node->standard_error].data)[element] = estimate.standard_error;
    }
  }
  while (next < sums.size()) {  // group after group
    for (size_t i = 0; i < left_out_.size(); ++i) {
      const ReduceStep& step = program_.reduce_steps()[i];
      if (!step.over_rows || step.pass != pass) continue;
      for (int64_t element = 0; element < step.elements; ++element) left_out_[i].push_back(sums[next++].finish().value);
    }
  }
}

absl::Status TableState::run_jackknife(int64_t groups) {
  std::vector<View> views = views_;
  for (size_t i = 0; i < left_out_.size(); ++i)
    if (const ReduceStep& step = program_.reduce_steps()[i]; step.over_rows) views[step.node->output] = {left_out_[i].data(), step.elements};
  const auto runs_again = [](const KernelStep& step) { return step.space == Space::Table && step.pass > 0; };
  take_groups(program_, Space::Table, runs_again, groups, again_, views);
  const Range range{.count = groups, .row_base = 0, .row_step = 0, .draw_base = 0, .draw_step = 0};
  for (const KernelStep& step : program_.kernel_steps())
    if (runs_again(step)) ACIE_RETURN_IF_ERROR(call_kernel(program_, step, views, constants_, range, memory_));
  for (const package::OutputColumn& column : program_.entry().outputs) {
    if (column.jackknife_of < 0) continue;
    const package::OutputColumn& of = program_.entry().outputs[column.jackknife_of];
    jackknife_[column.jackknife_of] = {jackknife_error(element_view(program_.entry(), of, views[of.buffer]), groups)};
  }
  return absl::OkStatus();
}

}  // namespace acie::scheduler
