// Reductions, softmax and layer norm of a learnt matrix through the whole compiler and runtime, against a copy of the same
// bytes, and LibTorch where it is found, in the same run. One thread, and two by the clock. GB/s count every byte that has to be read once and, of results that are tensors, written
// once; a copy reads and writes its bytes. Least processor times of runs taken in turn. An argument runs those whose name holds it.
#include <algorithm>
#include <cstring>
#include <random>

#include "kernels/reduce/Fold.h"
#include "tests/perf/support.h"
#ifdef ACIE_WITH_TORCH
#include "tests/perf/tensors/torch_rival.h"
#define ACIE_RIVAL(rival) rival
#else
#define ACIE_RIVAL(rival) nullptr
#endif

namespace acie::perf {
namespace {

void write_parameter(const std::string& name, int rows, int columns, const std::vector<float>& values, const std::string& path) {
  std::string header = absl::StrCat("{\"", name, "\":{\"dtype\":\"F32\",\"shape\":[", rows, ",", columns, "],\"data_offsets\":[0,", values.size() * sizeof(float), "]}}");
  while (header.size() % 8 != 0) header += ' ';
  const uint64_t size = header.size();
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&size), 8);
  out << header;
  out.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
}

std::string wanted;  // in names
constexpr int kRuns = 20;

void print(const std::string& name, int64_t rows, int64_t columns, double own, double bytes, double copy, double copied) {
  std::printf("%-34s %5ld x %5ld: %8.0f us, %6.1f GB/s; a copy %6.1f GB/s\n", name.c_str(), rows, columns, own * 1e6, bytes / own * 1e-9, copied / copy * 1e-9);
}

using Rival = std::function<void()> (*)(const float* values, int rows, int columns, int threads);

/// `steps` of a model with `learn w : f32[rows, columns]`; their last, `y`, is a number.
void measure(const std::string& name, const std::string& steps, int rows, int columns, double bytes_moved, Rival rival = nullptr) {
  if (name.find(wanted) == std::string::npos) return;
  const Package package = compile(absl::StrCat("model M {\n  learn w : f32[", rows, ", ", columns, "]\n  ", steps, "\n}\nquery go on M { return y }\n"));
  std::vector<float> values(static_cast<size_t>(rows) * static_cast<size_t>(columns)), other(values.size());
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  for (float& value : values) value = normal(generator);
  const auto path = (std::filesystem::temp_directory_path() / absl::StrCat("acie-perf-", getpid(), ".safetensors")).string();
  write_parameter("M.w", rows, columns, values, path);
  Query query = must(package.query("go"));
  if (!query.load_params(path).ok()) fail("the parameter does not fit");
  std::filesystem::remove(path);
  const double bytes = static_cast<double>(values.size() * sizeof(float));
  const auto copy = [&] { std::memcpy(other.data(), values.data(), values.size() * sizeof(float)); };
  for (const int threads : {1, 2}) {
    std::vector<std::function<void()>> functions = {[&] { must(query.run({.threads = threads})); }, copy};
    if (rival != nullptr) functions.push_back(rival(values.data(), rows, columns, threads));
    const std::vector<Time> best = best_times(functions, kRuns);
    const auto time = [&](size_t of) { return threads == 1 ? best[of].processor : best[of].wall; };
    print(threads == 1 ? name : name + ", two threads", rows, columns, time(0), bytes_moved * bytes, time(1), 2 * bytes);
    if (rival != nullptr) std::printf("%-34s               %8.0f us, %6.1f GB/s\n", "  LibTorch", time(2) * 1e6, bytes_moved * bytes / time(2) * 1e-9);
    if (bytes_moved < 2) break;
  }
}

template <typename T>
void measure_kernel(const char* name, reduce::Folding folding, int64_t length, int64_t lines) {
  if (std::string(name).find(wanted) == std::string::npos) return;
  std::vector<T> x(static_cast<size_t>(length * lines), T(1)), other(x.size()), sums(static_cast<size_t>(std::max(length, lines)));
  const double bytes = static_cast<double>(x.size() * sizeof(T));
  const std::vector<Time> best = best_times(
      {[&] {
         for (int64_t line = 0; line < lines; ++line) sums[static_cast<size_t>(line)] = reduce::fold(folding, x.data() + line * length, length);
       },
       [&] { reduce::fold_columns(folding, x.data(), lines, length, length, sums.data()); }, [&] { std::memcpy(other.data(), x.data(), x.size() * sizeof(T)); }},
      kRuns);
  print(name, lines, length, best[0].processor, bytes, best[2].processor, 2 * bytes);
  print(std::string(name) + " of columns", lines, length, best[1].processor, bytes, best[2].processor, 2 * bytes);
}

int main(int argc, char** argv) {
  if (argc > 1) wanted = argv[1];
  for (const auto& [lines, length] : {std::pair<int64_t, int64_t>{16, 4096}, {4096, 256}, {4096, 4096}}) {
    measure_kernel<float>("fold sum f32", reduce::Folding::kSum, length, lines);
    measure_kernel<float>("fold max f32", reduce::Folding::kMax, length, lines);
    measure_kernel<double>("fold sum f64", reduce::Folding::kSum, length, lines);
    measure_kernel<double>("fold max f64", reduce::Folding::kMax, length, lines);
  }
  for (const auto& [rows, columns] : {std::pair<int, int>{256, 1024}, {4096, 1024}, {16384, 250}}) {
    measure("sum", "var y = sum(w)", rows, columns, 1);
    measure("max along the last axis", "var y = sum(max(w, axis: 1))", rows, columns, 1);
    measure("sum along the first axis", "var y = sum(sum(w, axis: 0))", rows, columns, 1);
    measure("max along the first axis", "var y = sum(max(w, axis: 0))", rows, columns, 1);
    // As the standard library has them, with one division for a row.
    measure("softmax along the last axis", R"(let e = exp(w - max(w, axis: 1)[.., new])
  let p = e * (1 / sum(e, axis: 1))[.., new]
  var y = sum(p[0]))", rows, columns, 2, ACIE_RIVAL(torch_softmax));
    measure("softmax, divided", R"(let e = exp(w - max(w, axis: 1)[.., new])
  let p = e / sum(e, axis: 1)[.., new]
  var y = sum(p[0]))", rows, columns, 2);
    measure("layer norm along the last axis", R"(let c = w - mean(w, axis: 1)[.., new]
  let n = c * (1 / sqrt(mean(c^2, axis: 1) + 1e-5))[.., new]
  var y = sum(n[0]))", rows, columns, 2, ACIE_RIVAL(torch_layer_norm));
    measure("layer norm, divided", R"(let c = w - mean(w, axis: 1)[.., new]
  let n = c / sqrt(mean(c^2, axis: 1) + 1e-5)[.., new]
  var y = sum(n[0]))", rows, columns, 2);
  }
  return 0;
}

}  // namespace
}  // namespace acie::perf

int main(int argc, char** argv) { return acie::perf::main(argc, argv); }
