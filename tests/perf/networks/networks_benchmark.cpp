// Neural mechanisms through the whole compiler and runtime against LibTorch, on the same weights: a decoder at several
// batch sizes, and a roll-out of 240 steps. Each figure is the best of several runs taken in turn with its rival's.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

#include "absl/strings/str_cat.h"
#include "acie/acie.hpp"
#include "compiler/Driver/Driver.h"
#include "compiler/Support/SourceManager.h"
#ifdef ACIE_WITH_TORCH
#include "tests/perf/networks/torch_rival.h"
#endif

namespace acie::perf {
namespace {

using Floats = std::vector<float>;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

template <class T>
T must(absl::StatusOr<T> value) {
  if (!value.ok()) fail(std::string(value.status().message()));
  return *std::move(value);
}

double seconds(const std::function<void()>& f) {
  const auto begin = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Package compile(const std::string& text) {
  SourceManager sources;
  DiagnosticEngine diagnostics;
  driver::Options options;
  options.stdlib_dir = ACIE_STDLIB_DIR;
  const driver::Result result = must(driver::compile(sources, sources.add("networks.acie", text), diagnostics, options));
  if (!result.ok) fail(absl::StrCat("the program does not compile: ", diagnostics.sorted().front().message));
  const auto path = std::filesystem::temp_directory_path() / absl::StrCat("acie-perf-", getpid(), ".aciepkg");
  std::ofstream(path, std::ios::binary) << result.bytes;
  Package package = must(Package::open(path.string(), {.allow_unsigned = true}));
  std::filesystem::remove(path);
  return package;
}

/// Layers of a network, widths[0] to widths.back(); weights out × in and biases.
struct Network {
  std::vector<int> widths;
  std::vector<Floats> weights, biases;
};

Network random_network(std::vector<int> widths) {
  Network network{std::move(widths), {}, {}};
  std::mt19937 generator(1);
  for (size_t i = 1; i < network.widths.size(); ++i) {
    std::normal_distribution<float> normal(0, 1 / std::sqrt(static_cast<float>(network.widths[i - 1])));
    network.weights.emplace_back(static_cast<size_t>(network.widths[i] * network.widths[i - 1]));
    network.biases.emplace_back(static_cast<size_t>(network.widths[i]));
    for (Floats* part : {&network.weights.back(), &network.biases.back()})
      for (float& value : *part) value = normal(generator);
  }
  return network;
}

/// The mechanism `net`, with `activation` between layers, and its weights as a .safetensors file under `path`.
std::string mechanism(const Network& network, const std::string& activation) {
  const int in = network.widths.front(), out = network.widths.back();
  std::string text = absl::StrCat("mechanism net(x0: f32[", in, "]) -> f32[", out, "] {\n");
  const size_t layers = network.weights.size();
  for (size_t i = 0; i < layers; ++i)
    absl::StrAppend(&text, "  learn w", i, " : f32[", network.widths[i + 1], ", ", network.widths[i], "]\n  learn b", i, " : f32[", network.widths[i + 1], "]\n");
  for (size_t i = 0; i < layers; ++i) {
    const std::string sum = absl::StrCat("w", i, " @ x", i, " + b", i);
    absl::StrAppend(&text, i + 1 < layers ? absl::StrCat("  let s", i, " = ", sum, "\n  let x", i + 1, " = ", activation, "\n") : absl::StrCat("  return ", sum, "\n"));
    for (size_t at; i + 1 < layers && (at = text.find("$")) != std::string::npos;) text.replace(at, 1, absl::StrCat("s", i));
  }
  return text + "}\n";
}

void write_weights(const Network& network, const std::string& prefix, const std::string& path) {
  std::string header = "{", data;
  const auto add = [&](const std::string& name, const std::string& shape, const Floats& values) {
    const size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    absl::StrAppend(&header, header.size() > 1 ? "," : "", "\"", prefix, name, "\":{\"dtype\":\"F32\",\"shape\":", shape, ",\"data_offsets\":[", begin, ",", data.size(), "]}");
  };
  for (size_t i = 0; i < network.weights.size(); ++i) {
    add(absl::StrCat("w", i), absl::StrCat("[", network.widths[i + 1], ",", network.widths[i], "]"), network.weights[i]);
    add(absl::StrCat("b", i), absl::StrCat("[", network.widths[i + 1], "]"), network.biases[i]);
  }
  header += "}";
  while (header.size() % 8 != 0) header += ' ';
  const uint64_t size = header.size();
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&size), 8);
  out << header << data;
}

using Rival = std::function<std::vector<float>(const Floats& inputs, int rows)>;

/// Times the query on `rows` random rows of `width` inputs, with one thread and with two.
void compare(const std::string& name, const Package& package, const std::string& weights, int width, int rows, const std::string& answer_name, const Rival& rival, int runs) {
  Query query = must(package.query("go"));
  if (!query.load_params(weights).ok()) fail("the weights do not fit");
  std::mt19937 generator(2);
  std::normal_distribution<float> normal;
  std::vector<Floats> columns(static_cast<size_t>(width), Floats(static_cast<size_t>(rows)));
  Floats inputs(static_cast<size_t>(rows * width));
  for (int r = 0; r < rows; ++r)
    for (int i = 0; i < width; ++i) inputs[static_cast<size_t>(r * width + i)] = columns[static_cast<size_t>(i)][static_cast<size_t>(r)] = normal(generator);
  for (int i = 0; i < width; ++i)
    if (!query.bind(absl::StrCat("x[", i, "]"), columns[static_cast<size_t>(i)]).ok()) fail("cannot bind");
  double one = 1e9, two = 1e9, other = 1e9;
  for (int run = 0; run < runs; ++run) {
    one = std::min(one, seconds([&] { must(query.run({.threads = 1})); }));
    two = std::min(two, seconds([&] { must(query.run({.threads = 2})); }));
    if (rival) other = std::min(other, seconds([&] { rival(inputs, rows); }));
  }
  if (rival) {
    const Floats expected = rival(inputs, rows);
    const Answer answer = must(query.run({}));
    const auto first = must(answer.column<float>(answer_name));
    const size_t stride = expected.size() / static_cast<size_t>(rows);
    for (int r = 0; r < rows; ++r)
      if (!(std::abs(first[static_cast<size_t>(r)] - expected[static_cast<size_t>(r) * stride]) < 1e-3f)) fail(name + ": the answers differ");
  }
  std::printf("%-28s %5d rows: %10.1f us, two threads %10.1f us", name.c_str(), rows, one * 1e6, two * 1e6);
  if (rival) std::printf(", LibTorch eager %10.1f us, ratio %.2f", other * 1e6, other / one);
  std::printf("\n");
}

int main() {
  const auto folder = std::filesystem::temp_directory_path();
  const std::string weights = (folder / absl::StrCat("acie-perf-", getpid(), ".safetensors")).string();
  const auto rival = [](auto f) -> Rival {
#ifdef ACIE_WITH_TORCH
    return f;
#else
    return nullptr;
#endif
  };
  {
    const Network decoder = random_network({16, 256, 512, 1024, 6000});
    const Package package = compile(mechanism(decoder, "$ * norm_cdf($)") + "model M {\n  input x : f32[16]\n  var y : f32[6000] = net(x)\n  var top = max(y)\n}\nquery go on M { return top }\n");
    write_weights(decoder, "M.y.net.", weights);
    for (const int rows : {1, 64, 1024})
      compare("decoder 16-256-512-1024-6000", package, weights, 16, rows, "top", rival([&](const Floats& x, int n) {
#ifdef ACIE_WITH_TORCH
                return torch_decoder(decoder.widths, decoder.weights, decoder.biases, x, n);
#else
                return Floats();
#endif
              }), rows == 1024 ? 5 : 20);
  }
  {
    const Network step = random_network({18, 180, 180, 14});
    const Package package = compile(mechanism(step, "tanh($)") + R"(
model M {
  input x : f32[18]
  let drive = x[14..]
  var y : f32[14] = fold(x[..14], 0..240, |s, t| s + 0.01 * net(concat(s, drive)))
}
query go on M { return y }
)");
    write_weights(step, "M.y.net.", weights);
    for (const int rows : {1, 1000})
      compare("roll-out 18-180-180-14 x 240", package, weights, 18, rows, "y[0]", rival([&](const Floats& x, int n) {
#ifdef ACIE_WITH_TORCH
                return torch_rollout(step.weights, step.biases, x, n, 240);
#else
                return Floats();
#endif
              }), 10);
  }
  std::filesystem::remove(weights);
  return 0;
}

}  // namespace
}  // namespace acie::perf

int main() { return acie::perf::main(); }
