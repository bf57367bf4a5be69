// What people see: a table of the answer, a progress bar, a summary.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "runtime/scheduler/Run.h"
#include "tools/acie-run/Options.h"

namespace acie::cli {

/// Keeps the first rows of an answer and counts the others, to print them as an aligned table.
class TableSink : public scheduler::AnswerSink {
 public:
  static constexpr size_t kShownRows = 40;

  explicit TableSink(std::vector<scheduler::AnswerField> fields) : fields_(std::move(fields)) {}

  absl::StatusOr<std::unique_ptr<scheduler::EncodedTile>> encode(const scheduler::AnswerTile& tile) const override;
  absl::Status write(const scheduler::EncodedTile& tile) override;

  /// Names, units where there are any, rows; numbers to six digits, aligned right.
  std::string text() const;

 private:
  std::vector<scheduler::AnswerField> fields_;
  std::vector<std::vector<std::string>> rows_;
  int64_t total_ = 0;
};

/// A bar on standard error, redrawn at most ten times a second.
class ProgressBar {
 public:
  explicit ProgressBar(ProgressMode mode);
  ~ProgressBar();

  bool enabled() const { return enabled_; }
  void update(const scheduler::Progress& progress);

 private:
  using Clock = std::chrono::steady_clock;
  bool enabled_;
  bool drawn_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

/// "477 rows in 0.01 s (47,700 rows/s); 12 undefined: 12 × reason; 97 bad input".
std::string summary_line(const package::Entry& entry, const scheduler::RunSummary& summary, double seconds);

/// 12345678 as 12,345,678.
std::string grouped(int64_t number);

}  // namespace acie::cli
