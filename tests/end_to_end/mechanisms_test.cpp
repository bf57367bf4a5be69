// Mechanisms: parameters by path, values from files, first values from the seed.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

constexpr const char* kProgram = R"(
mechanism dense[N, M](x: f64[N]) -> f64[M] {
    learn w : f64[M, N] = xavier_uniform()
    learn b : f64[M]    = zeros()
    return w @ x + b
}
mechanism mlp[N, H, M](x: f64[N]) -> f64[M] { return dense[H, M](tanh(dense[N, H](x))) }
model Galaxy {
    input z : f64[2]
    exo u : f64[2] ~ normal(0, 1)
    var spectrum : f64[2] = mlp[2, 3, 2](z) + exp(0.1 * sum(mlp[2, 2, 1](z))) * u
    var pair : f64[2] = map(stack(z, 2 * z), |v| sum(dense[2, 2](v)))
}
query doubled on Galaxy { given spectrum; do z = 2 * z; return spectrum, pair }
)";

struct Outcome {
  std::vector<std::map<std::string, std::string>> rows;
  std::string err;
  int exit_code = 0;
};

/// `doubled` with these parameters (JSON, none if empty) and options.
Outcome doubled(const std::string& parameters, const std::string& options = "") {
  TemporaryFolder folder;
  const auto program = folder / "program.acie", table = folder / "data.csv", values = folder / "values.json";
  std::ofstream(program) << kProgram;
  std::ofstream(table) << "z[0],z[1],spectrum[0],spectrum[1]\n0.3,-0.7,1.5,0.25\n";
  const std::string package = (folder / "program.aciepkg").string();
  const CommandResult compiled = run(compiler() + " " + program.string() + " -o " + package);
  EXPECT_EQ(compiled.exit_code, 0) << compiled.err;
  std::string command = runner() + " " + package + " doubled --allow-unsigned --out - --data " + table.string() + " " + options;
  if (!parameters.empty()) {
    std::ofstream(values) << parameters;
    command += " --params " + values.string();
  }
  const CommandResult ran = run(command);
  return {parse_csv(ran.out), ran.err, ran.exit_code};
}

constexpr const char* kValues = R"({"Galaxy": {
  "spectrum": {
    "mlp_0": {"dense_0": {"w": [[1, -0.5], [0.25, 2], [-1, 1]], "b": [0.1, 0, -0.1]}, "dense_1": {"w": [[1, 2, 3], [-1, 0.5, 0.25]], "b": [0, 1]}},
    "mlp_1": {"dense_0": {"w": [[0.5, 0.5], [1, 0]], "b": [0, 0]}, "dense_1": {"w": [[2, -1]], "b": [0.3]}}},
  "pair": {"dense": {"w": [[1, 2], [3, 4]], "b": [0.5, 0.25]}}}})";

TEST(Mechanisms, ParametersAreFoundByPath) {
  const Outcome run = doubled(kValues);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  ASSERT_EQ(run.rows.size(), 1u);
  const auto centre = [](double a, double b, double* out) {
    const double h[3] = {std::tanh(a - 0.5 * b + 0.1), std::tanh(0.25 * a + 2 * b), std::tanh(-a + b - 0.1)};
    out[0] = h[0] + 2 * h[1] + 3 * h[2];
    out[1] = -h[0] + 0.5 * h[1] + 0.25 * h[2] + 1;
  };
  const auto width = [](double a, double b) { return std::exp(0.1 * (2 * std::tanh(0.5 * a + 0.5 * b) - std::tanh(a) + 0.3)); };
  double before[2], after[2];
  centre(0.3, -0.7, before);
  centre(0.6, -1.4, after);
  const double seen[2] = {1.5, 0.25};
  for (int i = 0; i < 2; ++i) {
    const double u = (seen[i] - before[i]) / width(0.3, -0.7);
    EXPECT_NEAR(std::stod(run.rows[0].at("spectrum[" + std::to_string(i) + "]")), after[i] + width(0.6, -1.4) * u, 1e-12);
  }
  // One instance, applied to both columns: the same parameters.
  const auto pair = [](double a, double b) { return a + 2 * b + 0.5 + 3 * a + 4 * b + 0.25; };
  EXPECT_NEAR(std::stod(run.rows[0].at("pair[0]")), pair(0.6, -1.4), 1e-12);
  EXPECT_NEAR(std::stod(run.rows[0].at("pair[1]")), pair(1.2, -2.8), 1e-12);
}

