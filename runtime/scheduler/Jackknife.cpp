#include "runtime/scheduler/Jackknife.h"

#include <cmath>
#include <limits>

namespace acie::scheduler {

double jackknife_error(const View& left_out, int64_t groups) {
  if (groups < 2) return std::numeric_limits<double>::quiet_NaN();
  const auto* estimates = static_cast<const double*>(left_out.data);
  const auto n = static_cast<double>(groups);
  double mean = 0, spread = 0;
  for (int64_t g = 0; g < groups; ++g) mean += estimates[g * left_out.stride] / n;
  for (int64_t g = 0; g < groups; ++g) {
    const double distance = estimates[g * left_out.stride] - mean;
    spread += distance * distance;
  }
  return std::sqrt((n - 1) / n * spread);
}

void take_groups(const Program& program, package::Space space, const std::function<bool(const KernelStep&)>& runs_again, int64_t groups, BorrowedArena& arena,
                 std::vector<View>& views) {
  std::vector<int> written;
  for (const KernelStep& step : program.kernel_steps()) {
    if (!runs_again(step)) continue;
    for (const int buffer : step.written())
      if (program.aliased(buffer) < 0) written.push_back(buffer);
  }
  size_t bytes = 0;
  for (const int buffer : written) bytes += Arena::padded(program.point_bytes(buffer) * static_cast<size_t>(groups));
  arena.prepare(bytes);
  for (const int buffer : written) views[buffer] = take_points(program, buffer, groups, arena);
  place_aliases(program, space, views);
}

}  // namespace acie::scheduler
