#include "compiler/lsp/Debounce.h"

#include <algorithm>

namespace acie::lsp {

void Debounce::changed(const std::string& uri, Clock::time_point now) {
  const auto [waiting, fresh] = waiting_.try_emplace(uri, Waiting{now, now});
  waiting->second.last = now;
}

Debounce::Clock::time_point Debounce::due_at(const Waiting& waiting) const {
  return std::min(waiting.last + pause_, waiting.first + limit_);
}

std::optional<Debounce::Clock::time_point> Debounce::deadline() const {
  std::optional<Clock::time_point> next;
  for (const auto& [uri, waiting] : waiting_) {
    if (!next || due_at(waiting) < *next) next = due_at(waiting);
  }
  return next;
}

std::vector<std::string> Debounce::due(Clock::time_point now) {
  std::vector<std::string> due;
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    if (due_at(waiting->second) <= now) {
      due.push_back(waiting->first);
      waiting = waiting_.erase(waiting);
    } else {
      ++waiting;
    }
  }
  return due;
}

}  // namespace acie::lsp