TEST(Mechanisms, WithoutValuesTheyStartFromTheSeedAndSaySo) {
  const Outcome first = doubled(""), again = doubled(""), other = doubled("", "--seed 1");
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.rows, again.rows);
  EXPECT_NE(first.rows, other.rows);
  EXPECT_NE(first.err.find("learnt parameters have no value and were drawn with --seed 0"), std::string::npos) << first.err;
  EXPECT_EQ(doubled(kValues).err.find("no value"), std::string::npos);
}

TEST(Mechanisms, AValueOfAnotherShapeIsRefused) {
  const Outcome run = doubled(R"({"Galaxy": {"pair": {"dense": {"w": [[1, 2, 3], [3, 4, 5]]}}}})");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("Galaxy.pair.dense.w has the shape [2, 3]; the program needs [2, 2]"), std::string::npos) << run.err;
}

/// `query` of `program` on one row of data, with parameters in JSON.
Outcome ask(const std::string& program, const std::string& data, const std::string& parameters, const std::string& options = "") {
  TemporaryFolder folder;
  const auto source = folder / "program.acie", table = folder / "data.csv", values = folder / "values.json";
  std::ofstream(source) << program;
  std::ofstream(table) << data;
  std::ofstream(values) << parameters;
  const std::string package = (folder / "program.aciepkg").string();
  const CommandResult compiled = run(compiler() + " " + source.string() + " -o " + package);
  EXPECT_EQ(compiled.exit_code, 0) << compiled.err;
  const CommandResult ran = run(runner() + " " + package + " q --allow-unsigned --out - --data " + table.string() + " --params " + values.string() + " " + options);
  return {parse_csv(ran.out), ran.err, ran.exit_code};
}

double cell(const Outcome& outcome, const std::string& column) {
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return outcome.rows.empty() ? std::nan("") : std::stod(outcome.rows[0].at(column));
}

// However a mechanism is called by name, every call of it is an instance of its own: through an alias, an import under another
// name, a pipe, `map`.
TEST(Mechanisms, InstancesAreNumberedHoweverTheyAreCalled) {
  const std::string program = R"(
import std.nn as nn
import dense as layer from std.nn
model M {
    input x : f32[2]
    var a = sum(nn.dense[1](x)) + 10 * sum(nn.dense[1](x))
    var b = sum(layer[1](x)) + 10 * sum(layer[1](x))
    var c = sum(x |> nn.dense[1]) + 10 * sum(x |> layer[1])
    var d = sum(map(stack(x, x), nn.dense[1])) + 10 * sum(stack(x, x) |> map(layer[1]))
}
query q on M { return a, b, c, d }
)";
  std::string values;
  for (const char* variable : {"a", "b", "c", "d"}) {
    for (const char* number : {"0", "1"})
      values += std::string(values.empty() ? "" : ", ") + "\"M." + variable + ".dense_" + number + ".w\": [[" + (number[0] == '0' ? "1" : "2") + ", 0]], \"M." + variable + ".dense_" + number + ".b\": [0]";
  }
  const Outcome run = ask(program, "x[0],x[1]\n3,5\n", "{" + values + "}");
  EXPECT_EQ(run.err.find("drawn"), std::string::npos) << run.err;
  EXPECT_EQ(cell(run, "a"), 3 + 60);
  EXPECT_EQ(cell(run, "b"), 3 + 60);
  EXPECT_EQ(cell(run, "c"), 3 + 60);
  EXPECT_EQ(cell(run, "d"), 2 * (3 + 60));
}

