// When documents that keep changing are checked: after a pause in the typing, and not later than a limit.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace acie::lsp {

class Debounce {
 public:
  using Clock = std::chrono::steady_clock;

  /// A document is due `pause` after its last change, and at the latest `limit` after the first one that waits.
  explicit Debounce(Clock::duration pause = std::chrono::milliseconds(60), Clock::duration limit = std::chrono::milliseconds(400))
      : pause_(pause), limit_(limit) {}

  void set_pause(Clock::duration pause) { pause_ = pause; }
  void changed(const std::string& uri, Clock::time_point now);
  void forget(const std::string& uri) { waiting_.erase(uri); }
  /// When the next document is due; nullopt if none waits.
  std::optional<Clock::time_point> deadline() const;
  /// Takes the documents that are due.
  std::vector<std::string> due(Clock::time_point now);

 private:
  struct Waiting {
    Clock::time_point first, last;
  };
  Clock::time_point due_at(const Waiting& waiting) const;

  Clock::duration pause_, limit_;
  std::map<std::string, Waiting> waiting_;
};

}  // namespace acie::lsp
