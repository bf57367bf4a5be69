#include "runtime/loader/CpuLevel.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "runtime/status/Errors.h"

namespace acie::loader {
namespace {

// Best first. Each level includes those after it.
constexpr std::string_view kLevels[] = {"x86-64-v4", "x86-64-v3"};

std::vector<std::string> missing_of_v3() {
  std::vector<std::string> missing;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const auto need = [&](bool present, const char* name) {
    if (!present) missing.push_back(name);
  };
  need(__builtin_cpu_supports("avx"), "avx");
  need(__builtin_cpu_supports("avx2"), "avx2");
  need(__builtin_cpu_supports("fma"), "fma");
  need(__builtin_cpu_supports("bmi"), "bmi1");
  need(__builtin_cpu_supports("bmi2"), "bmi2");
  need(__builtin_cpu_supports("popcnt"), "popcnt");
  need(__builtin_cpu_supports("sse4.2"), "sse4_2");
  need(__builtin_cpu_supports("x86-64-v3"), "f16c, lzcnt or movbe");
#else
  missing.push_back("an x86-64 processor");
#endif
  return missing;
}

std::vector<std::string> missing_of_v4() {
  std::vector<std::string> missing = missing_of_v3();
#if defined(__x86_64__)
  const auto need = [&](bool present, const char* name) {
    if (!present) missing.push_back(name);
  };
  need(__builtin_cpu_supports("avx512f"), "avx512f");
  need(__builtin_cpu_supports("avx512bw"), "avx512bw");
  need(__builtin_cpu_supports("avx512cd"), "avx512cd");
  need(__builtin_cpu_supports("avx512dq"), "avx512dq");
  need(__builtin_cpu_supports("avx512vl"), "avx512vl");
#endif
  return missing;
}

}  // namespace

std::vector<std::string> missing_features(std::string_view target) {
  if (target == "x86-64-v4") return missing_of_v4();
  if (target == "x86-64-v3") return missing_of_v3();
  return {"a processor called " + std::string(target)};
}

absl::StatusOr<size_t> choose_target(const std::vector<std::string>& targets, std::string_view wanted) {
  if (!wanted.empty()) {
    const auto found = std::find(targets.begin(), targets.end(), wanted);
    if (found == targets.end())
      return usage_error("the package has no variant " + std::string(wanted) + "; it has " + absl::StrJoin(targets, ", "));
    if (const auto missing = missing_features(wanted); !missing.empty())
      return run_error("this processor cannot run " + std::string(wanted) + ": it lacks " + absl::StrJoin(missing, ", "));
    return static_cast<size_t>(found - targets.begin());
  }
  for (std::string_view level : kLevels) {
    const auto found = std::find(targets.begin(), targets.end(), level);
    if (found != targets.end() && missing_features(level).empty()) return static_cast<size_t>(found - targets.begin());
  }
  if (targets.empty()) return run_error("the package holds no kernels");
  const auto missing = missing_features(targets.back());
  return run_error("this processor can run none of the package's variants (" + absl::StrJoin(targets, ", ") + "); for " +
                   targets.back() + " it lacks " + absl::StrJoin(missing, ", "));
}

}  // namespace acie::loader
