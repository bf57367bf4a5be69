// Neural mechanisms through the whole compiler and runtime against LibTorch, on the same weights: a decoder at several
// batch sizes, and a roll-out of 240 steps. Each figure is the best of several runs taken in turn with its rival's.
#include <cmath>
#include <random>

#include "tests/perf/support.h"
#ifdef ACIE_WITH_TORCH
#include "tests/perf/networks/torch_rival.h"
#define ACIE_RIVAL(answer) [&](const Floats& x, int n) { return answer; }
#else
#define ACIE_RIVAL(answer) nullptr
#endif

namespace acie::perf {
namespace {

using Floats = std::vector<float>;

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

struct Weight {
  std::string name, shape;
  const Floats* values;
};

/// Weights as a .safetensors file.
void write_weights(const std::vector<Weight>& weights, const std::string& path) {
  std::string header = "{", data;
  for (const Weight& weight : weights) {
    const size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(weight.values->data()), weight.values->size() * sizeof(float));
    absl::StrAppend(&header, header.size() > 1 ? "," : "", "\"", weight.name, "\":{\"dtype\":\"F32\",\"shape\":", weight.shape, ",\"data_offsets\":[", begin, ",", data.size(), "]}");
  }
  header += "}";
  while (header.size() % 8 != 0) header += ' ';
  const uint64_t size = header.size();
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&size), 8);
  out << header << data;
}

void write_weights(const Network& network, const std::string& prefix, const std::string& path) {
  std::vector<Weight> weights;
  for (size_t i = 0; i < network.weights.size(); ++i) {
    weights.push_back({absl::StrCat(prefix, "w", i), absl::StrCat("[", network.widths[i + 1], ",", network.widths[i], "]"), &network.weights[i]});
    weights.push_back({absl::StrCat(prefix, "b", i), absl::StrCat("[", network.widths[i + 1], "]"), &network.biases[i]});
  }
  write_weights(weights, path);
}

Floats random_floats(size_t count, float scale, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0, scale);
  Floats values(count);
  for (float& value : values) value = normal(generator);
  return values;
}

using Rival = std::function<std::vector<float>(const Floats& inputs, int rows)>;

Floats scaled(Floats values, float factor) {
  for (float& value : values) value *= factor;
  return values;
}

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
    if (!query.bind(query.inputs()[static_cast<size_t>(i)].name, columns[static_cast<size_t>(i)]).ok()) fail("cannot bind");
  std::vector<std::function<void()>> timed = {[&] { must(query.run({.threads = 1})); }, [&] { must(query.run({.threads = 2})); }};
  if (rival) timed.push_back([&] { rival(inputs, rows); });
  const std::vector<Time> best = best_times(timed, runs);
  if (rival) {
    const Floats expected = rival(inputs, rows);
    const Answer answer = must(query.run({}));
    const auto first = must(answer.column<float>(answer_name));
    const size_t stride = expected.size() / static_cast<size_t>(rows);
    for (int r = 0; r < rows; ++r)
      if (!(std::abs(first[static_cast<size_t>(r)] - expected[static_cast<size_t>(r) * stride]) < 1e-3f)) fail(name + ": the answers differ");
  }
  std::printf("%-28s %5d rows: %10.1f us, two threads %10.1f us", name.c_str(), rows, best[0].wall * 1e6, best[1].wall * 1e6);
  if (rival) std::printf(", LibTorch eager %10.1f us, ratio %.2f, of processor time %.2f", best[2].wall * 1e6, best[2].wall / best[0].wall, best[2].processor / best[0].processor);
  std::printf("\n");
}

