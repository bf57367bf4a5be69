// The chain on one thread: compiled kernels of every level this processor runs, one and two row vectors side by side,
// against hand-written C++. Times of both are taken alternately, so that a busy machine slows them alike; `speedup` is
// the ratio of the best times.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "tests/perf/chain/chain_plan.h"
#include "tests/perf/chain/rival.h"
#include "tests/unit/codegen/KernelHarness.h"

namespace acie::perf {
namespace {

using codegen::testing::LoadedKernels;
using Clock = std::chrono::steady_clock;

constexpr int64_t kRows = 1'000'000;
constexpr double kTolerance = 1e-12;

// The columns, and a call over them.
struct Chain {
  std::vector<std::vector<double>> columns = draw_chain(kRows);
  std::vector<const double*> pointers;
  std::vector<double> out = std::vector<double>(kRows), rival_out = std::vector<double>(kRows);

  Chain() {
    for (const auto& column : columns) pointers.push_back(column.data());
  }
  static Chain& instance() {
    static Chain chain;
    return chain;
  }
};

class PreparedCall {
 public:
  PreparedCall(acie_kernel_fn entry, Chain& chain, int64_t rows, uint64_t scratch_bytes)
      : entry_(entry), inputs_(kChainLength), scratch_(std::aligned_alloc(64, (scratch_bytes + 63) / 64 * 64), std::free) {
    for (int i = 0; i < kChainLength; ++i) {
      inputs_[i].data = chain.columns[i].data();
      inputs_[i].stride = 1;
    }
    output_.data = chain.out.data();
    output_.stride = 1;
    call_.struct_size = sizeof call_;
    call_.abi_version = ACIE_KERNEL_ABI_VERSION;
    call_.num_inputs = kChainLength;
    call_.num_outputs = 1;
    call_.inputs = inputs_.data();
    call_.outputs = &output_;
    call_.count = rows;
    call_.scratch = scratch_.get();
    call_.scratch_size = scratch_bytes;
  }
  int32_t operator()() const { return entry_(&call_); }

 private:
  acie_kernel_fn entry_;
  std::vector<acie_buffer> inputs_;
  acie_buffer output_{};
  acie_call call_{};
  std::unique_ptr<void, decltype(&std::free)> scratch_;
};

// A compiled chain for one level.
struct Kernel {
  codegen::CompiledKernels compiled;
  std::unique_ptr<LoadedKernels> loaded;

  Kernel(const std::string& target, int interleave) {
    auto context = codegen::testing::plan_context();
    auto module = codegen::testing::parse_plan(*context, chain_plan(interleave));
    auto result = codegen::compile_kernels(*module, {.targets = {target}});
    if (!result.ok()) {
      std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
      std::exit(1);
    }
    compiled = *std::move(result);
    loaded = std::make_unique<LoadedKernels>(compiled.libraries[0].elf, compiled.imports, compiled.scratch);
  }
  PreparedCall prepare(int64_t rows) const {
    return PreparedCall(loaded->entry(), Chain::instance(), rows, compiled.scratch.at(0));
  }
};

template <class Function>
double seconds(Function&& function) {
  const auto begin = Clock::now();
  function();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void against_rival(benchmark::State& state, const std::string& target, int interleave) {
  Chain& chain = Chain::instance();
  const Kernel kernel(target, interleave);
  const PreparedCall call = kernel.prepare(kRows);
  double ours = 1e9, theirs = 1e9;
  for (auto _ : state) {
    const double time = seconds([&] { call(); });
    theirs = std::min(theirs, seconds([&] { chain_rival(chain.pointers.data(), chain.rival_out.data(), kRows); }));
    ours = std::min(ours, time);
    state.SetIterationTime(time);
  }
  for (int64_t r = 0; r < kRows; ++r)
    if (!(std::fabs(chain.out[r] - chain.rival_out[r]) <= kTolerance * std::max(1.0, std::fabs(chain.out[r]))))
      return state.SkipWithError("the kernel and the rival disagree");
  state.counters["ns_per_row"] = ours / kRows * 1e9;
  state.counters["rival_ns_per_row"] = theirs / kRows * 1e9;
  state.counters["speedup"] = theirs / ours;
}

void eight_rows(benchmark::State& state, const std::string& target) {
  const Kernel kernel(target, 2);
  const PreparedCall call = kernel.prepare(8);
  for (auto _ : state) benchmark::DoNotOptimize(call());
}

}  // namespace
}  // namespace acie::perf

int main(int argc, char** argv) {
  for (const std::string& target : acie::codegen::testing::runnable_targets()) {
    for (int interleave : {1, 2})
      benchmark::RegisterBenchmark(("chain/" + target + "/interleave:" + std::to_string(interleave)).c_str(),
                                   [target, interleave](benchmark::State& state) {
                                     acie::perf::against_rival(state, target, interleave);
                                   })
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond)
          ->Iterations(25);
    benchmark::RegisterBenchmark(("chain_8_rows/" + target).c_str(), [target](benchmark::State& state) {
      acie::perf::eight_rows(state, target);
    });
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
