// What the benchmarks of whole programs share.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acie/acie.hpp"
#include "compiler/Driver/Driver.h"
#include "compiler/Support/SourceManager.h"

namespace acie::perf {

[[noreturn]] inline void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

template <class T>
T must(absl::StatusOr<T> value) {
  if (!value.ok()) fail(std::string(value.status().message()));
  return *std::move(value);
}

inline double seconds(const std::function<void()>& f) {
  const auto begin = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Of one call: by the clock, and what all threads of the process took of processors, which other programs disturb less.
struct Time {
  double wall = 1e9, processor = 1e9;
};

/// The best times of each over `runs` turns, each run twice in its turn: the first of them finds caches and memory as the rival
/// left them.
inline std::vector<Time> best_times(const std::vector<std::function<void()>>& functions, int runs) {
  std::vector<Time> best(functions.size());
  const auto processor = [] {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  };
  for (int run = 0; run < runs; ++run)
    for (size_t i = 0; i < functions.size(); ++i)
      for (int again = 0; again < 2; ++again) {
        const double begin = processor();
        best[i].wall = std::min(best[i].wall, seconds(functions[i]));
        best[i].processor = std::min(best[i].processor, processor() - begin);
      }
  return best;
}

/// The same by the clock alone.
inline std::vector<double> best_of(const std::vector<std::function<void()>>& functions, int runs) {
  std::vector<double> best;
  for (const Time& time : best_times(functions, runs)) best.push_back(time.wall);
  return best;
}

/// The program compiled and opened.
inline Package compile(const std::string& text) {
  SourceManager sources;
  DiagnosticEngine diagnostics;
  driver::Options options;
  options.stdlib_dir = ACIE_STDLIB_DIR;
  const driver::Result result = must(driver::compile(sources, sources.add("benchmark.acie", text), diagnostics, options));
  if (!result.ok) fail(absl::StrCat("the program does not compile: ", diagnostics.sorted().front().message));
  const auto path = std::filesystem::temp_directory_path() / absl::StrCat("acie-perf-", getpid(), ".aciepkg");
  std::ofstream(path, std::ios::binary) << result.bytes;
  Package package = must(Package::open(path.string(), {.allow_unsigned = true}));
  std::filesystem::remove(path);
  return package;
}

}  // namespace acie::perf
