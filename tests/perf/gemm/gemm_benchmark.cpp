// Matrix products of acie and of OpenBLAS, with the processor's peak, in one run. README.md says how to run
// it.
#include <benchmark/benchmark.h>
#include <sys/mman.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "kernels/linalg/Gemm.h"
#include "tests/perf/gemm/Peak.h"

#ifdef ACIE_HAS_OPENBLAS
#include <cblas.h>
#endif

namespace acie::perf {
namespace {

using linalg::Level;
using linalg::Product;

struct Free {
  void operator()(void* p) const { std::free(p); }
};
template <class T>
using Array = std::unique_ptr<T[], Free>;

/// Scratch as the runtime has it: in large pages, where it fills one.
Array<char> scratch_of(int64_t bytes) {
  constexpr int64_t kPage = 2 << 20;
  const int64_t alignment = bytes >= kPage ? kPage : 64, size = (bytes + alignment - 1) / alignment * alignment;
  char* p = static_cast<char*>(std::aligned_alloc(alignment, size));
  if (bytes >= kPage) madvise(p, size, MADV_HUGEPAGE);
  return Array<char>(p);
}

template <class T>
Array<T> array(int64_t count) {
  T* p = static_cast<T*>(std::aligned_alloc(64, (count * sizeof(T) + 63) / 64 * 64));
  for (int64_t i = 0; i < count; ++i) p[i] = T(i % 97 - 48) / 64;
  return Array<T>(p);
}

void count(benchmark::State& state, int64_t m, int64_t n, int64_t k, int64_t bytes) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * m * n * k, benchmark::Counter::kIsIterationInvariantRate);
  if (bytes)
    state.counters["GB/s"] = benchmark::Counter(1e-9 * bytes, benchmark::Counter::kIsIterationInvariantRate);
}

struct Shape {
  int64_t m, n, k;
  bool packed = false;      // weights packed before the clock starts
  bool transposed = false;  // B is stored n × k
  bool bias = false;        // bias and GELU fused
  int threads = 1;
};

template <class T>
void acie(benchmark::State& state, Level level, Shape s) {
  const auto a = array<T>(s.m * s.k), b = array<T>(s.k * s.n), c = array<T>(s.m * s.n), bias = array<T>(s.n);
  Product<T> p{s.m, s.n, s.k, {a.get(), s.k, 1}, {b.get(), s.n, 1}, nullptr, {c.get(), s.n, 1}, false, {}};
  if (s.transposed) p.b = {b.get(), 1, s.k};
  if (s.bias) {
    p.epilogue.columnBias = bias.get();
    p.epilogue.activation = linalg::Activation::kGelu;
  }
  const auto weights = array<T>(linalg::packedElements(level, s.k, s.n, T()));
  if (s.packed) {
    linalg::pack(level, s.k, s.n, p.b, weights.get());
    p.packedB = weights.get();
  }
  std::vector<Array<char>> scratch;
  for (int i = 0; i < s.threads; ++i) scratch.push_back(scratch_of(linalg::scratchBytes(level, p)));
  for (auto _ : state) {
    const auto run = [&](int i) {
      const linalg::Range whole{0, s.m, 0, s.n};
      linalg::multiply(level, p, s.threads == 1 ? whole : linalg::part(s.m, s.n, s.threads, i), scratch[i].get());
    };
    std::vector<std::thread> others;
    for (int i = 1; i < s.threads; ++i) others.emplace_back(run, i);
    run(0);
    for (std::thread& t : others) t.join();
    benchmark::ClobberMemory();
  }
  count(state, s.m, s.n, s.k, s.m <= 8 || s.n <= 8 ? s.k * s.n * int64_t(sizeof(T)) : 0);
}

#ifdef ACIE_HAS_OPENBLAS
template <class T>
void openblas(benchmark::State& state, Shape s) {
  const auto a = array<T>(s.m * s.k), b = array<T>(s.k * s.n), c = array<T>(s.m * s.n);
  openblas_set_num_threads(s.threads);
  const CBLAS_TRANSPOSE tb = s.transposed ? CblasTrans : CblasNoTrans;
  const int ldb = int(s.transposed ? s.k : s.n);
  for (auto _ : state) {
    if constexpr (std::is_same_v<T, float>) {
      if (s.m == 1) {
        cblas_sgemv(CblasRowMajor, s.transposed ? CblasNoTrans : CblasTrans, s.transposed ? s.n : s.k,
                    s.transposed ? s.k : s.n, 1, b.get(), ldb, a.get(), 1, 0, c.get(), 1);
      } else {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, tb, s.m, s.n, s.k, 1, a.get(), s.k, b.get(), ldb, 0, c.get(),
                    s.n);
      }
    } else {
      cblas_dgemm(CblasRowMajor, CblasNoTrans, tb, s.m, s.n, s.k, 1, a.get(), s.k, b.get(), ldb, 0, c.get(),
                  s.n);
    }
    benchmark::ClobberMemory();
  }
  count(state, s.m, s.n, s.k, s.m <= 8 || s.n <= 8 ? s.k * s.n * int64_t(sizeof(T)) : 0);
}
#endif

