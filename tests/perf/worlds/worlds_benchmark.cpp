// The chain through the whole compiler and runtime: what worlds cost, what a second thread brings, and LibTorch as a rival
// where it is installed. Each figure is the best of several runs taken in turn with what it is compared to.
#include <cmath>
#include <span>

#include "tests/perf/chain/chain_plan.h"
#include "tests/perf/support.h"
#ifdef ACIE_WITH_TORCH
#include "tests/perf/worlds/torch_rival.h"
#endif

namespace acie::perf {
namespace {

constexpr int64_t kRows = 1'000'000;
constexpr int kRuns = 15;

std::string model() {
  std::string text = "model Chain {\n";
  for (int i = 0; i < kChainLength; ++i) absl::StrAppend(&text, "  exo noise", i, " ~ normal(0, 1)\n");
  absl::StrAppend(&text, "  var x0 = noise0\n  var x1 = 0.5 * x0 + noise1\n");
  for (int i = 2; i < kChainLength; ++i)
    absl::StrAppend(&text, "  var x", i, " = tanh(0.8 * x", i - 1, ") + exp(0.1 * x", i - 2, ") * noise", i, "\n");
  return text + "}\n";
}

std::string given() {
  std::string text = "  given x0";
  for (int i = 1; i < kChainLength; ++i) absl::StrAppend(&text, ", x", i);
  return text + "\n";
}

/// `count` worlds, each shifting x10 by another amount, each returning x19.
std::string worlds(int count) {
  std::string text = absl::StrCat("query worlds", count, " on Chain {\n", given());
  std::string results;
  for (int w = 0; w < count; ++w) {
    absl::StrAppend(&text, "  world w", w, " { do x10 += ", 0.1 * (w + 1), " }\n");
    absl::StrAppend(&results, w > 0 ? ", w" : "w", w, ".x19");
  }
  return absl::StrCat(text, "  return ", results, "\n}\n");
}

int main() {
  const Package package = compile(absl::StrCat(model(), worlds(1), worlds(2), worlds(20), "query chain on Chain {\n", given(),
                                               "  do x3 += 0.5\n  return x19\n}\n"));
  const auto columns = draw_chain(kRows);
  const auto query = [&](const std::string& name) {
    Query result = must(package.query(name));
    for (const Field& input : result.inputs())  // evidence that no result needs is not read
      if (!result.bind(input.name, columns[static_cast<size_t>(std::stoi(input.name.substr(1)))]).ok()) fail("cannot bind");
    return result;
  };
  Query one = query("worlds1"), two = query("worlds2"), twenty = query("worlds20"), chain = query("chain");
  const auto run = [](Query& q, int threads) {
    return [&q, threads] { must(q.run({.threads = threads})); };
  };
  const double per_row = 1e9 / kRows;
  const auto t = best_of({run(one, 1), run(two, 1), run(twenty, 1)}, kRuns);
  const double law = 1.2 * (t[0] + 19 * (t[1] - t[0]));
  std::printf("worlds, one thread, ns per row: one %.1f, two %.1f, twenty %.1f; the law allows %.1f: %s\n", t[0] * per_row, t[1] * per_row,
              t[2] * per_row, law * per_row, t[2] <= law ? "holds" : "BROKEN");
  const auto threads = best_of({run(twenty, 1), run(twenty, 2), run(chain, 1), run(chain, 2)}, kRuns);
  std::printf("two threads against one: twenty worlds %.2f x, chain %.2f x\n", threads[0] / threads[1], threads[2] / threads[3]);
#ifdef ACIE_WITH_TORCH
  std::vector<const double*> pointers;
  for (const auto& column : columns) pointers.push_back(column.data());
  std::vector<double> out(kRows);
  const auto rival = best_of({run(chain, 1), [&] { torch_rival(pointers.data(), out.data(), kRows); }}, kRuns);
  const Answer answer = must(chain.run({.threads = 1}));
  const auto ours = must(answer.column<double>("x19"));
  for (int64_t r = 0; r < kRows; ++r)
    if (!(std::abs(ours[static_cast<size_t>(r)] - out[static_cast<size_t>(r)]) <= 1e-12 * std::max(1.0, std::abs(out[static_cast<size_t>(r)])))) fail("LibTorch and the kernel disagree");
  std::printf("chain, one thread, ns per row: %.1f, LibTorch eager %.1f: %.2f x\n", rival[0] * per_row, rival[1] * per_row, rival[1] / rival[0]);
#else
  std::printf("LibTorch is not installed (libtorch-dev): not compared\n");
#endif
  return t[2] <= law ? 0 : 1;
}

}  // namespace
}  // namespace acie::perf

int main() { return acie::perf::main(); }