TEST(Mechanisms, AnInstanceThatLetNamesIsSharedByItsCallsEverywhere) {
  const std::string program = R"(
mechanism line(x: f64) -> f64 {
    learn slope = 1
    param shift : f64 = 0
    return slope * x + shift
}
mechanism both(x: f64) -> f64 { let inner = line; return inner(x) + 100 * inner(2 * x) }
let shared = line
let same = shared
model A {
    input x : f64
    let own = line
    let through = |v| line(v) + own(v)
    var y = shared(x) + same(x) + own(x)
    var z = stack(2, x, |h| shared(own(h)))
    var w = through(x) + through(x)
    var v = both(x)
}
query q on A { return y, z, w, v, raw = shared(1) }
)";
  const Outcome run = ask(program, "x\n3\n", R"({"shared.slope": 5, "A.own.slope": 7, "A.through.line.slope": 11, "A.v.both.inner.slope": 2})", "--set A.own.shift=1");
  EXPECT_EQ(run.err.find("takes"), std::string::npos) << run.err;
  EXPECT_EQ(cell(run, "y"), 15 + 15 + 22);
  EXPECT_EQ(cell(run, "z"), 5 * (7 * (5 * (7 * 3 + 1)) + 1));
  EXPECT_EQ(cell(run, "w"), 2 * (33 + 22));
  EXPECT_EQ(cell(run, "v"), 6 + 100 * 12);
  EXPECT_EQ(cell(run, "raw"), 5);
}

// Small tensors, taken number by number, and large ones, taken from the mapped file.
TEST(Mechanisms, AStackHasItsParametersAlongALeadingAxis) {
  const std::string program = R"(
mechanism block[N](h: f64[N]) -> f64[N] {
    learn w : f64[N, N] = he_normal()
    learn gain = 1
    return h + gain * (w @ h)
}
mechanism tower[N](h: f64[N]) -> f64[N] { return stack(2, h, |v| block(v)) }
model M {
    input x : f64[9]
    input s : f64[2]
    var y = stack(3, x, |h| tower(h))
    var z = stack(3, s, block)
}
query q on M { return y, z }
)";
  // Instance k adds c[k] times a cyclic shift by one.
  const double c[6] = {0.5, -1, 2, 0.25, 3, -0.75};
  std::string large, small, gains;
  const auto shift = [](int n, double by) {
    std::string rows;
    for (int i = 0; i < n; ++i) {
      rows += i > 0 ? ", [" : "[";
      for (int j = 0; j < n; ++j) rows += (j > 0 ? ", " : "") + std::to_string((i + 1) % n == j ? by : 0.0);
      rows += "]";
    }
    return "[" + rows + "]";
  };
  for (int i = 0; i < 3; ++i) {
    large += std::string(i > 0 ? ", " : "") + "[" + shift(9, c[2 * i]) + ", " + shift(9, c[2 * i + 1]) + "]";
    gains += std::string(i > 0 ? ", " : "") + "[1, 2]";
    small += std::string(i > 0 ? ", " : "") + shift(2, c[i]);
  }
  const Outcome run = ask(program, "x[0],x[1],x[2],x[3],x[4],x[5],x[6],x[7],x[8],s[0],s[1]\n1,2,3,4,5,6,7,8,9,10,20\n",
                          "{\"M.y.tower.block\": {\"w\": [" + large + "], \"gain\": [" + gains + "]}, \"M.z.block\": {\"w\": [" + small + "], \"gain\": [1, 1, 3]}}");
  EXPECT_EQ(run.err.find("drawn"), std::string::npos) << run.err;
  double y[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, z[2] = {10, 20};
  for (int k = 0; k < 6; ++k) {
    double before[9];
    std::copy(y, y + 9, before);
    for (int i = 0; i < 9; ++i) y[i] += (k % 2 == 0 ? 1 : 2) * c[k] * before[(i + 1) % 9];
  }
  for (int k = 0; k < 3; ++k) {
    const double before[2] = {z[0], z[1]};
    for (int i = 0; i < 2; ++i) z[i] += (k == 2 ? 3 : 1) * c[k] * before[1 - i];
  }
  for (int i = 0; i < 9; ++i) EXPECT_NEAR(cell(run, "y[" + std::to_string(i) + "]"), y[i], 1e-11);
  for (int i = 0; i < 2; ++i) EXPECT_NEAR(cell(run, "z[" + std::to_string(i) + "]"), z[i], 1e-11);
}

