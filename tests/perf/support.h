// What the benchmarks of whole programs share.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
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

/// The best time of each over `runs` turns, each run twice in its turn: the first of them finds caches and memory as the rival
/// left them.
inline std::vector<double> best_of(const std::vector<std::function<void()>>& functions, int runs) {
  std::vector<double> best(functions.size(), 1e9);
  for (int run = 0; run < runs; ++run)
    for (size_t i = 0; i < functions.size(); ++i)
      for (int again = 0; again < 2; ++again) best[i] = std::min(best[i], seconds(functions[i]));
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