void peak(benchmark::State& state, Level level) {
  int64_t operations = 0;
  for (auto _ : state) operations += multiplyAdds(level, 100000);
  state.counters["GFLOP/s"] = benchmark::Counter(1e-9 * operations, benchmark::Counter::kIsRate);
}

void reading(benchmark::State& state, int64_t bytes) {
  const auto data = array<float>(bytes / 4);
  for (auto _ : state) benchmark::DoNotOptimize(readAll(data.get(), bytes / 4));
  state.counters["GB/s"] = benchmark::Counter(1e-9 * bytes, benchmark::Counter::kIsIterationInvariantRate);
}

template <class T>
void add(const std::string& name, Shape s) {
  const std::string shape = name + "/" + std::to_string(s.m) + "x" + std::to_string(s.n) + "x" +
                            std::to_string(s.k) +
                            (s.threads > 1 ? "/threads:" + std::to_string(s.threads) : "");
  // One thread is timed by its processor time, so that other programs count less; several by the clock.
  const auto wall = [&s](benchmark::internal::Benchmark* b) {
    if (s.threads > 1) b->UseRealTime();
  };
  wall(benchmark::RegisterBenchmark(
      (shape + "/acie").c_str(), [s](benchmark::State& state) { acie<T>(state, linalg::hostLevel(), s); }));
#ifdef ACIE_HAS_OPENBLAS
  if (!s.bias) {
    wall(benchmark::RegisterBenchmark((shape + "/openblas").c_str(),
                                      [s](benchmark::State& state) { openblas<T>(state, s); }));
  }
#endif
}

void addAll() {
  for (const Level level : {Level::kV3, Level::kV4}) {
    if (level == Level::kV4 && linalg::hostLevel() != Level::kV4) continue;
    const std::string name = level == Level::kV3 ? "v3" : "v4";
    benchmark::RegisterBenchmark(("peak_f32/" + name).c_str(),
                                 [level](benchmark::State& s) { peak(s, level); });
    for (const int64_t n : {512, 1024}) {
      benchmark::RegisterBenchmark(("level_f32/" + std::to_string(n) + "/" + name).c_str(),
                                   [level, n](benchmark::State& s) {
                                     acie<float>(s, level, {n, n, n});
                                   });
    }
  }
  for (const int64_t bytes : {256 << 10, 2 << 20, 24 << 20, 256 << 20}) {
    benchmark::RegisterBenchmark(("read/" + std::to_string(bytes >> 10) + "KiB").c_str(),
                                 [bytes](benchmark::State& s) { reading(s, bytes); });
  }
  for (const int64_t n : {256, 512, 768, 1024, 1536, 2048}) add<float>("f32", {n, n, n});
  for (const int64_t n : {512, 1024, 2048}) add<float>("f32", {n, n, n, false, false, false, 2});
  for (const int64_t n : {256, 512, 1024, 2048}) add<double>("f64", {n, n, n});
  for (const int64_t n : {4, 8, 16, 32, 64, 128}) add<float>("small_f32", {n, n, n});
  for (const int64_t n : {8, 32, 64}) add<double>("small_f64", {n, n, n});
  add<float>("transposed_f32", {1024, 1024, 1024, false, true});
  // Batch 1: weights in the second-level cache, the third, and memory.
  for (const auto& [n, k] :
       {std::pair<int64_t, int64_t>{256, 512}, {1024, 512}, {6000, 1024}, {8192, 8192}}) {
    add<float>("batch1_f32", {1, n, k});
    add<float>("batch1_transposed_f32", {1, n, k, false, true});
    add<float>("batch1_packed_f32", {1, n, k, true});
  }
  for (const int64_t m : {4, 8, 64}) add<float>("rows_f32", {m, 1024, 512});
  // Prepacked weights, bias and GELU fused: a layer of the decoder.
  for (const int64_t m : {1, 64, 1024}) {
    add<float>("packed_f32", {m, 1024, 512, true});
    add<float>("packed_bias_gelu_f32", {m, 1024, 512, true, false, true});
  }
}

}  // namespace
}  // namespace acie::perf

int main(int argc, char** argv) {
  acie::perf::addAll();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