TEST(Mechanisms, FunctionsOfOneMechanismShareWhatItHolds) {
  const std::string program = R"(
mechanism layer(x: f64) -> f64 {
    learn a = 1
    return a * x
}
mechanism pair[N] {
    learn w : f64[N] = ones()
    stat centre = rows.mean(w[0])
    let doubled = 2 * w
    fn up(x: f64[N]) -> f64 { return twice(dot(doubled, x) - centre) + layer(1) }
    fn down(y: f64) -> f64[N] { return (y - layer(10)) * w }
    fn twice(v: f64) -> f64 { return 2 * v }
}
let first = pair[2]
model M {
    input x : f64[2]
    let second = pair[2]
    var y = first.up(x)
    var z = second.up(x)
    var back = first.down(y)
    var over : f64[2] = map([1, 2], |i| first.up(i * x))
}
query q on M { do x = 2 * x; return y, z, back, over, one = first.up(factual.x) }
)";
  const Outcome run = ask(program, "x[0],x[1]\n1,2\n", R"({"first": {"w": [3, 5], "centre": 0.5, "layer_0.a": 2, "layer_1.a": 7}, "M.second": {"w": [1, 1], "centre": 0, "layer_0.a": 0}})");
  EXPECT_EQ(run.err.find("takes"), std::string::npos) << run.err;
  const auto up = [](double a, double b) { return 2 * (6 * a + 10 * b - 0.5) + 2; };
  EXPECT_EQ(cell(run, "y"), up(2, 4));
  EXPECT_EQ(cell(run, "z"), 2 * (2 * 2 + 2 * 4));
  EXPECT_EQ(cell(run, "back[0]"), (up(2, 4) - 70) * 3);
  EXPECT_EQ(cell(run, "back[1]"), (up(2, 4) - 70) * 5);
  EXPECT_EQ(cell(run, "over[1]"), up(4, 8));
  EXPECT_EQ(cell(run, "one"), up(1, 2));
}

TEST(Mechanisms, FirstValuesOfANormalHaveItsWidth) {
  const std::string program = R"(
mechanism wide[N](x: f64[N]) -> {mean: f64, square: f64, most: f64} {
    learn w : f64[N] = normal(0.25)
    learn v : f64[N] = uniform(3)
    return {mean: mean(w), square: mean(w^2), most: max(v) - min(v)}
}
model M {
    input x : f64
    learn b : f64[2] = normal(1)
    let a = wide(zeros(20000))
    var m = a.mean
    var s = a.square
    var r = a.most
    var t = b[0] - b[1]
}
query q on M { return m, s, r, t }
)";
  const Outcome run = ask(program, "x\n0\n", "{}");
  EXPECT_NEAR(cell(run, "m"), 0, 5 * 0.25 / std::sqrt(20000.0));
  EXPECT_NEAR(cell(run, "s"), 0.0625, 5 * 0.0625 * std::sqrt(2 / 20000.0));
  EXPECT_GT(cell(run, "r"), 5.99);
  EXPECT_LE(cell(run, "r"), 6);
  EXPECT_NE(cell(run, "t"), 0);
}

