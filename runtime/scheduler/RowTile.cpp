#include "runtime/scheduler/RowTile.h"

#include <emmintrin.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <span>

#include "runtime/scheduler/Handoff.h"
#include "runtime/scheduler/Jackknife.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::ColumnInput;
using package::Space;

// With fewer rows than this in a tile, the draws of one row are shared among threads.
constexpr int64_t kFewRows = 8;
constexpr int64_t kMaxSegments = 64;
// What the sums of all segments may take.
constexpr int64_t kSegmentBytes = int64_t{256} << 20;

/// Whether every element lies within low..high; NaN does not. Without branches and in vectors: this is the whole check for
/// nearly all tiles.
template <typename T>
bool all_within(const T* values, int64_t rows, double low, double high) {
  constexpr int64_t kLanes = 2, kUnroll = 4;
  const __m128d lows = _mm_set1_pd(low), highs = _mm_set1_pd(high);
  __m128d good[kUnroll];
  std::fill_n(good, kUnroll, _mm_cmpeq_pd(lows, lows));
  int64_t i = 0;
  for (; i + kLanes * kUnroll <= rows; i += kLanes * kUnroll)
#pragma GCC unroll 4
    for (int64_t u = 0; u < kUnroll; ++u) {
      const T* at = values + i + kLanes * u;
      const __m128d value = _mm_setr_pd(static_cast<double>(at[0]), static_cast<double>(at[1]));
      good[u] = _mm_and_pd(good[u], _mm_and_pd(_mm_cmpge_pd(value, lows), _mm_cmple_pd(value, highs)));
    }
  bool all = _mm_movemask_pd(_mm_and_pd(_mm_and_pd(good[0], good[1]), _mm_and_pd(good[2], good[3]))) == 3;
  for (; i < rows; ++i) all &= static_cast<double>(values[i]) >= low && static_cast<double>(values[i]) <= high;
  return all;
}

template <typename T>
void check_range(const ColumnInput& column, const View& view, const View& presence, int64_t rows,
                 std::vector<int32_t>& status) {
  const T* values = static_cast<const T*>(view.data);
  if (view.stride == 1 && all_within(values, rows, column.low, column.high)) return;
  const uint8_t* present = static_cast<const uint8_t*>(presence.data);
  for (int64_t i = 0; i < rows; ++i) {
    if (present != nullptr && present[i * presence.stride] == 0) continue;
    const double value = static_cast<double>(values[i * view.stride]);
    if (!(value >= column.low && value <= column.high)) status[i] = kRowBadInput;
  }
}

/// The same for tensors of `elements` that lie one after the other.
template <typename T>
void check_tensors(const ColumnInput& column, const void* data, int64_t elements, int64_t rows, std::vector<int32_t>& status) {
  const T* values = static_cast<const T*>(data);
  if (all_within(values, rows * elements, column.low, column.high)) return;
  for (int64_t i = 0; i < rows; ++i)
    if (!all_within(values + i * elements, elements, column.low, column.high)) status[i] = kRowBadInput;
}

/// The first error of several threads.
class FirstError {
 public:
  void set(absl::Status status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (status_.ok()) status_ = std::move(status);
    failed_.store(true, std::memory_order_relaxed);
  }
  bool failed() const { return failed_.load(std::memory_order_relaxed); }
  absl::Status take() { return status_; }

 private:
  std::mutex mutex_;
  std::atomic<bool> failed_{false};
  absl::Status status_;
};

}  // namespace

RowTile::RowTile(const Program& program, const RunConstants& constants, const DrawOptions& draws)
    : program_(program),
      constants_(constants),
      draws_(draws),
      views_(program.entry().buffers.size()),
      arena_(program.memory()),
      again_(program.memory()),
      memory_(program),
      sweeps_([this] { return DrawSweep(program_, constants_, draws_.chunk); }),
      jackknife_(program.entry().outputs.size()),
      left_out_(program.reduce_steps().size()) {
  memory_.shares_work = true;
}

