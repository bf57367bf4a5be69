#include "runtime/scheduler/Trace.h"

#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace acie::scheduler {

void Trace::add(const char* name, int64_t row_base, int64_t rows, Clock::time_point begin, Clock::time_point end) {
  const uint64_t thread = std::hash<std::thread::id>{}(std::this_thread::get_id());
  const std::lock_guard<std::mutex> lock(mutex_);
  events_.push_back({name, row_base, rows, begin, end, thread});
}

std::string Trace::json() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto micros = [](Clock::duration d) { return std::chrono::duration<double, std::micro>(d).count(); };
  std::map<uint64_t, int> threads;
  std::string text = "{\"traceEvents\":[";
  for (const Event& event : events_) {
    const int thread = threads.try_emplace(event.thread, static_cast<int>(threads.size()) + 1).first->second;
    absl::StrAppend(&text, &event == events_.data() ? "\n" : ",\n",
                    absl::StrFormat(R"({"name":"%s","ph":"X","pid":1,"tid":%d,"ts":%.3f,"dur":%.3f,"args":{"row":%d,"rows":%d}})",
                                    event.name, thread, micros(event.begin - start_), micros(event.end - event.begin),
                                    event.row_base, event.rows));
  }
  return text + "\n],\"displayTimeUnit\":\"ms\"}\n";
}

}  // namespace acie::scheduler