TEST(Mechanisms, WhatAParameterFileLacksOrHasTooMuchIsSaid) {
  const std::string program = R"(
mechanism line(x: f64) -> f64 {
    learn slope : f64 in 0..10
    stat m = rows.mean(x)
    return slope * (x - m)
}
model M {
    input x : f64
    var y = line(x)
}
query q on M { return y }
)";
  const std::string data = "x\n3\n";
  const Outcome missing = ask(program, data, R"({"M.y.line.m": 1})");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_NE(missing.err.find("q needs a value for M.y.line.slope, with no default: --set M.y.line.slope=VALUE, or --params FILE"), std::string::npos) << missing.err;
  const Outcome misspelt = ask(program, data, R"({"M.y.line.m": 1, "M.y.line.slop": 2})", "--set M.y.line.slope=2");
  EXPECT_EQ(cell(misspelt, "y"), 4);
  EXPECT_NE(misspelt.err.find("values.json has a value that nothing in this package takes: M.y.line.slop (is it meant to be M.y.line.slope?)"), std::string::npos) << misspelt.err;
  const Outcome outside = ask(program, data, R"({"M.y.line.m": 1, "M.y.line.slope": 11})");
  EXPECT_EQ(outside.exit_code, 2) << outside.err;
  EXPECT_NE(outside.err.find("M.y.line.slope"), std::string::npos) << outside.err;
  const Outcome text = ask(program, data, R"({"M.y.line.m": 1, "M.y.line.slope": "2"})");
  EXPECT_EQ(text.exit_code, 2) << text.err;
}

// One element of a vector of 1 GiB: of its pages only those are read that lie around it.
TEST(Mechanisms, ParametersThatNothingUsesAreNotRead) {
  TemporaryFolder folder;
  const auto source = folder / "program.acie", weights = folder / "weights.safetensors";
  std::ofstream(source) << R"(
mechanism looked_up[G](g: index[G]) -> f32 {
    learn table : f32[G]
    return table[g]
}
model M {
    input g : index[268435456]
    var y = looked_up[268435456](g)
}
query q on M { given g = 200000000; return y }
)";
  constexpr int64_t kElements = 268435456, kAt = 200000000, kBytes = kElements * 4;
  std::string header = R"({"M.y.looked_up.table":{"dtype":"F32","shape":[268435456],"data_offsets":[0,)" + std::to_string(kBytes) + "]}}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const uint64_t length = header.size();
  {
    // A file of zeros but for one element, which takes no room on the disk.
    std::ofstream file(weights, std::ios::binary);
    file.write(reinterpret_cast<const char*>(&length), 8);
    file << header;
    const float element = 0.5f;
    file.seekp(static_cast<std::streamoff>(8 + length + kAt * 4));
    file.write(reinterpret_cast<const char*>(&element), sizeof element);
  }
  const auto size = static_cast<int64_t>(8 + length) + kBytes;
  std::filesystem::resize_file(weights, static_cast<uint64_t>(size));
  const std::string package = (folder / "program.aciepkg").string();
  const CommandResult compiled = run(compiler() + " " + source.string() + " -o " + package);
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  const CommandResult ran = run(runner() + " " + package + " q --allow-unsigned --out - --params " + weights.string());
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "y\n0.5\n") << ran.err;

  const int file = open(weights.c_str(), O_RDONLY);
  ASSERT_GE(file, 0);
  void* mapped = mmap(nullptr, static_cast<size_t>(size), PROT_READ, MAP_SHARED, file, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  const int64_t page = sysconf(_SC_PAGESIZE);
  std::vector<unsigned char> present(static_cast<size_t>((size + page - 1) / page));
  ASSERT_EQ(mincore(mapped, static_cast<size_t>(size), present.data()), 0);
  const auto pages = std::count_if(present.begin(), present.end(), [](unsigned char p) { return (p & 1) != 0; });
  munmap(mapped, static_cast<size_t>(size));
  close(file);
  EXPECT_LT(pages * page, int64_t{16} << 20) << pages << " pages of the file are in memory";
}

}  // namespace
}  // namespace acie::testing