absl::Status RowTile::run(const TileInput& input, const TableState& table, int pass, const std::atomic<bool>* cancel) {
  const auto& buffers = program_.entry().buffers;
  rows_ = input.rows;
  row_base_ = input.row_base;
  size_t bytes = 0;
  for (const size_t row : program_.slots()) bytes += Arena::padded(row * static_cast<size_t>(rows_));
  arena_.prepare(bytes);
  slots_.clear();
  for (const size_t row : program_.slots()) slots_.push_back(arena_.take(row * static_cast<size_t>(rows_)));
  for (size_t i = 0; i < buffers.size(); ++i) {
    const int buffer = static_cast<int>(i);
    if (program_.is_column(buffer))
      views_[i] = input.columns[i];
    else if (program_.slot(buffer) >= 0)
      views_[i] = {slots_[static_cast<size_t>(program_.slot(buffer))], buffers[i].elements()};
    else
      views_[i] = table.views()[i];
  }
  place_aliases(program_, Space::Row, views_);
  for (int sweep = 0; sweep <= program_.num_sweeps(); ++sweep) {
    ACIE_RETURN_IF_ERROR(run_row_kernels(pass, sweep));
    // After the first kernels, which give every row some result: they wait for the columns while they compute, the check would
    // only wait.
    if (sweep == 0) check_columns(input);
    if (program_.entry().has_draws && program_.entry().shape != package::Entry::Shape::PerDraw &&
        sweep < program_.num_sweeps())
      ACIE_RETURN_IF_ERROR(run_draws(pass, sweep, cancel));
  }
  take_row_status();
  if (program_.has_jackknife() && pass + 1 == program_.num_passes()) return run_jackknife(pass);
  return absl::OkStatus();
}

void RowTile::check_columns(const TileInput& input) {
  if (input.initial_status != nullptr)
    status_.assign(input.initial_status, input.initial_status + rows_);
  else
    status_.assign(static_cast<size_t>(rows_), kRowOk);
  for (const ColumnInput& column : program_.entry().columns) {
    const View view = views_[column.buffer];
    const package::Buffer& buffer = program_.entry().buffers[column.buffer];
    if (!buffer.shape.empty()) {
      // All elements with the first: they have one range.
      if (column.vector->element > 0) continue;
      switch (buffer.dtype) {
        case ACIE_F64: check_tensors<double>(column, view.data, buffer.elements(), rows_, status_); break;
        case ACIE_F32: check_tensors<float>(column, view.data, buffer.elements(), rows_, status_); break;
        case ACIE_I64: check_tensors<int64_t>(column, view.data, buffer.elements(), rows_, status_); break;
        case ACIE_I32: check_tensors<int32_t>(column, view.data, buffer.elements(), rows_, status_); break;
        case ACIE_BOOL: check_tensors<uint8_t>(column, view.data, buffer.elements(), rows_, status_); break;
      }
      continue;
    }
    const View presence = column.presence >= 0 ? views_[column.presence] : View{};
    switch (program_.entry().buffers[column.buffer].dtype) {
      case ACIE_F64: check_range<double>(column, view, presence, rows_, status_); break;
      case ACIE_F32: check_range<float>(column, view, presence, rows_, status_); break;
      case ACIE_I64: check_range<int64_t>(column, view, presence, rows_, status_); break;
      case ACIE_I32: check_range<int32_t>(column, view, presence, rows_, status_); break;
      case ACIE_BOOL: check_range<uint8_t>(column, view, presence, rows_, status_); break;
    }
  }
}

absl::Status RowTile::run_row_kernels(int pass, int sweep) {
  const Range range{.count = rows_, .row_base = row_base_, .row_step = 1, .draw_base = 0, .draw_step = 0};
  for (const KernelStep& step : program_.kernel_steps())
    if (step.space == Space::Row && step.sweep == sweep && step.pass <= pass)
      ACIE_RETURN_IF_ERROR(call_kernel(program_, step, views_, constants_, range, memory_));
  return absl::OkStatus();
}

void RowTile::take_row_status() {
  const int buffer = program_.entry().status;
  if (buffer < 0 || program_.home(buffer) != Space::Row) return;
  const int32_t* codes = static_cast<const int32_t*>(views_[buffer].data);
  for (int64_t i = 0; i < rows_; ++i)
    if (status_[i] == kRowOk && codes[i * views_[buffer].stride] > 0) status_[i] = codes[i * views_[buffer].stride];
}

