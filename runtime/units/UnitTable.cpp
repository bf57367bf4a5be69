#include "runtime/units/UnitTable.h"

#include <algorithm>
#include <utility>

#include "runtime/units/NearestName.h"
#include "runtime/units/Prefixes.h"

namespace acie::units {
namespace {

Unit spelled(const std::string& name, const Unit& unit) { return *Unit::define(name, Scale(), unit); }

}  // namespace

bool UnitTable::add(std::string name, const Unit& unit, bool prefixable) {
  Entry entry{spelled(name, unit), prefixable};
  return entries_.emplace(std::move(name), std::move(entry)).second;
}

void UnitTable::replace(std::string name, const Unit& unit, bool prefixable) {
  Entry entry{spelled(name, unit), prefixable};
  entries_.insert_or_assign(std::move(name), std::move(entry));
}

std::optional<Unit> UnitTable::find(std::string_view name) const {
  const auto exact = entries_.find(name);
  if (exact != entries_.end()) return exact->second.unit;
  for (const Prefix& prefix : si_prefixes()) {
    if (name.size() <= prefix.symbol.size() || name.substr(0, prefix.symbol.size()) != prefix.symbol)
      continue;
    const auto entry = entries_.find(name.substr(prefix.symbol.size()));
    if (entry == entries_.end() || !entry->second.prefixable) continue;
    const std::optional<Scale> factor = power(*Scale::from_double(10), prefix.exponent);
    return Unit::define(std::string(name), *factor, entry->second.unit);
  }
  return std::nullopt;
}

std::vector<std::string> UnitTable::suggestions(std::string_view name, size_t limit) const {
  std::vector<std::string> candidates;
  for (const auto& [known, entry] : entries_) {
    candidates.push_back(known);
    if (!entry.prefixable) continue;
    for (const Prefix& prefix : si_prefixes())
      if (prefix.exponent % 3 == 0 && prefix.symbol.size() == 1)
        candidates.push_back(std::string(prefix.symbol) + known);
  }
  std::vector<std::string> names = nearest_names(name, candidates, candidates.size());
  // A difference in case alone is the likeliest slip.
  const auto lower = [](std::string_view text) {
    std::string result(text);
    for (char& c : result)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
  };
  const auto other_case = [wanted = lower(name), lower](const std::string& known) {
    return lower(known) == wanted;
  };
  if (const auto same = std::find_if(names.begin(), names.end(), other_case); same != names.end())
    std::rotate(names.begin(), same, same + 1);
  if (names.size() > limit) names.resize(limit);
  return names;
}

}  // namespace acie::units
