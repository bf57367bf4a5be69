// Runs an entry over a whole table, on several threads, in bounded memory and in input order.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/scheduler/Program.h"
#include "runtime/scheduler/Stream.h"
#include "runtime/scheduler/Trace.h"

namespace acie::scheduler {

/// What becomes of a row without an answer (undefined, bad input).
enum class OnBadRow : uint8_t { Null, Fail, Skip };

struct Progress {
  int64_t rows = 0;
  std::optional<double> fraction;  // of the table, where its size is known
};

struct RejectedRow {
  int64_t row = 0;  // global number
  int32_t status = 0;
  std::string reason;  // "log_mass is missing", "the noise of x is outside its law's support"
};

/// Draws where the caller names no number: of `draws[…]`, and behind each estimate.
inline constexpr int64_t kDefaultListedDraws = 1000;
inline constexpr int64_t kDefaultEstimateDraws = 10000;

/// Elements a kernel works on at once: small enough for the second-level cache with some tens of columns.
inline constexpr int64_t kDefaultTile = 4096;

struct RunOptions {
  RunConstants constants;  // scalars of Arguments::finish(), seed
  int64_t draws = 0;       // 0: the default
  int threads = 0;         // 0: one per processor
  int64_t tile = kDefaultTile;
  OnBadRow on_bad_row = OnBadRow::Null;
  bool strict = false;  // an undefined row, or one that violates a constraint, fails the run
  const std::atomic<bool>* cancel = nullptr;
  /// Called now and then, by one thread at a time; true ends the run.
  std::function<bool(const Progress&)> progress;
  std::function<absl::Status(const RejectedRow&)> on_reject;  // called in row order, by one thread at a time
  Trace* trace = nullptr;
};

struct RunSummary {
  int64_t rows = 0;  // of the table
  int64_t answers = 0;
  int64_t bad_input = 0;
  std::vector<int64_t> undefined;  // by Entry::reasons
  int64_t violations = 0;

  int64_t undefined_rows() const {
    int64_t total = 0;
    for (int64_t count : undefined) total += count;
    return total;
  }
};

/// How many threads a run takes.
int threads_of(const RunOptions& options);

/// Runs to the end of the source, or to the first error in row order. Results have the same bits for any tile and number
/// of threads. The sink has seen only part of the answer where an error is returned; it must not publish it then.
absl::StatusOr<RunSummary> run(const Program& program, TileSource& source, AnswerSink& sink, const RunOptions& options);

}  // namespace acie::scheduler
