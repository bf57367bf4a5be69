// What ran when, on which thread, in the trace event format of Chrome and Perfetto.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace acie::scheduler {

class Trace {
 public:
  using Clock = std::chrono::steady_clock;

  /// Records one piece of work; `rows` is shown with it. Any thread may call it.
  void add(const char* name, int64_t row_base, int64_t rows, Clock::time_point begin, Clock::time_point end);

  /// The JSON text.
  std::string json() const;

 private:
  struct Event {
    const char* name;  // a literal
    int64_t row_base, rows;
    Clock::time_point begin, end;
    uint64_t thread;
  };
  mutable std::mutex mutex_;
  std::vector<Event> events_;
  Clock::time_point start_ = Clock::now();
};

/// Records the time between its making and its end; does nothing where `trace` is null.
class TraceScope {
 public:
  TraceScope(Trace* trace, const char* name, int64_t row_base, int64_t rows)
      : trace_(trace), name_(name), row_base_(row_base), rows_(rows) {
    if (trace_ != nullptr) begin_ = Trace::Clock::now();
  }
  ~TraceScope() {
    if (trace_ != nullptr) trace_->add(name_, row_base_, rows_, begin_, Trace::Clock::now());
  }
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  Trace* trace_;
  const char* name_;
  int64_t row_base_, rows_;
  Trace::Clock::time_point begin_;
};

}  // namespace acie::scheduler