absl::Status RowTile::run_draws(int pass, int sweep, const std::atomic<bool>* cancel) {
  const bool grouped = program_.has_jackknife();
  const int64_t draws = draws_.draws;
  int64_t segments = 1;
  if (grouped)
    segments = jackknife_groups(draws);
  else if (rows_ < kFewRows)
    segments = std::clamp<int64_t>(draws / draws_.chunk, 1, kMaxSegments);
  const DrawSums empty = DrawSweep::empty(program_, pass, sweep);
  if (!grouped) segments = std::clamp<int64_t>(kSegmentBytes / static_cast<int64_t>(sizeof(Accumulator) * (empty.sums.size() + 1)), 1, segments);
  if (grouped)
    for (size_t i = 0; i < left_out_.size(); ++i)
      if (const ReduceStep& step = program_.reduce_steps()[i]; !step.over_rows) left_out_[i].resize(static_cast<size_t>(rows_ * segments * step.elements));

  FirstError error;
  const auto stopped = [&] {
    return error.failed() || (cancel != nullptr && cancel->load(std::memory_order_relaxed));
  };
  const auto run_segment = [&](int64_t row, int64_t segment, DrawSums& sums) {
    if (stopped()) return;
    const int64_t begin = draws * segment / segments, end = draws * (segment + 1) / segments;
    absl::Status status =
        sweeps_.local().run(views_, row, row_base_ + row, pass, sweep, begin, end, sums);
    if (!status.ok()) error.set(std::move(status));
  };
  const auto finish_row = [&](int64_t row, std::vector<DrawSums>& parts) {
    DrawSums whole = grouped ? parts[0] : std::move(parts[0]);
    for (int64_t s = 1; s < segments; ++s) {
      for (size_t i = 0; i < whole.sums.size(); ++i) whole.sums[i].merge(parts[s].sums[i]);
      if (whole.status == 0) whole.status = parts[s].status;
    }
    if (status_[row] == kRowOk && whole.status > 0) status_[row] = whole.status;
    size_t next = 0;
    for (size_t i = 0; i < program_.reduce_steps().size(); ++i) {
      const ReduceStep& step = program_.reduce_steps()[i];
      if (step.over_rows || step.sweep != sweep || step.pass > pass) continue;
      for (int64_t element = 0; element < step.elements; ++element) {
        const size_t sum = next++;
        const int64_t place = row * step.elements + element;
        const Estimate estimate = whole.sums[sum].finish();
        static_cast<double*>(views_[step.node->output].data)[place] = estimate.value;
        if (step.node->standard_error >= 0)
          static_cast<double*>(views_[step.node->standard_error].data)[place] = estimate.standard_error;
        if (!grouped) continue;
        // Without group g: what comes before it and what comes after it.
        std::vector<Accumulator> after(static_cast<size_t>(segments), Accumulator(*step.node));
        for (int64_t g = segments - 2; g >= 0; --g) {
          after[g] = parts[g + 1].sums[sum];
          after[g].merge(after[g + 1]);
        }
        Accumulator before(*step.node);
        for (int64_t g = 0; g < segments; ++g) {
          Accumulator rest = before;
          rest.merge(after[g]);
          left_out_[i][(row * segments + g) * step.elements + element] = rest.finish().value;
          before.merge(parts[g].sums[sum]);
        }
      }
    }
  };
  // A row that is bad already needs no draws.
  const auto skip_row = [&](int64_t row) {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    for (size_t i = 0; i < program_.reduce_steps().size(); ++i) {
      const ReduceStep& step = program_.reduce_steps()[i];
      if (step.over_rows || step.sweep != sweep || step.pass > pass) continue;
      const auto fill = [&](int buffer) { std::fill_n(static_cast<double*>(views_[buffer].data) + row * step.elements, step.elements, kNan); };
      fill(step.node->output);
      if (step.node->standard_error >= 0) fill(step.node->standard_error);
      if (grouped) std::fill_n(left_out_[i].begin() + row * segments * step.elements, segments * step.elements, kNan);
    }
  };
  if (rows_ < kFewRows) {
    for (int64_t row = 0; row < rows_ && !stopped(); ++row) {
      if (status_[row] != kRowOk) {
        skip_row(row);
        continue;
      }
      std::vector<DrawSums> parts(static_cast<size_t>(segments), empty);
      hand_over(&parts);
      tbb::parallel_for(int64_t{0}, segments, [&](int64_t segment) {
        const Handoff each(&parts);
        run_segment(row, segment, parts[segment]);
      });
      take_over(&parts);
      finish_row(row, parts);
    }
  } else {
    hand_over(&empty);
    tbb::parallel_for(int64_t{0}, rows_, [&](int64_t row) {
      const Handoff each(&empty);
      if (stopped()) return;
      if (status_[row] != kRowOk) return skip_row(row);
      std::vector<DrawSums> parts(static_cast<size_t>(segments), empty);
      for (int64_t segment = 0; segment < segments; ++segment) run_segment(row, segment, parts[segment]);
      finish_row(row, parts);
    });
    take_over(&empty);
  }
  return error.take();
}

