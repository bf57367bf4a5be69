#include "compiler/Support/Sizes.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace acie::sizes {
namespace {

/// The polynomials met so far, by name and by what they are.
class Names {
 public:
  int64_t of(const Polynomial& polynomial) {
    const std::lock_guard lock(mutex_);
    const auto [found, is_new] = names_.try_emplace(polynomial, kOpen + 1 + static_cast<int64_t>(met_.size()));
    if (is_new) met_.push_back(polynomial);
    return found->second;
  }
  Polynomial find(int64_t name) {
    const std::lock_guard lock(mutex_);
    const auto at = static_cast<size_t>(name - kOpen - 1);
    return at < met_.size() ? met_[at] : Polynomial{};
  }

 private:
  std::mutex mutex_;
  std::map<Polynomial, int64_t> names_;
  std::vector<Polynomial> met_;
};

Names& names() {
  static Names& all = *new Names;
  return all;
}

int64_t held(__int128 factor) {
  return static_cast<int64_t>(std::clamp<__int128>(factor, -kLargestFactor, kLargestFactor));
}

void add(Polynomial& to, const Term& term) {
  const auto at = std::lower_bound(to.begin(), to.end(), term, [](const Term& a, const Term& b) { return a.dims < b.dims; });
  if (at == to.end() || at->dims != term.dims) {
    if (term.factor != 0) to.insert(at, term);
    return;
  }
  at->factor = held(static_cast<__int128>(at->factor) + term.factor);
  if (at->factor == 0) to.erase(at);
}

int64_t size_of(const Polynomial& polynomial) {
  if (polynomial.empty()) return 0;
  if (polynomial.size() == 1 && polynomial[0].dims.empty()) return polynomial[0].factor;
  return names().of(polynomial);
}

}  // namespace

bool any_open(const std::vector<int64_t>& sizes) { return std::any_of(sizes.begin(), sizes.end(), is_open); }

int64_t dimension(std::string_view name) { return names().of({{1, {std::string(name)}}}); }

Polynomial polynomial(int64_t size) {
  if (is_open(size)) return names().find(size);
  return size == 0 ? Polynomial{} : Polynomial{{held(size), {}}};
}

int64_t plus(int64_t a, int64_t b) {
  if (!is_open(a) && !is_open(b)) return held(static_cast<__int128>(a) + b);
  Polynomial sum = polynomial(a);
  for (const Term& term : polynomial(b)) add(sum, term);
  return size_of(sum);
}

int64_t minus(int64_t a, int64_t b) { return plus(a, times(b, -1)); }

int64_t times(int64_t a, int64_t b) {
  if (!is_open(a) && !is_open(b)) return held(static_cast<__int128>(a) * b);
  Polynomial result;
  const Polynomial right = polynomial(b);
  for (const Term& x : polynomial(a)) {
    for (const Term& y : right) {
      Term both{held(static_cast<__int128>(x.factor) * y.factor), x.dims};
      both.dims.insert(both.dims.end(), y.dims.begin(), y.dims.end());
      std::sort(both.dims.begin(), both.dims.end());
      add(result, both);
    }
  }
  return size_of(result);
}

int64_t product(const std::vector<int64_t>& sizes) {
  int64_t result = 1;
  for (const int64_t size : sizes) result = times(result, size);
  return result;
}

bool is_exact(int64_t size) {
  const Polynomial terms = polynomial(size);
  return std::all_of(terms.begin(), terms.end(), [](const Term& term) { return std::abs(term.factor) < kLargestFactor; });
}

std::string text(int64_t size) {
  if (!is_open(size)) return absl::StrCat(size);
  Polynomial terms = polynomial(size);
  // The constant last, as it is written.
  if (!terms.empty() && terms[0].dims.empty()) std::rotate(terms.begin(), terms.begin() + 1, terms.end());
  std::string result;
  for (const Term& term : terms) {
    const bool minus = term.factor < 0;
    const int64_t factor = minus ? -term.factor : term.factor;
    absl::StrAppend(&result, result.empty() ? (minus ? "-" : "") : minus ? " - " : " + ");
    if (factor != 1 || term.dims.empty()) absl::StrAppend(&result, factor, term.dims.empty() ? "" : "*");
    absl::StrAppend(&result, absl::StrJoin(term.dims, "*"));
  }
  return result;
}

std::string spelled(std::string_view from) {
  std::string result;
  for (size_t at = 0; at < from.size();) {
    const bool starts = absl::ascii_isdigit(static_cast<unsigned char>(from[at])) && (at == 0 || !absl::ascii_isalnum(static_cast<unsigned char>(from[at - 1])) || from[at - 1] == 'x');
    size_t end = at;
    int64_t number = 0;
    while (starts && end < from.size() && end - at < 18 && absl::ascii_isdigit(static_cast<unsigned char>(from[end]))) number = number * 10 + (from[end++] - '0');
    if (starts && is_open(number) && !polynomial(number).empty()) {
      const std::string size = text(number);
      absl::StrAppend(&result, size.find(' ') == std::string::npos ? size : absl::StrCat("(", size, ")"));
      at = end;
    } else {
      result += from[at++];
    }
  }
  return result;
}

}  // namespace acie::sizes