/// `wanted`: part of the names of those to run; `only`: on so many rows, 0 for all there are.
int main(const std::string& wanted, int only) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const auto runs = [&](const char* name) { return std::string(name).find(wanted) != std::string::npos; };
  const auto folder = std::filesystem::temp_directory_path();
  const std::string weights = (folder / absl::StrCat("acie-perf-", getpid(), ".safetensors")).string();
  if (runs("decoder")) {
    const Network decoder = random_network({16, 256, 512, 1024, 6000});
    const Package package = compile(mechanism(decoder, "$ * norm_cdf($)") + "model M {\n  input x : f32[16]\n  var y : f32[6000] = net(x)\n  var top = max(y)\n}\nquery go on M { return top }\n");
    write_weights(decoder, "M.y.net.", weights);
    for (const int rows : {1, 64, 1024}) {
      if (only > 0 && rows != only) continue;
      compare("decoder 16-256-512-1024-6000", package, weights, 16, rows, "top", ACIE_RIVAL(torch_decoder(decoder.widths, decoder.weights, decoder.biases, x, n)), rows == 1024 ? 8 : rows == 64 ? 30 : 60);
    }
  }
  if (runs("roll-out")) {
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
    for (const int rows : {1, 1000}) {
      if (only > 0 && rows != only) continue;
      compare("roll-out 18-180-180-14 x 240", package, weights, 18, rows, "y[0]", ACIE_RIVAL(torch_rollout(step.weights, step.biases, x, n, 240)), rows == 1 ? 60 : 8);
    }
  }
  if (runs("GRU")) {
    constexpr int kSteps = 1000, kIn = 64, kHidden = 128;
    const Package package = compile(R"(
import std.nn
model M {
  input x : f32[1]
  learn inputs : f32[1000, 64]
  var y : f32[1000, 128] = gru[128](inputs * x[0])
  var last = sum(y[999])
}
query go on M { return last }
)");
    const Floats inputs = random_floats(kSteps * kIn, 1, 11);
    const Floats wi = random_floats(3 * kHidden * kIn, 0.1f, 3), wh = random_floats(3 * kHidden * kHidden, 0.08f, 4), bi = random_floats(3 * kHidden, 0.1f, 5), bh = random_floats(3 * kHidden, 0.1f, 6);
    write_weights({{"M.inputs", "[1000,64]", &inputs}, {"M.y.gru.w_input", "[384,64]", &wi}, {"M.y.gru.w_hidden", "[384,128]", &wh}, {"M.y.gru.b_input", "[384]", &bi}, {"M.y.gru.b_hidden", "[384]", &bh}}, weights);
    compare("GRU 64-128 x 1000", package, weights, 1, 1, "last", ACIE_RIVAL(torch_gru(wi, wh, bi, bh, scaled(inputs, x[0]), kSteps, kIn, kHidden)), 30);
  }
  if (runs("selective")) {
    constexpr int kSteps = 1000, kChannels = 64, kStates = 16;
    const Package package = compile(R"(
import std.nn
model M {
  input scale : f32[1]
  learn inputs : f32[1000, 64]
  learn a : f32[64, 16]
  learn b : f32[1000, 16]
  learn c : f32[1000, 16]
  learn skip : f32[64]
  let x = inputs * scale[0]
  var last = sum(selective_scan(x, 0.01 * softplus(x), a, b, c, skip)[999])
}
query go on M { return last }
)");
    const Floats inputs = random_floats(kSteps * kChannels, 1, 12);
    Floats a = random_floats(kChannels * kStates, 1, 7);
    for (float& value : a) value = -std::abs(value);
    const Floats b = random_floats(kSteps * kStates, 1, 8), c = random_floats(kSteps * kStates, 1, 9), skip = random_floats(kChannels, 1, 10);
    write_weights({{"M.inputs", "[1000,64]", &inputs}, {"M.a", "[64,16]", &a}, {"M.b", "[1000,16]", &b}, {"M.c", "[1000,16]", &c}, {"M.skip", "[64]", &skip}}, weights);
    compare("selective scan 64 x 16 x 1000", package, weights, 1, 1, "last", ACIE_RIVAL(torch_selective_scan(a, b, c, skip, scaled(inputs, x[0]), kSteps, kChannels, kStates)), 30);
  }
  std::filesystem::remove(weights);
  return 0;
}

}  // namespace
}  // namespace acie::perf

int main(int argc, char** argv) { return acie::perf::main(argc > 1 ? argv[1] : "", argc > 2 ? std::atoi(argv[2]) : 0); }