absl::Status RowTile::run_jackknife(int pass) {
  const int64_t groups = jackknife_groups(draws_.draws);
  if (program_.has_table_jackknife())
    group_sums_ = sums_over_rows(program_, pass, groups);
  else
    for (const package::OutputColumn& column : program_.entry().outputs)
      if (column.jackknife_of >= 0) jackknife_[column.jackknife_of].resize(static_cast<size_t>(rows_));
  std::vector<View> views(views_.size());
  for (int64_t row = 0; row < rows_; ++row) ACIE_RETURN_IF_ERROR(jackknife_row(row, pass, groups, views));
  return absl::OkStatus();
}

absl::Status RowTile::jackknife_row(int64_t row, int pass, int64_t groups, std::vector<View>& views) {
  const auto& buffers = program_.entry().buffers;
  for (size_t i = 0; i < views.size(); ++i)
    views[i] = program_.home(static_cast<int>(i)) == Space::Row ? View{views_[i].from(row, buffers[i].dtype).data, 0}
                                                                 : views_[i];
  for (size_t i = 0; i < left_out_.size(); ++i) {
    const ReduceStep& step = program_.reduce_steps()[i];
    if (!step.over_rows) views[step.node->output] = {left_out_[i].data() + row * groups * step.elements, step.elements};
  }
  // What depends on the estimates is computed once more, one point per group left out.
  const auto runs_again = [&](const KernelStep& step) { return step.space == Space::Row && step.after_draws && step.pass <= pass; };
  take_groups(program_, Space::Row, runs_again, groups, again_, views);
  const Range range{.count = groups, .row_base = row_base_ + row, .row_step = 0, .draw_base = 0, .draw_step = 0};
  for (const KernelStep& step : program_.kernel_steps())
    if (runs_again(step)) ACIE_RETURN_IF_ERROR(call_kernel(program_, step, views, constants_, range, memory_));
  for (const package::OutputColumn& column : program_.entry().outputs) {
    if (column.jackknife_of < 0 || program_.has_table_jackknife()) continue;
    const package::OutputColumn& of = program_.entry().outputs[column.jackknife_of];
    jackknife_[column.jackknife_of][row] = jackknife_error(element_view(program_.entry(), of, views[of.buffer]), groups);
  }
  if (program_.has_table_jackknife() && status_[row] == kRowOk) add_groups(pass, groups, views);
  return absl::OkStatus();
}

/// Adds what a row comes to without each group to the sums over rows without it.
void RowTile::add_groups(int pass, int64_t groups, const std::vector<View>& views) {
  size_t next = 0;
  for (int64_t g = 0; g < groups; ++g) {
    for (const ReduceStep& step : program_.reduce_steps()) {
      if (!step.over_rows || step.pass != pass) continue;
      const std::span<Accumulator> own(&group_sums_[next], static_cast<size_t>(step.elements));
      next += own.size();
      if (step.node->input < 0) {
        own[0].add_count(1);
        continue;
      }
      const acie_dtype dtype = program_.entry().buffers[step.node->input].dtype;
      Accumulator::add_each(own, {views[step.node->input].from(g, dtype).data, dtype, 0, nullptr}, 1);
    }
  }
}

void RowTile::add_to(RowSums& sums, int pass) {
  if (sums.empty()) return;
  keep_.resize(static_cast<size_t>(rows_));
  int64_t kept = 0;
  for (int64_t i = 0; i < rows_; ++i) kept += keep_[i] = status_[i] == kRowOk;
  size_t next = 0;
  for (const ReduceStep& step : program_.reduce_steps()) {
    if (!step.over_rows || step.pass != pass) continue;
    const std::span<Accumulator> own(&sums[next], static_cast<size_t>(step.elements));
    next += own.size();
    if (step.node->input < 0) {
      own[0].add_count(kept);
      continue;
    }
    const View& view = views_[step.node->input];
    Accumulator::add_each(own, {view.data, program_.entry().buffers[step.node->input].dtype, view.stride, keep_.data()}, rows_);
  }
  for (size_t i = 0; i < group_sums_.size(); ++i) sums[next + i].merge(group_sums_[i]);
}

}  // namespace acie::scheduler
