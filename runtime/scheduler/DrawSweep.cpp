#include "runtime/scheduler/DrawSweep.h"

#include <algorithm>
#include <span>

#include "runtime/status/Errors.h"

namespace acie::scheduler {

using package::Space;

DrawSweep::DrawSweep(const Program& program, const RunConstants& constants, int64_t chunk)
    : program_(program), constants_(constants), chunk_(chunk), arena_(program.memory()), inner_(program.entry().buffers.size()), memory_(program) {
  const auto& buffers = program.entry().buffers;
  size_t bytes = 0;
  for (size_t i = 0; i < buffers.size(); ++i)
    if (program.home(static_cast<int>(i)) == Space::Inner && program.placed(static_cast<int>(i)))
      bytes += Arena::padded(program.point_bytes(static_cast<int>(i)) * static_cast<size_t>(chunk));
  arena_.prepare(bytes);
  for (size_t i = 0; i < buffers.size(); ++i)
    if (program.home(static_cast<int>(i)) == Space::Inner && program.placed(static_cast<int>(i)))
      inner_[i] = take_points(program, static_cast<int>(i), chunk, arena_);
  place_aliases(program, Space::Inner, inner_);
}

DrawSums DrawSweep::empty(const Program& program, int pass, int sweep) {
  DrawSums sums;
  for (const ReduceStep& step : program.reduce_steps())
    if (!step.over_rows && step.sweep == sweep && step.pass <= pass) sums.sums.insert(sums.sums.end(), static_cast<size_t>(step.elements), Accumulator(*step.node));
  return sums;
}

absl::Status DrawSweep::fill(const std::vector<View>& row_views, int64_t row, int64_t number, int pass, int sweep,
                             int64_t begin, int64_t end, int64_t offset) {
  const auto& buffers = program_.entry().buffers;
  views_.resize(buffers.size());
  for (size_t i = 0; i < buffers.size(); ++i) {
    switch (program_.home(static_cast<int>(i))) {
      case Space::Inner: views_[i] = inner_[i].from(offset, buffers[i].dtype); break;
      case Space::Row: views_[i] = {row_views[i].from(row, buffers[i].dtype).data, 0}; break;
      case Space::Table: views_[i] = row_views[i]; break;
    }
  }
  const Range range{.count = end - begin, .row_base = number, .row_step = 0, .draw_base = begin, .draw_step = 1};
  for (const KernelStep& step : program_.kernel_steps())
    if (step.space == Space::Inner && step.sweep <= sweep && step.pass <= pass)
      ACIE_RETURN_IF_ERROR(call_kernel(program_, step, views_, constants_, range, memory_));
  return absl::OkStatus();
}

absl::Status DrawSweep::run(const std::vector<View>& row_views, int64_t row, int64_t number, int pass, int sweep,
                            int64_t begin, int64_t end, DrawSums& sums) {
  const auto& buffers = program_.entry().buffers;
  const int status = program_.entry().status;
  const bool has_status = status >= 0 && program_.home(status) == Space::Inner && sweep + 1 == program_.num_sweeps();
  for (int64_t at = begin; at < end; at += chunk_) {
    const int64_t count = std::min(chunk_, end - at);
    ACIE_RETURN_IF_ERROR(fill(row_views, row, number, pass, sweep, at, at + count, 0));
    if (has_status && sums.status == 0) {
      const int32_t* codes = static_cast<const int32_t*>(inner_[status].data);
      const int32_t* first = std::find_if(codes, codes + count, [](int32_t code) { return code != 0; });
      if (first != codes + count) sums.status = *first;
    }
    size_t next = 0;
    for (const ReduceStep& step : program_.reduce_steps()) {
      if (step.over_rows || step.sweep != sweep || step.pass > pass) continue;
      const std::span<Accumulator> own(&sums.sums[next], static_cast<size_t>(step.elements));
      next += own.size();
      if (step.node->input < 0) {
        own[0].add_count(count);
        continue;
      }
      const View& view = views_[step.node->input];
      Accumulator::add_each(own, {view.data, buffers[step.node->input].dtype, view.stride, nullptr}, count);
    }
  }
  return absl::OkStatus();
}

}  // namespace acie::scheduler
