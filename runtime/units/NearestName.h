// "Did you mean …?": the candidates nearest to a name that was not found. Used by the compiler as well.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace acie {

/// Optimal-string-alignment distance (Damerau–Levenshtein with adjacent transpositions), or `limit` + 1 if it
/// is larger.
inline size_t edit_distance(std::string_view a, std::string_view b, size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return std::min(last[b.size()], limit + 1);
}

/// Up to `count` candidates within a third of the name's length (at least 1), nearest first, then
/// alphabetical.
inline std::vector<std::string> nearest_names(std::string_view name,
                                              const std::vector<std::string>& candidates, size_t count) {
  // A one-letter name is at distance 1 of every other one: nothing can be said. No name people write is this
  // long.
  if (name.size() <= 1 || name.size() > 256) return {};
  const size_t limit = std::max<size_t>(1, name.size() / 3);
  std::vector<std::pair<size_t, std::string>> found;
  for (const std::string& candidate : candidates) {
    if (candidate == name || candidate.empty()) continue;
    const size_t distance = edit_distance(name, candidate, limit);
    if (distance <= limit) found.emplace_back(distance, candidate);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<std::string> names;
  for (size_t i = 0; i < found.size() && i < count; ++i) names.push_back(std::move(found[i].second));
  return names;
}

/// The nearest of them; empty if none.
inline std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  std::vector<std::string> names = nearest_names(name, candidates, 1);
  return names.empty() ? std::string() : std::move(names.front());
}

}  // namespace acie
